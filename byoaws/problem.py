"""One mistake in a file that a person wrote, and how all that are in one are told at once."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a file."""

    where: str
    """Path inside the file, for example `webhooks.inbound`; empty for the file as a whole."""
    line: int | None
    """1-based line, where known."""
    column: int | None = None
    """1-based column, where known."""
    message: str
    """What is wrong and what would be right."""
    source: str = ""
    """The file that it is in, where that is another than the one that was asked for."""

    def place(self, source: str = "") -> str:
        """Return file, line and column, as far as they are known; `source` is the file that was asked for."""
        known = (self.source or source, self.line, self.column if self.line else None)
        return ":".join(str(part) for part in known if part)


def listed(what: str, source: str, problems: Sequence[Problem]) -> str:
    """Return all mistakes of a file, a line each, below how many there are; `what` is the kind of file."""
    lines = [f"{what} '{source}' has {len(problems)} mistake{'s' if len(problems) != 1 else ''}:"]
    for problem in problems:
        where = f" {problem.where}:" if problem.where else ""
        lines.append(f"  {problem.place(source)}:{where} {problem.message}")
    return "\n".join(lines)
