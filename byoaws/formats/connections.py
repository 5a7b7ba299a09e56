"""Connections for people; the webhook secret is not shown."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.formats.json import connection_as_json
from byoaws.formats.text import abilities, details, probe_table, to_text
from byoaws.model import Connection, ConnectionStatus, Json, VerificationReport

_WIDEST_ALIAS = 24
"""Columns; a longer alias goes on below."""
_UNBOUNDED = 10_000

_STYLES = {
    ConnectionStatus.PENDING: "cyan",
    ConnectionStatus.VERIFIED: "green",
    ConnectionStatus.INSECURE: "bold red",
    ConnectionStatus.FAILED: "red",
    ConnectionStatus.DISCONNECTED: "dim",
}


def table(
    connections: Sequence[Connection],
    look: Look,
    marks: Mapping[str, Sequence[str]] | None = None,
    *,
    folds: bool = False,
) -> str:
    """One line per connection, wider than the terminal if need be: an ID that is cut off is of no use.

    With `folds` it is two lines per connection where one would not fit. `marks` are words by id that stand behind the
    status.
    """
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("ID", "Alias", "Vendor", "Region", "Account", "Status", "Checked"):
        is_alias = title == "Alias"
        shown.add_column(title, no_wrap=not is_alias, overflow="fold", max_width=_WIDEST_ALIAS if is_alias else None)
    for item in connections:
        shown.add_row(
            item.id,
            Text(item.alias),
            item.vendor,
            item.region,
            item.account_id or "-",
            _marked(_status(item), (marks or {}).get(item.id, ())),
            _checked(item),
        )
    # To measure takes as long as to draw, which is seconds where there are many.
    console = Console(width=_UNBOUNDED)
    if folds and Measurement.get(console, console.options, shown).maximum > look.width:
        return to_text(Group(*(line for item in connections for line in _folded(item, marks or {}))), look)
    return to_text(shown, replace(look, width=_UNBOUNDED))


def _folded(connection: Connection, marks: Mapping[str, Sequence[str]]) -> tuple[Text, Text]:
    status = _marked(_status(connection), marks.get(connection.id, ()))
    where = f"{connection.vendor}  {connection.region}  {connection.account_id or 'no account yet'}"
    return (
        Text.assemble((connection.id, "bold"), f"  {connection.alias}  ", status, overflow="fold"),
        Text(f"  {where}  checked {_checked(connection)}", style="dim", overflow="fold"),
    )


def _checked(connection: Connection) -> str:
    return connection.checked_at.strftime("%Y-%m-%d %H:%M") if connection.checked_at else "never"


def _marked(status: Text, marks: Sequence[str]) -> Text:
    for mark in marks:
        status = Text.assemble(status, " ", (f" {mark} ", "bold black on yellow"))
    return status


def _status(connection: Connection) -> Text:
    text = Text(connection.status.value, style=_STYLES[connection.status])
    return Text.assemble(text, " ", (" SANDBOX ", "bold black on yellow")) if connection.sandbox else text


def _reported(said: Mapping[str, Json], connection: Connection) -> Text:
    text = Text(f"{said['stack_id']}\n{said['role_arn']}\nat {said['claimed_at']}: ")
    if said["settled"]:
        return text.append("verified since")
    if connection.status is ConnectionStatus.DISCONNECTED:
        return text.append("disconnected since")
    text.append("waits to be verified", style="bold yellow")
    return text.append(f"\ndo: byoaws connections settle {connection.id}", style="dim")


def card(
    connection: Connection,
    report: VerificationReport | None,
    look: Look,
    reported: Mapping[str, Json] | None = None,
) -> str:
    """Everything about one connection; `reported` is what a stack said of itself, as JSON has it."""
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    for key, value in connection_as_json(connection).items():
        if key == "status":
            rows.add_row(key, _status(connection))
        elif key != "sandbox" and value is not None:
            rows.add_row(key, Text(str(value)))
    if reported:
        rows.add_row("reported", _reported(reported, connection))
    parts: list[RenderableType] = [rows]
    if report:
        at = report.checked_at.strftime("%Y-%m-%d %H:%M:%S UTC")
        parts += [Text(), Text(f"Last verification, {at}: {report.verdict.value}", style="bold")]
        parts += [probe_table(report.probes), *details(report.probes), *abilities(report.capabilities)]
    return to_text(Group(*parts), look)
