"""`byoaws recheck`: verify stored connections again, those that are due, or all, or some."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.fleet_commands.options import FleetChoice, Span, fleet_options, say_what_workers_decide

if TYPE_CHECKING:
    from byoaws.fleet.summary import Summary
    from byoaws.flows.recheck.means import Means

_STATUSES = ("pending", "verified", "insecure", "failed")
_INTERRUPTED = 130


@click.command()
@click.option("--all", "everything", is_flag=True, help="All connections, also those that are not due.")
@options.status_option(*_STATUSES)
@click.option(
    "--older-than", metavar="T", type=Span(1, "s"), help="Only those that were not checked for so long: 24h, 7d."
)
@click.option("--fresh", is_flag=True, help="Begin anew, even if the last such run was interrupted.")
@click.option("--watch", is_flag=True, help="Then go on as `byoaws schedule` does.")
@click.option(
    "--queue", "queued", is_flag=True, help="Leave it to the workers (byoaws worker), and do not wait for them."
)
@fleet_options
@options.vendor_option
@options.profile_option
@options.store_option
@options.format_option("text", "json")
def recheck(
    everything: bool,
    statuses: tuple[str, ...],
    older_than: timedelta | None,
    fresh: bool,
    watch: bool,
    queued: bool,
    fleet: FleetChoice,
    vendor: str | None,
    profile: str | None,
    store: str | None,
    format_name: str,
) -> None:
    """Verify stored connections again, those that are due, or all, or some.

    An interrupted run goes on where it stopped when the same is asked for again. Exit codes: 0 all that were checked
    are verified, 1 some are insecure or failed, 3 some could not be told, another process has them all, or our own
    credentials do not work.
    """
    from byoaws.commands.fleet_commands.queueing import leave
    from byoaws.commands.fleet_commands.running import go_on, run
    from byoaws.commands.progress import fleet_progress
    from byoaws.flows.recheck.means import Request
    from byoaws.flows.recheck.run import recheck as check_again
    from byoaws.model import ConnectionStatus

    _refuse_contradictions(everything=everything, chosen=bool(statuses or older_than), queued=queued, watch=watch)
    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    request = Request(
        statuses=frozenset(map(ConnectionStatus, statuses)) or None,
        older_than=older_than,
        everything=everything,
        fresh=fresh,
        policy=fleet.policy(),
    )
    if queued:
        say_what_workers_decide()
        leave(settings, request, format_name)
        return
    channels = fleet.channels(settings)

    async def work(means: "Means") -> "Summary":
        summary = await check_again(request, means)
        if watch and not summary.interrupted:
            progress.over()  # from here on it prints a line now and then
            _print(summary, format_name)
            await go_on(request.policy, means)
        return summary

    with fleet_progress("checking") as progress:
        summary = run(settings, progress, channels, fleet, work)
    if not watch or summary.interrupted:
        _print(summary, format_name)
    raise SystemExit(_INTERRUPTED if summary.interrupted else summary.exit_code)


def _refuse_contradictions(*, everything: bool, chosen: bool, queued: bool, watch: bool) -> None:
    if everything and chosen:
        raise click.UsageError("--all leaves nothing to choose: leave out --status and --older-than, or --all")
    if queued and watch:
        raise click.UsageError("--queue does not wait, and --watch never ends: leave out one of them")


def _print(summary: "Summary", format_name: str) -> None:
    from byoaws.formats.recheck import as_json, text

    if format_name == "json":
        options.print_result(json.dumps(as_json(summary), indent=2) + "\n")
        return
    if summary.resumed:
        options.note(f"went on with the run that began at {summary.began_at.astimezone():%Y-%m-%d %H:%M:%S}")
    options.print_result(text(summary, options.look()))
    if summary.interrupted:
        options.note("interrupted: the same command goes on from here")
