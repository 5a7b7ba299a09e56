"""Three-valued truth: yes, no, and cannot tell, with what it is that could not be told.

A doubt is about the *request* (a context key whose value nobody gave) or about the *policy* (a value or an operator
that AWS does not document). The difference matters to whoever judges: the first means "it could be so".
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that could not be told."""

    text: str
    """What, in words that can follow "because"."""
    about_policy: bool
    """True if the policy itself is in doubt; False if only a fact about the request is missing."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Yes (`True`), no (`False`) or cannot tell (`None`)."""

    value: bool | None
    doubts: tuple[Doubt, ...] = ()
    """Empty unless `value` is None."""

    def __invert__(self) -> "Truth":
        return self if self.value is None else truth(not self.value)


YES = Truth(True)
NO = Truth(False)


def truth(value: bool) -> Truth:
    """Return YES or NO."""
    return YES if value else NO


def not_known(text: str) -> Truth:
    """Cannot tell, because a fact about the request is missing."""
    return Truth(None, (Doubt(text, about_policy=False),))


def not_documented(text: str) -> Truth:
    """Cannot tell, because AWS does not say what this policy text means, or refuses it."""
    return Truth(None, (Doubt(text, about_policy=True),))


def all_of(parts: Iterable[Truth]) -> Truth:
    """Yes if every part is; one no decides, whatever is in doubt beside it."""
    doubts: dict[Doubt, None] = {}
    for part in parts:
        if part.value is False:
            return NO
        doubts.update(dict.fromkeys(part.doubts))
    return Truth(None, tuple(doubts)) if doubts else YES


def any_of(parts: Iterable[Truth]) -> Truth:
    """Yes if one part is; no only if every part is."""
    return ~all_of(~part for part in parts)
