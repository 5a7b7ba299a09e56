"""A report for people: the verdict, a table of probes, and for each that is not fine what to do."""

from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.model import ProbeResult, Status, Verdict, VerificationReport

_MARKS = {
    Status.PASS: ("✓", "green"),
    Status.WARN: ("!", "yellow"),
    Status.FAIL: ("✗", "bold red"),
    Status.SKIP: ("-", "dim"),
    Status.UNKNOWN: ("?", "magenta"),
}
_VERDICTS = {
    Verdict.VERIFIED: (
        "VERIFIED",
        "bold white on green",
        "opens for us, with this ExternalId, and for nobody we tried",
    ),
    Verdict.INSECURE: ("INSECURE", "bold white on red", "the role opens for someone it must refuse: do not use it"),
    Verdict.FAILED: ("FAILED", "bold white on red", "not connected"),
    Verdict.UNKNOWN: ("UNKNOWN", "bold white on magenta", "could not tell; this says nothing about the customer"),
}


def render(report: VerificationReport, look: Look) -> str:
    """Return the report as text for a terminal of that width."""
    return to_text(
        Group(
            Text(),
            probe_table(report.probes),
            *details(report.probes),
            Text(),
            _verdict_line(report),
        ),
        look,
    )


def to_text(content: RenderableType, look: Look) -> str:
    """Return anything rich can show as text."""
    out = StringIO()
    console = Console(
        file=out,
        width=look.width,
        force_terminal=look.color,
        no_color=not look.color,
        color_system="standard" if look.color else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    console.print(content)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def probe_table(results: tuple[ProbeResult, ...]) -> Table:
    """One line per probe."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, options in {"mark": {}, "code": {"style": "dim"}, "name": {}, "summary": {"overflow": "fold"}}.items():
        table.add_column(name, no_wrap=name != "summary", **options)  # type: ignore[arg-type]
    for result in results:
        mark, style = _MARKS[result.status]
        label = Text(f"{mark} {result.status.value}", style=style)
        table.add_row(label, result.code, result.name, Text(result.summary, style="dim" if mark == "-" else ""))
    return table


def details(results: tuple[ProbeResult, ...]) -> list[RenderableType]:
    """For each result that is not fine: likely causes, what to do, and AWS's own words."""
    shown: list[RenderableType] = []
    for result in results:
        if result.status in (Status.PASS, Status.SKIP) or not (result.causes or result.fix):
            continue
        lines = Table.grid(padding=(0, 2, 0, 0))
        lines.add_column(no_wrap=True, style="dim", width=10)
        lines.add_column(overflow="fold")
        for number, cause in enumerate(result.causes, start=1):
            lines.add_row("likely" if number == 1 else "", f"{number}. {cause}")
        if result.fix:
            lines.add_row("do", result.fix)
        if result.evidence.get("aws_message"):
            lines.add_row("AWS says", Text(f"{result.evidence['aws_message']}", style="italic"))
        title = Text.assemble((f"{result.code} {result.name}", _MARKS[result.status][1]))
        shown += [Text(), title, Padding(lines, (0, 0, 0, 2))]
    return shown


def _verdict_line(report: VerificationReport) -> Table:
    word, style, meaning = _VERDICTS[report.verdict]
    badge = Text.assemble((f" {word} ", style))
    if report.sandbox:
        badge = Text.assemble(badge, " ", (" SANDBOX ", "bold black on yellow"))
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    account = f"account {report.account_id}" if report.account_id else "account not proven"
    line.add_row(badge, f"{account}, {report.region}, for {report.vendor}: {meaning}")
    return line
