"""`${NAME}` and `${NAME:-default}` in the values of a vendor file.

Works on values after YAML was taken apart, and never on what it put in, so that an environment variable can change one
value and nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from byoaws.vendors.document import Document, Path, Value
from byoaws.vendors.words import CONTROL

# `$${` is an escaped `${`; the last branch is a `${` that fits neither form. A default ends at the first `}`.
_REFERENCE = re.compile(
    r"(?P<escape>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>(?:(?!\$\{)[^}])*))?\}|(?P<broken>\$\{)"
)

_LONGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """One value with its variables filled in."""

    text: str
    variables: tuple[str, ...]
    """Those that the environment answered for, in order."""
    mistakes: tuple[str, ...]


def expand(text: str, env: Mapping[str, str]) -> Expansion:
    """Fill in the variables of one value.

    As in a shell, `:-` also replaces a variable that is set and empty. `$${` stands for `${`.
    """
    variables: list[str] = []
    mistakes: list[str] = []

    def replace(match: re.Match[str]) -> str:
        if match["escape"]:
            return "${"
        if match["broken"]:
            mistakes.append("'${' without a variable; write ${NAME} or ${NAME:-default}, or $${ for the characters")
            return ""
        name, default = match["name"], match["default"]
        value = env.get(name)
        if default is not None and not value:
            return default
        if value is None:
            mistakes.append(f"environment variable {name} is not set; set it, or write ${{{name}:-default}}")
            return ""
        if CONTROL.search(value):
            mistakes.append(f"environment variable {name} holds a line break or a control character")
            return ""
        if len(value) > _LONGEST:
            mistakes.append(f"environment variable {name} is longer than {_LONGEST} characters")
            return ""
        variables.append(name)
        return value

    filled = _REFERENCE.sub(replace, text)
    return Expansion(text=filled, variables=tuple(variables), mistakes=tuple(mistakes))


def substitute(document: Document, env: Mapping[str, str]) -> None:
    """Fill in the variables of every value of `document`, in place; keys are left alone."""
    document.value = _fill(document, document.value, (), env)


def _fill(document: Document, value: Value, path: Path, env: Mapping[str, str]) -> Value:
    if isinstance(value, dict):
        return {key: _fill(document, item, (*path, key), env) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(document, item, (*path, index), env) for index, item in enumerate(value)]
    if value is None or "${" not in value:
        return value
    expansion = expand(value, env)
    if expansion.mistakes:
        for mistake in expansion.mistakes:
            document.refuse(path, mistake)
        document.unusable.add(path)
        return None
    if expansion.variables:
        document.variables[path] = expansion.variables
    return expansion.text
