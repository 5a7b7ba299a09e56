"""What a value may look like: five kinds of shapes, of which Mail Manager's conditions and actions are made."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string."""

    values: tuple[str, ...] = ()
    """All that it may be, in AWS's order; empty if it is free."""
    pattern: str = ""
    """A regular expression for the whole of it; empty for any."""
    shortest: int = 0
    """Characters."""
    longest: int | None = None
    """Characters; None for no limit."""
    is_secret: bool = False
    """True for what no message may show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number."""

    least: int | None = None
    most: int | None = None
    whole: bool = True
    """False if it may have a fraction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    of: "Shape"
    fewest: int = 0
    most: int | None = None
    distinct: bool = False
    """True if no text may occur twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """An object with named fields."""

    name: str
    """AWS's name for it."""
    fields: Mapping[str, "Shape"]
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """An object with exactly one of some fields (a union)."""

    name: str
    """AWS's name for it."""
    choices: Mapping[str, "Shape"]


Shape = Text | Number | Items | Fields | OneOf
