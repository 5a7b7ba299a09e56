"""What a run over a fleet came to: one table for people, and as JSON."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from byoaws.fleet.delivery import Delivered
from byoaws.fleet.summary import Summary
from byoaws.formats.interface import Look
from byoaws.formats.text import to_text
from byoaws.model import Json, Verdict

_LINES = (
    (Verdict.VERIFIED, "green", ""),
    (Verdict.INSECURE, "bold red", "the role opens for someone whom it must refuse"),
    (Verdict.FAILED, "red", "byoaws connections list --status failed names them"),
    (Verdict.UNKNOWN, "magenta", "could not tell: their status is as it was"),
)
_SHOWN = 20


def text(summary: Summary, look: Look) -> str:
    """Return the summary for a terminal."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for verdict, style, meaning in _LINES:
        count = summary.verdicts[verdict]
        table.add_row(Text(verdict.value, style if count else "dim"), f"{count:,}", meaning if count else "")
    table.add_row("changed", f"{summary.changed_count:,}", "since their last check" if summary.changed_count else "")
    if summary.refused_count:
        table.add_row(Text("not judged", "magenta"), f"{summary.refused_count:,}", "see below")
    parts: list[RenderableType] = [table]
    parts += _changes(summary)
    parts += [Text(line, overflow="fold") for line in ("", *remarks(summary))]
    return to_text(Group(*parts), look)


def remarks(summary: Summary) -> list[str]:
    """What else there is to say, a sentence each."""
    said = [_pace(summary)]
    if summary.throttles:
        said.append(f"calls that AWS throttled: {summary.throttles:,}")
    if summary.overtaken:
        said.append(f"dropped, since the connection was changed or checked meanwhile: {summary.overtaken:,}")
    if summary.elsewhere:
        what = "has or checked" if summary.interrupted else "checked"
        said.append(f"another process {what} the rest of this run: {summary.elsewhere:,}")
    if summary.counts is not None:
        found = summary.counts
        left_out = {
            "disconnected": found.disconnected,
            "without a role yet": found.without_role,
            "of other vendors (--vendor)": found.other_vendors,
        }
        if named := [f"{count:,} {what}" for what, count in left_out.items() if count]:
            said.append(f"left out: {', '.join(named)}")
    return said + _told(summary.delivered)


def _pace(summary: Summary) -> str:
    count, seconds = summary.checked, summary.seconds
    if not count and summary.counts is not None and not summary.counts.selected:
        return "nothing to check"
    each = count / seconds if seconds >= 1 else 0
    rate = f", {each:,.{0 if each >= 10 else 1}f} a second" if each else ""
    return f"{count:,} checked in {_took(seconds)}{rate}"


def _told(messages: Delivered) -> list[str]:
    said = [f"messages delivered: {messages.delivered:,}"] if messages.delivered else []
    why = f"({messages.why})"
    if messages.failed:
        said.append(f"messages that could not be delivered, and are tried again: {messages.failed:,} {why}")
    if messages.given_up:
        said.append(f"messages that are given up: {messages.given_up:,} {why}")
    return said


def as_json(summary: Summary) -> dict[str, Json]:
    """Return the summary as plain data."""
    return {
        "began_at": summary.began_at.isoformat(timespec="seconds"),
        "resumed": summary.resumed,
        "interrupted": summary.interrupted,
        "checked": summary.checked,
        "verdicts": {verdict.value: summary.verdicts[verdict] for verdict in Verdict},
        "changed": summary.changed_count,
        "changes": [
            {
                "connection_id": one.connection.id,
                "alias": one.connection.alias,
                "before": one.before.value,
                "after": one.connection.status.value,
                "last_error": one.connection.last_error,
            }
            for one in summary.changed
        ],
        "not_asked": summary.refused_count,
        "refusals": [{"connection_id": one.connection.id, "reason": one.reason} for one in summary.refused],
        "overtaken": summary.overtaken,
        "elsewhere": summary.elsewhere,
        "left_out": None
        if summary.counts is None
        else {
            "disconnected": summary.counts.disconnected,
            "without_role": summary.counts.without_role,
            "other_vendors": summary.counts.other_vendors,
        },
        "messages": {
            "delivered": summary.delivered.delivered,
            "failed": summary.delivered.failed,
            "given_up": summary.delivered.given_up,
        },
        "throttles": summary.throttles,
        "seconds": round(summary.seconds, 3),
    }


def _changes(summary: Summary) -> list[RenderableType]:
    rows = [
        (one.connection, f"{one.before.value} → {one.connection.status.value}", one.connection.last_error or "")
        for one in summary.changed[:_SHOWN]
    ]
    rows += [(other.connection, "not judged", other.reason) for other in summary.refused[:_SHOWN]]
    parts: list[RenderableType] = []
    for connection, what, why in rows:
        # The reason has a line of its own, and all of it: beside the rest AWS's messages would be a narrow column.
        parts.append(Text(f"{connection.id}  {connection.alias}  {what}", overflow="fold"))
        parts += [Padding(Text(why, "dim", overflow="fold"), (0, 0, 0, 2))] if why else []
    more = max(0, summary.changed_count - _SHOWN) + max(0, summary.refused_count - _SHOWN)
    parts += [Text(f"and {more:,} more: --format json lists up to 200 of each")] if more else []
    return [Text(), *parts] if parts else []


def _took(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
