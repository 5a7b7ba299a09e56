"""What a format is given, and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass

from byoaws.lint.interface import Linted
from byoaws.model import VerificationReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Where text will be shown."""

    width: int
    """Columns."""
    color: bool


Render = Callable[[VerificationReport, Look], str]
"""Turns a report into text that ends with a newline."""
RenderFindings = Callable[[Linted, Look], str]
"""Turns what came of a lint into text that ends with a newline."""
