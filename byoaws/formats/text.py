"""A report for people: the verdict, a table of probes, and for each that is not fine what to do."""

from dataclasses import replace
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.model import Ability, Capability, ProbeResult, Status, Verdict, VerificationReport
from byoaws.runbooks.sections import PAGE

_WIDEST = 110
"""Columns; longer lines are hard to read."""
_MARKS = {
    Status.PASS: ("✓", "green"),
    Status.WARN: ("!", "yellow"),
    Status.FAIL: ("✗", "bold red"),
    Status.SKIP: ("-", "dim"),
    Status.UNKNOWN: ("?", "magenta"),
}
_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.SKIP, Status.PASS)
_NOT_ASKED = ("not asked", "dim")
_ABILITIES = {
    Ability.YES: ("can", "green"),
    Ability.NO: ("cannot", "bold red"),
    Ability.UNKNOWN: ("could not tell", "magenta"),
    Ability.NOT_OFFERED: ("not used", "dim"),
}
_VERDICTS = {
    Verdict.VERIFIED: (
        "VERIFIED",
        "bold white on green",
        "the role opens for us with this ExternalId, and for nobody else that was tried",
    ),
    Verdict.INSECURE: (
        "INSECURE",
        "bold white on red",
        "the role opens for someone whom it must refuse: do not use it",
    ),
    Verdict.FAILED: ("FAILED", "bold white on red", "the account cannot be used as it is: see above what to do"),
    Verdict.UNKNOWN: ("UNKNOWN", "bold white on magenta", "could not tell; this says nothing about the customer"),
}


def render(report: VerificationReport, look: Look) -> str:
    """Return the report as text for a terminal of that width."""
    return to_text(
        Group(
            Text(),
            Text(report.role_arn or "by access key", style="bold", overflow="fold"),
            Text(),
            probe_table(report.probes),
            *details(report.probes),
            *_more(report),
            *abilities(report.capabilities),
            Text(),
            _verdict_line(report),
        ),
        replace(look, width=min(look.width, _WIDEST)),
    )


def checks(results: tuple[ProbeResult, ...], look: Look) -> str:
    """Return results that are no verification: one line each, and below what to do."""
    return to_text(Group(probe_table(results), *details(results)), replace(look, width=min(look.width, _WIDEST)))


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
    """What is not fine, worst first: likely causes, what to do, and AWS's own words; together what one step mends."""
    groups: dict[str, list[ProbeResult]] = {}
    for result in sorted(results, key=lambda result: _WORST_FIRST.index(result.status)):
        told = result.status in (Status.PASS, Status.SKIP) or "needs" in result.evidence
        if not told and (result.causes or result.fix):
            groups.setdefault(result.fix, []).append(result)
    shown: list[RenderableType] = []
    for group in groups.values():
        title = ", ".join(f"{result.code} {result.name}" for result in group)
        shown += [Text(), Text(title, style=_MARKS[group[0].status][1]), Padding(_advice(group), (0, 0, 0, 2))]
    return shown


def abilities(capabilities: tuple[Capability, ...]) -> list[RenderableType]:
    """What the account can be used for: one line for each answer, with the probes that say so."""
    lines = Table.grid(padding=(0, 2, 0, 0))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    for words, style in (*_ABILITIES.values(), _NOT_ASKED):
        told: dict[str, list[str]] = {}
        for item in capabilities:
            if _said(item) == (words, style):
                told.setdefault(f" ({item.code} {item.probe})" if item.code else "", []).append(item.name)
        if told:
            named = (f"{', '.join(names)}{by}" for by, names in told.items())
            lines.add_row(Text(words, style=style), Text("; ".join(named), style="dim" if style == "dim" else ""))
    return [Text(), lines] if capabilities else []


def _said(item: Capability) -> tuple[str, str]:
    """In words, and their style. What no probe says was not asked of any, which is nothing to be troubled by."""
    return _NOT_ASKED if item.ability is Ability.UNKNOWN and not item.code else _ABILITIES[item.ability]


def _more(report: VerificationReport) -> list[RenderableType]:
    """Where it says more of what is not fine; once, for all of it."""
    if not details(report.probes):
        return []
    subject = "--connection ID" if report.role_arn else f"--vendor {report.vendor}"
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(no_wrap=True, style="dim", width=8)
    line.add_column(overflow="fold")
    line.add_row("more", f"byoaws runbook {PAGE} {subject}")
    return [Padding(line, (0, 0, 0, 2))]


def _advice(group: list[ProbeResult]) -> Table:
    lines = Table.grid(padding=(0, 2, 0, 0))
    lines.add_column(no_wrap=True, style="dim", width=8)
    lines.add_column(overflow="fold")
    # Only the first one's: the others follow from it, and the JSON has them all.
    if group[0].causes:
        causes = Table.grid(padding=(0, 1, 0, 0))
        causes.add_column(no_wrap=True)
        causes.add_column(overflow="fold")
        for number, cause in enumerate(group[0].causes, start=1):
            causes.add_row(f"{number}.", cause)
        lines.add_row("likely", causes)
    if group[0].fix:
        lines.add_row("do", group[0].fix)
    said = ((str(result.evidence.get("aws_message") or ""), result.evidence.get("failure")) for result in group)
    for words, failure in dict.fromkeys(said):
        if words:
            lines.add_row("AWS says", Text(words, style="italic"))
        if words and failure:
            lines.add_row("", f"{failure} in byoaws runbook aws-errors")
    return lines


def _verdict_line(report: VerificationReport) -> Table:
    word, style, meaning = _VERDICTS[report.verdict]
    badge = Text.assemble((f" {word} ", style))
    if report.sandbox:
        badge = Text.assemble(badge, " ", (" SANDBOX ", "bold black on yellow"))
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    account = f"account {report.account_id}" if report.account_id else "account not proven"
    line.add_row(badge, f"{account}, {report.region}, for {report.vendor}")
    if report.verdict is Verdict.VERIFIED and report.role_arn is None:
        meaning = "the keys work, and may do what could be tried"
    line.add_row("", Text(meaning, style="bold"))
    return line
