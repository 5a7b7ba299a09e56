"""One warning of `byoaws vendor check`, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One warning."""

    code: str
    name: str
    summary: str
    """What it is, with the names at hand."""
    fix: str
    """What to do, or to weigh."""
