"""What a run over a fleet came to: one table for people, and as JSON."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from byoaws.fleet.summary import Summary
from byoaws.formats.interface import Look
from byoaws.formats.text import to_text
from byoaws.model import Json, Verdict

_LINES = (
    (Verdict.VERIFIED, "green", ""),
    (Verdict.INSECURE, "bold red", "the role opens for someone whom it must refuse"),
    (Verdict.FAILED, "red", "byoaws connections show ID says why"),
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
        table.add_row(Text("not asked", "magenta"), f"{summary.refused_count:,}", "see below")
    parts: list[RenderableType] = [table]
    parts += _changes(summary)
    parts += [Text(line, overflow="fold") for line in ("", *remarks(summary))]
    return to_text(Group(*parts), look)


def remarks(summary: Summary) -> list[str]:
    """What else there is to say, a sentence each."""
    rate = f", {summary.checked / summary.seconds:,.0f} a second" if summary.seconds >= 1 else ""
    said = [f"{summary.checked:,} checked in {_took(summary.seconds)}{rate}"]
    if summary.throttles:
        said.append(f"calls that AWS throttled: {summary.throttles:,}")
    if summary.overtaken:
        said.append(f"dropped, since the connection was changed or checked meanwhile: {summary.overtaken:,}")
    if summary.counts is not None:
        found = summary.counts
        left_out = {
            "disconnected": found.disconnected,
            "without a role yet": found.without_role,
            "of other vendors (--vendor)": found.other_vendors,
        }
        if named := [f"{count:,} {what}" for what, count in left_out.items() if count]:
            said.append(f"left out: {', '.join(named)}")
    told = summary.delivered
    if told.delivered:
        said.append(f"messages delivered: {told.delivered:,}")
    if told.failed or told.given_up:
        said.append(f"messages that could not be delivered: {told.failed + told.given_up:,} ({told.last_error})")
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
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=24)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", overflow="fold", ratio=1)
    for one in summary.changed[:_SHOWN]:
        now = one.connection
        table.add_row(now.id, Text(now.alias), f"{one.before.value} → {now.status.value}", Text(now.last_error or ""))
    for other in summary.refused[:_SHOWN]:
        table.add_row(other.connection.id, Text(other.connection.alias), "not asked", Text(other.reason))
    more = max(0, summary.changed_count - _SHOWN) + max(0, summary.refused_count - _SHOWN)
    if more:
        table.add_row(f"and {more:,} more", "", "", "--format json lists more")
    return [Text(), table] if table.row_count else []


def _took(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
