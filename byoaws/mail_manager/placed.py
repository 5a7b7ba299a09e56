"""A translated value that knows where in the file it came from, so that what is wrong with it is told there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.mail_manager.check import UNKNOWN, Path
from byoaws.pipeline import FromParameter, Given, Part

BROKEN = object()
"""Stands for a value that was refused already."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A value, or a mapping or a list of such."""

    value: Any
    path: Path

    @property
    def broken(self) -> bool:
        """True if it was refused already."""
        return self.value is BROKEN


def view(value: Any, path: Path) -> tuple[Any, Path]:
    """What `check` sees of a value: what only a stack knows, and what was refused already, may be right."""
    if not isinstance(value, Placed):
        return value, path
    inner = value.value
    only_later = inner is BROKEN or isinstance(inner, FromParameter | Given | Part)
    return (UNKNOWN if only_later else inner), value.path


def bare(value: Any) -> Any:
    """Return the value alone, all the way down."""
    if isinstance(value, Placed):
        return bare(value.value)
    if isinstance(value, Mapping):
        return {key: bare(item) for key, item in value.items()}
    if isinstance(value, list):
        return [bare(item) for item in value]
    return value
