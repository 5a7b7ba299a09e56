"""What a preflight found, for people: a table, what to do, and the values to use."""

from dataclasses import replace

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.formats.text import details, probe_table, to_text
from byoaws.lifecycle.preflight import Preflight

_WIDEST = 110
_MEANING = {
    0: ("READY", "bold white on green", "nothing is in the way of the stack"),
    1: ("NOT READY", "bold white on red", "something is in the way of the stack: see above what to do"),
    3: ("UNKNOWN", "bold white on magenta", "could not tell all of it; what was seen is in no way"),
}


def render(found: Preflight, look: Look) -> str:
    """Return the result as text for a terminal of that width."""
    word, style, meaning = _MEANING[found.exit_code]
    parts: list[RenderableType] = [Text(), probe_table(found.checks), *details(found.checks)]
    if found.advice:
        parts += [Text(), Text("Values to use", style="bold"), _values(found)]
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(
        Text(f" {word} ", style=style),
        f"account {found.account_id}, {found.region}, stack '{found.stack_name}' of {found.vendor}",
    )
    line.add_row("", Text(meaning, style="bold"))
    parts += [Text(), line]
    return to_text(Group(*parts), replace(look, width=min(look.width, _WIDEST)))


def _values(found: Preflight) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", style="dim")
    for advice in found.advice:
        value = "<yours to say>" if advice.value is None else advice.value or "(empty)"
        table.add_row(f"  {advice.parameter}", Text(value), advice.why)
    return table
