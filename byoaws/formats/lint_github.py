"""Findings as workflow commands, which GitHub Actions shows beside the lines that they are about.

Source: GitHub's documentation, "Workflow commands for GitHub Actions"; what must be escaped is from actions/toolkit,
`packages/core/src/command.ts`. A line that a template could begin would be a command of its own, such as one that
sets a variable, so nothing is printed that is not escaped.
"""

from byoaws.formats.interface import Look
from byoaws.formats.lint_places import relative
from byoaws.formats.lint_text import counts, plain
from byoaws.lint.interface import Linted
from byoaws.model import Finding

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(linted: Linted, look: Look) -> str:
    """Return one command per finding, and a line of counts."""
    return "\n".join([*(_command(item, linted.folder) for item in linted.findings), counts(linted)]) + "\n"


def _command(item: Finding, folder: str) -> str:
    properties = {"file": relative(item.path, folder), "line": str(item.line), "col": str(item.column)}
    # GitHub takes a last column on the same line only.
    if item.end_line > item.line:
        properties["endLine"] = str(item.end_line)
    elif item.end_column > item.column:
        properties["endColumn"] = str(item.end_column)
    properties["title"] = f"{item.code} {item.title}".strip()
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = item.message + (f"\nfix: {item.fix}" if item.fix else "")
    return f"::{_COMMANDS[item.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    lines = (plain(line).replace("%", "%25") for line in text.split("\n"))
    return "%0A".join(lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
