"""What a format is given, and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass

from byoaws.model import VerificationReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where text will be shown."""

    width: int
    """Columns."""
    color: bool


Render = Callable[[VerificationReport, Look], str]
"""Turns a report into text that ends with a newline."""
