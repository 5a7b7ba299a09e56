"""Findings for people: one per mistake, its place first, the way out below.

Templates come from others too: what they say is shown without control characters, which a terminal would obey.
"""

from collections import Counter
from collections.abc import Sequence

from byoaws.model import Finding

# ANSI colours: red, yellow, blue.
_COLORS = {"error": "31", "warning": "33", "info": "34"}


def render(findings: Sequence[Finding], *, color: bool) -> str:
    """Return the findings as text, with a line of counts at the end."""
    lines: list[str] = []
    for item in findings:
        severity = f"\x1b[{_COLORS[item.severity]}m{item.severity}\x1b[0m" if color else item.severity
        place = f"{_plain(item.path)}:{item.line}:{item.column}"
        lines.append(f"{place}: {severity} {item.code}: {_plain(item.message)}")
        if item.fix:
            lines.append(f"    fix: {_plain(item.fix)}")
    counts = Counter(item.severity for item in findings)
    found = ", ".join(f"{counts[kind]} {kind}{'s' if counts[kind] != 1 else ''}" for kind in _COLORS if counts[kind])
    lines.append(found or "no findings")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
