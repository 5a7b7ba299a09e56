"""`byoaws inbound backfill`: post again what came within a span of time."""

import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.inbound_commands.replaying import RATE, Whose, messages, refuse_rate, whose_options

if TYPE_CHECKING:
    from byoaws.flows.inbound.backfill import Amount, Span
    from byoaws.flows.inbound.door import Door, Place


@click.command()
@whose_options
@click.option("--since", metavar="TIME", required=True, help="2026-11-21T09:30Z; or 90m, 6h, 3d for that long ago.")
@click.option("--until", metavar="TIME", callback=options.not_empty, help="Before then. [default: now]")
@click.option("--prefix", metavar="P", default="inbound/", show_default=True, help="Only keys that begin so.")
@click.option("--after", metavar="KEY", default="", help="Only keys behind this one, as an interrupted run says it.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--yes", is_flag=True, help="Do not ask, however many. Needed above 1000 where there is no terminal.")
@options.format_option("text", "json")
def backfill(
    whose: Whose,
    rate: float,
    since: str,
    until: str | None,
    prefix: str,
    after: str,
    dry_run: bool,
    yes: bool,
    format_name: str,
) -> None:
    """Post again everything that came into the bucket within a span of time.

    Needs the pack inbound-replay. Each message has the id that it had before, so that a receiver drops what it has. In
    the order of keys; interrupted, it says where to go on. Exit codes: 0 done, 1 the
    question was answered with no, 3 could not tell.
    """
    from byoaws import factory
    from byoaws.commands.progress import asking
    from byoaws.flows.inbound import backfill as flow

    span = flow.span(since=since, until=until, prefix=prefix, after=after, now=factory.now())
    refuse_rate(rate)
    door, place = whose.open()
    with asking("counting"):
        amount = flow.amount(door, place, span)
    posted = 0
    if not dry_run:
        _agree(amount, rate, yes=yes)
        posted = _post(door, place, span, amount, rate, whose)
    if format_name == "json":
        told = {"since": flow.written(span.since), "until": flow.written(span.until), "prefix": prefix, "after": after}
        counts = {"found": amount.messages, "bytes": amount.size, "posted": posted}
        options.print_result(json.dumps({"dry_run": dry_run, **told, **counts}, indent=2) + "\n")
        return
    when = f"from {flow.written(span.since)} to {flow.written(span.until)}"
    if dry_run:
        options.print_result(f"{messages(amount.messages)} ({_bytes(amount.size)}) {when} would be posted again\n")
    else:
        options.print_result(f"{messages(posted)} {when} handed to the forwarder, to be posted again\n")


def _agree(amount: "Amount", rate: float, *, yes: bool) -> None:
    from byoaws.flows.inbound.backfill import ASK_ABOVE

    if yes or amount.messages <= ASK_ABOVE:
        return
    question = f"{amount.messages:,} messages ({_bytes(amount.size)}), about {_time(amount.messages / rate)}"
    if not options.on_terminal():
        raise click.UsageError(f"it would post {question} again; --yes does it without a question")
    if not click.confirm(f"Post {question} again?", err=True):
        options.note("nothing was posted")
        raise SystemExit(1)


def _post(door: "Door", place: "Place", span: "Span", amount: "Amount", rate: float, whose: Whose) -> int:
    from byoaws.commands.progress import counting
    from byoaws.flows.inbound import backfill as flow
    from byoaws.flows.inbound.door import Pace

    posted, last, whole = 0, span.after, False
    try:
        with counting("posting again", amount.messages) as advance:
            for item in flow.backfill(door, place, span, Pace(rate, door.clock)):
                posted, last = posted + 1, item.key
                advance()
        whole = True
    finally:
        if not whole:
            options.note(f"{posted:,} of {messages(amount.messages)} done. To go on:")
            options.note(_go_on(replace(span, after=last), rate, whose))
    return posted


def _go_on(span: "Span", rate: float, whose: Whose) -> str:
    from byoaws.flows.inbound.backfill import PREFIX, written

    words = ["byoaws", "inbound", "backfill", *whose.words()]
    words += ["--since", written(span.since), "--until", written(span.until)]
    words += ["--prefix", span.prefix] if span.prefix != PREFIX else []
    words += ["--after", span.after] if span.after else []
    words += ["--rate", f"{rate:g}"] if rate != RATE else []
    return " ".join(map(_word, words))


def _word(text: str) -> str:
    """One word of a shell command, fit for a terminal: a key is whatever somebody called an object in that bucket."""
    if text.isprintable():
        return shlex.quote(text)
    # As bash, zsh and ksh read it.
    plain = (char if char.isprintable() and char not in "\\'" else _escaped(char) for char in text)
    return f"$'{''.join(plain)}'"


def _escaped(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode())


def _bytes(size: int) -> str:
    unit = "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if size < 1024:
            break
        size, unit = size // 1024, larger
    return f"{size:,} {unit}"


def _time(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
