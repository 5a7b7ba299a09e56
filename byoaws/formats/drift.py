"""What was changed by hand in a stack, for people."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.formats.text import to_text
from byoaws.lifecycle.drift import Drift, Held, Row
from byoaws.vendors.words import plain

_WIDEST = 110
_STYLES = {Held.SAME: ("✓", "green"), Held.DIFFERS: ("✗", "bold red"), Held.UNKNOWN: ("?", "magenta")}
_MEANING = {
    0: ("everything that was looked at is as the template says", "bold green"),
    1: (
        "something differs from the template: the customer puts it back; an upgrade only what it changes itself",
        "bold red",
    ),
    3: ("could not tell all of it; nothing that was seen differs", "bold magenta"),
}


def render(found: Drift, look: Look) -> str:
    """Return it as text for a terminal of that width."""
    version = found.version or "version not known"
    head = f"stack '{plain(found.stack_name)}' in {found.region}, against template {version}"
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for row in _gathered(found.rows):
        mark, style = _STYLES[row.held]
        table.add_row(Text(f"{mark} {row.held.value}", style=style), row.what, _said(row))
    parts: list[RenderableType] = [Text(head, style="bold"), Text(), table]
    parts += [Text(f"note: {note}", style="dim") for note in found.notes]
    lacking = sorted({row.permission for row in found.rows if row.permission and row.held is Held.UNKNOWN})
    if lacking:
        parts.append(Text(f"note: the role lacks {', '.join(lacking)}; the pack 'drift-read' has them", style="dim"))
    meaning, style = _MEANING[found.exit_code]
    return to_text(Group(*parts, Text(), Text(meaning, style=style)), replace(look, width=min(look.width, _WIDEST)))


def _gathered(rows: Iterable[Row]) -> Iterator[Row]:
    """One row for all resources of which the same is to be said: what differs must not be lost among them."""
    found: dict[str, dict[tuple[object, ...], list[Row]]] = {}
    for row in rows:
        alone = row.resource if row.held is Held.DIFFERS else ""
        found.setdefault(row.what, {}).setdefault((row.held, row.details, alone), []).append(row)
    for groups in found.values():
        for alike in sorted(groups.values(), key=lambda group: group[0].held is Held.SAME):
            resources = ", ".join(row.resource for row in alike)
            yield Row(what=alike[0].what, resource=resources, held=alike[0].held, details=alike[0].details)


def _said(row: Row) -> Text:
    text = Text(plain(row.resource, 500))
    for detail in row.details:
        text.append(f"\n{plain(detail, 500)}", style="dim" if row.held is Held.UNKNOWN else "")
    return text
