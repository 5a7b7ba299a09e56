"""Findings for people: by file, one per mistake, its place first, the way out below.

Templates come from others too: what they say is shown without control characters, which a terminal would obey.
"""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from byoaws.formats.interface import Look
from byoaws.lint.interface import Linted
from byoaws.model import Finding

# ANSI colours: red, yellow, blue.
_COLORS = {"error": "31", "warning": "33", "info": "34"}
_BOLD, _DIM = "1", "2"
_WIDEST = 110
_NARROWEST = 30
"""Columns of a message; a longer line is better than one word on each."""


def render(linted: Linted, look: Look) -> str:
    """Return the findings as text, with a line of counts at the end."""
    paint = _paint if look.color else _plain_paint
    lines: list[str] = []
    for path, found in groupby(linted.findings, key=lambda one: one.path):
        lines += [paint(plain(path), _BOLD), *_block(list(found), min(look.width, _WIDEST), paint), ""]
    return "\n".join([*lines, counts(linted)]) + "\n"


def counts(linted: Linted) -> str:
    """Return how many findings there are of each severity, and in how many files where these are several."""
    number = Counter(item.severity for item in linted.findings)
    found = ", ".join(f"{number[kind]} {kind}{'s' if number[kind] != 1 else ''}" for kind in _COLORS if number[kind])
    where = ""
    if len(linted.files) != 1:
        wrong = len({item.path for item in linted.findings})
        where = f" in {wrong} of {len(linted.files)} files" if found else f" in {len(linted.files)} files"
    return (found or "no findings") + where


def plain(text: str) -> str:
    """Return the text without what a terminal, or a log, would obey."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _block(found: Sequence[Finding], width: int, paint: Callable[[str, str], str]) -> Iterator[str]:
    places = [f"{item.line}:{item.column}" for item in found]
    columns = [
        max(map(len, column)) for column in (places, [one.severity for one in found], [one.code for one in found])
    ]
    margin = 2 + sum(columns) + 2 * len(columns)
    for place, item in zip(places, found, strict=True):
        head = f"  {place:>{columns[0]}}  "
        severity = paint(item.severity, _COLORS[item.severity]) + " " * (columns[1] - len(item.severity))
        message, *more = _wrapped(plain(item.message), width - margin)
        yield f"{head}{severity}  {paint(item.code.ljust(columns[2]), _DIM)}  {message}"
        fix = _wrapped(f"fix: {plain(item.fix)}", width - margin) if item.fix else []
        yield from (" " * margin + line for line in [*more, *fix])


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of that width; an ARN stays in one piece, so that it can be copied."""
    width = max(width, _NARROWEST)
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _paint(text: str, color: str) -> str:
    return f"\x1b[{color}m{text}\x1b[0m"


def _plain_paint(text: str, color: str) -> str:
    return text
