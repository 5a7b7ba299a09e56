"""What an upgrade would do, for people."""

import textwrap
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.formats.text import to_text
from byoaws.lifecycle.changes import LOSES, Change, Effect
from byoaws.lifecycle.upgrade import Upgrade
from byoaws.vendors.words import plain

_WIDEST = 110
_STYLES = {
    Effect.IN_PLACE: "green",
    Effect.ADDS: "green",
    Effect.LEAVES: "yellow",
    Effect.MAY_REPLACE: "bold yellow",
    Effect.REPLACES: "bold red",
    Effect.DELETES: "bold red",
}


def render(found: Upgrade, look: Look) -> str:
    """Return it as text for a terminal of that width; the command stands on lines of its own, to be copied."""
    source = {"stack": "", "recorded": " (as recorded)", "": ""}[found.read_from]
    head = (
        f"stack '{plain(found.stack_name)}' in {found.region}: {found.deployed_version or 'version not known'}{source}"
    )
    parts: list[RenderableType] = [Text(f"{head} -> {found.target_version}", style="bold")]
    if found.changes:
        parts += [Text(), _table(found)]
    parts += [Text(f"note: {note}", style="dim") for note in found.notes]
    if found.gone_parameters:
        parts.append(Text(f"note: parameters that go: {', '.join(map(plain, found.gone_parameters))}", style="dim"))
    text = to_text(Group(*parts, Text(), _verdict(found)), replace(look, width=min(look.width, _WIDEST)))
    if not found.command:
        return text
    steps = "".join(_step(f"  {number}. ", step, look) for number, step in enumerate(found.steps, start=1))
    return f"{text}\n{found.command}\n\nor in the console:\n{steps}"


def _step(head: str, step: str, look: Look) -> str:
    """Folded at spaces only: a URL that is broken cannot be copied."""
    lines = textwrap.wrap(
        plain(step, 2000),
        min(look.width, _WIDEST) - len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return head + f"\n{' ' * len(head)}".join(lines) + "\n"


def _verdict(found: Upgrade) -> RenderableType:
    if not found.read_from:
        return Text("could not tell which template the stack has, so nothing can be said of an upgrade", style="bold")
    if found.up_to_date:
        return Text("nothing to do: the stack has this very template", style="bold green")
    if found.refused:
        names = ", ".join(plain(name) for name in found.refused)
        options = " ".join(f"--allow-replacement {plain(name)}" for name in found.refused)
        lines: list[RenderableType] = [
            Text(f"refused: {names} would be replaced or deleted", style="bold red"),
            Padding(Text(f"if that is meant: {options}"), (0, 0, 0, 2)),
        ]
        return Group(*lines)
    return Text("the customer makes this change set, reads it, and executes it:", style="bold")


def _table(found: Upgrade) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for change in sorted(found.changes, key=lambda change: -change.effect):
        mark = Text(change.effect.word, style=_STYLES[change.effect])
        table.add_row(mark, Text(plain(change.name)), _what(change))
    return table


def _what(change: Change) -> Text:
    text = Text()
    for label, applies in ((" TRUST ", change.trust), (" PERMISSIONS ", change.permissions)):
        if applies:
            text.append(label, style="bold black on yellow").append(" ")
    paths = []
    for item in change.properties:
        worst = f" ({item.effect.word})" if item.effect in LOSES and len(change.properties) > 1 else ""
        paths.append(plain(item.path or "all of it", 120) + worst)
    words = [*paths[:6], *([f"{len(paths) - 6} more"] if len(paths) > 6 else [])]
    text.append(", ".join(words) or plain(change.kind))
    return text.append(f"; {plain(change.because, 200)}" if change.because else "")
