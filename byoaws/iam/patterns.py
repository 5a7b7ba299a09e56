"""Text with `*` and `?`, matched in time proportional to text times pattern, whatever an attacker writes.

A pattern is a tuple of single characters and wildcards, because a policy variable may put a literal `*` into it.
"""

import enum
import functools
import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias


class Wildcard(enum.Enum):
    """What stands for other characters."""

    ANY = "*"
    """Any run of characters, also none."""
    ONE = "?"
    """Exactly one character."""


Pattern: TypeAlias = tuple[str | Wildcard, ...]

_WILDCARDS = {wildcard.value: wildcard for wildcard in Wildcard}
# What stands before the first wildcard.
_FIRM = re.compile(r"[^*?]*")
ARN_PARTS = 6


def literal(text: str) -> Pattern:
    """Return the pattern that matches only `text`."""
    return tuple(text)


def wild(text: str) -> Pattern:
    """Return the pattern in which `*` and `?` are wildcards."""
    return tuple(_WILDCARDS.get(character, character) for character in text)


def has_wildcard(pattern: Pattern) -> bool:
    """True if the pattern matches more than one text."""
    return any(isinstance(part, Wildcard) for part in pattern)


def as_text(pattern: Pattern) -> str:
    """Return the pattern with its wildcards as plain characters, as operators without wildcards compare it."""
    return "".join(part.value if isinstance(part, Wildcard) else part for part in pattern)


def matches(pattern: Sequence[str | Wildcard], text: str) -> bool:
    """True if the whole of `text` matches.

    Greedy with one point of return: only the last `*` ever needs to take more.
    """
    at = used = 0
    star: int | None = None
    star_at = 0
    while at < len(text):
        part = pattern[used] if used < len(pattern) else None
        if part is Wildcard.ANY:
            star, star_at = used, at
            used += 1
        elif part is Wildcard.ONE or part == text[at]:
            at, used = at + 1, used + 1
        elif star is not None:
            star_at += 1
            at, used = star_at, star + 1
        else:
            return False
    return all(part is Wildcard.ANY for part in pattern[used:])


@functools.lru_cache(maxsize=4096)
def alike(pattern: str, text: str) -> bool:
    """True if `text` matches `wild(pattern)`; remembered, as thousands of calls are held against the same few lines."""
    firm = len(_FIRM.match(pattern)[0])  # type: ignore[index]  # it matches anything, if only an empty beginning
    if firm == len(pattern):
        return pattern == text
    return text.startswith(pattern[:firm]) and matches(wild(pattern[firm:]), text[firm:])


def matches_arn(pattern: Pattern, text: str) -> bool | None:
    """True if each of the six parts of an ARN matches; None if `pattern` has no six parts.

    Source: "IAM JSON policy elements: Condition operators", ARN operators: "each of the six colon-delimited components
    of the ARN is checked separately". A `*` never reaches over a colon, except in the last part.
    """
    wanted = _split(pattern)
    found = text.split(":", ARN_PARTS - 1)
    if len(wanted) != ARN_PARTS:
        return None
    return len(found) == ARN_PARTS and all(matches(*pair) for pair in zip(wanted, found, strict=True))


def _split(pattern: Iterable[str | Wildcard]) -> list[list[str | Wildcard]]:
    parts: list[list[str | Wildcard]] = [[]]
    for part in pattern:
        if part == ":" and len(parts) < ARN_PARTS:
            parts.append([])
        else:
            parts[-1].append(part)
    return parts
