"""Defaults of secret parameters: who may read the template knows them, and a stack made in haste keeps them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.secrets.disclosure import is_secret_parameter
from byoaws.lint.worlds.expressions import is_no_echo, text
from byoaws.lint.worlds.literals import is_key, is_secret, points_elsewhere
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.walk import Mistake

# Masked out of caution, and not what opens a door.
_WHO = re.compile(r"(user|user_?name|login|e?mail)$", re.IGNORECASE)


def secret_defaults(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the secret parameters that have a default: a real one, or an empty one that a stack may be left with."""
    parameters = template.get("Parameters")
    # Who asks in a condition whether the secret was given means it to be optional.
    asked = frozenset(mentions(template.get("Conditions")))
    found: list[Mistake] = []
    for name, parameter in parameters.items() if isinstance(parameters, Mapping) else ():
        if isinstance(parameter, Mapping) and "Default" in parameter and _is_text(parameter):
            found += _judge(str(name), parameter, is_optional=name in asked)
    return found


def _is_text(parameter: Mapping[str, Any]) -> bool:
    """False where the default is the name of an SSM parameter, or one of a few words."""
    return not str(parameter.get("Type", "")).startswith("AWS::") and "AllowedValues" not in parameter


def _judge(name: str, parameter: Mapping[str, Any], *, is_optional: bool) -> Iterator[Mistake]:
    hidden = is_no_echo(parameter)
    if not hidden and not is_secret_parameter(name, parameter):
        return
    default = text(parameter["Default"])
    if _WHO.search(name) and not is_key(default):
        return
    path = ("Parameters", name, "Default")
    kind = "NoEcho parameter" if hidden else "secret parameter"
    is_real = not points_elsewhere(default) if hidden else is_secret(name, default)
    if is_real:
        yield Mistake(path=path, message=f"{kind} '{name}' has its secret written out in Default, for all to read")
    elif not default.strip() and not is_optional:
        yield Mistake(
            path=path,
            message=f"{kind} '{name}' has an empty Default: a stack may silently be made without the secret",
            fix="leave Default out and set MinLength, or have the stack make the secret (GenerateSecretString)",
            severity="warning",
        )
