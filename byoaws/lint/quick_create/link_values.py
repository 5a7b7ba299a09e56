"""What is wrong with the values that a Quick-Create link gives a stack's parameters. The values are never shown."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.errors import UsageError
from byoaws.lint.worlds.expressions import is_no_echo
from byoaws.quickcreate import external_id
from byoaws.quickcreate.check import value_problems

_EXTERNAL_ID = re.compile(r"external_?id$", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"<[A-Za-z][\w .-]*>|\{\{.*\}\}|\$\{[^}]*\}|(?:your|my)[-_].*|.*(?:change|replace)[-_]?me.*|x{4,}|todo|tbd",
    re.IGNORECASE,
)
# Bits below which whoever knows one ExternalId may hit upon another; byoaws mints 192.
_GUESSABLE = 64
_CLASSES = ((r"[0-9]", 10), (r"[a-f]", 6), (r"[g-z]", 20), (r"[A-Z]", 26), (r"[^0-9A-Za-z]", 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMistake:
    """One fault of a link."""

    message: str
    fix: str
    parameter: str | None = None
    """Whose value is wrong; None where it is the link itself."""
    severity: str = "error"


def is_external_id(name: str, known: str) -> bool:
    """True for the parameter that is known to hold the ExternalId, and for one that is called so."""
    return name == known or _EXTERNAL_ID.search(name) is not None


def is_placeholder(value: str) -> bool:
    """True for what stands in examples where a value belongs: `<EXTERNAL_ID>`, `{{url}}`, `your-account`."""
    return _PLACEHOLDER.fullmatch(value) is not None


def value_mistakes(name: str, value: str, declaration: Any, *, is_external_id: bool) -> list[LinkMistake]:
    """Say what is wrong with the value that a link gives a parameter.

    Args:
        name: Of the parameter.
        value: As the console decodes it.
        declaration: What the template says of it; anything else than a mapping if it has none.
        is_external_id: Whether it holds the ExternalId.
    """
    if is_placeholder(value):
        message = f"the link gives parameter '{name}' a placeholder that nobody filled in"
        return [LinkMistake(message=message, fix="give the value of this customer", parameter=name)]
    found = []
    if isinstance(declaration, Mapping) and not is_no_echo(declaration):
        try:
            found = [_refused(name, why) for why in value_problems(name, value, declaration)][:1]
        except (ValueError, TypeError, re.error):
            found = []  # what is wrong with the declaration cfn-lint says
    return found or (list(_external_id(name, value)) if is_external_id else [])


def _refused(name: str, why: str) -> LinkMistake:
    return LinkMistake(
        message=f"the link does not fit its template: {why}",
        fix=f"give '{name}' a value that the template takes",
        parameter=name,
    )


def _external_id(name: str, value: str) -> Iterator[LinkMistake]:
    fix = "let 'byoaws link' mint one: it must be the vendor's choice, and nobody's guess"
    if not value:
        yield LinkMistake(message=f"the link gives an empty ExternalId ('{name}')", fix=fix, parameter=name)
        return
    try:
        external_id.check(value)
    except UsageError as error:
        yield LinkMistake(message=error.message, fix=error.hint or fix, parameter=name)
        return
    if _bits(value) < _GUESSABLE:
        message = f"the ExternalId in the link ('{name}') is easily guessed, or told from another customer's"
        yield LinkMistake(message=message, fix=fix, parameter=name, severity="warning")


def _bits(value: str) -> float:
    """Return how many bits a text of such characters can hold at most."""
    size = sum(count for pattern, count in _CLASSES if re.search(pattern, value))
    return min(len(value), 4 * len(set(value))) * math.log2(max(size, 2))
