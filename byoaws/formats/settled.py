"""What became of the claims of stacks: for people a line each, and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.formats.json import report_as_json
from byoaws.formats.text import to_text
from byoaws.model import Json, VerificationReport

_WIDEST = 110
_WIDEST_ALIAS = 24
_FINE = {"verified": "green", "settled": "green"}
_STYLES = {**_FINE, "unknown": "magenta"}


def as_json(row: Mapping[str, Json], report: VerificationReport | None) -> dict[str, Json]:
    """Return one of them as plain data, with what the probes found."""
    return {**row, "report": None if report is None else report_as_json(report)}


def table(rows: Sequence[Mapping[str, Json]], look: Look) -> str:
    """Return a line for each; and below, of those that are not fine, what was found and what to do."""
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("ID", "Alias", "Account", "Outcome"):
        is_alias = title == "Alias"
        shown.add_column(title, no_wrap=not is_alias, overflow="fold", max_width=_WIDEST_ALIAS if is_alias else None)
    parts: list[RenderableType] = [shown]
    for row in rows:
        identifier, outcome = str(row["connection_id"]), str(row["outcome"])
        account = str(row["role_arn"]).split(":")[4]
        shown.add_row(identifier, Text(str(row["alias"])), account, Text(outcome, _STYLES.get(outcome, "red")))
        if outcome not in _FINE:
            parts += [Text(), Text(identifier, style="bold"), Padding(_details(row), (0, 0, 0, 2))]
    return to_text(Group(*parts), replace(look, width=min(look.width, _WIDEST)))


def _details(row: Mapping[str, Json]) -> Table:
    lines = Table.grid(padding=(0, 2, 0, 0))
    lines.add_column(style="dim", no_wrap=True)
    lines.add_column(overflow="fold")
    for name, text in (("role", row["role_arn"]), ("found", row["message"]), ("do", row["todo"])):
        if text:
            lines.add_row(name, Text(str(text)))
    return lines
