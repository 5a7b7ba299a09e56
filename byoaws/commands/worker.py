"""`byoaws worker`: go on verifying stored connections together with other workers."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.fleet_commands.options import metrics_options, pace_options, policy_options, telling_options

if TYPE_CHECKING:
    from byoaws.flows.recheck_means import Means


@click.command()
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=100,
    show_default=True,
    help="Connections of one job: what is repeated, at most, when a worker is killed.",
)
@pace_options
@policy_options
@telling_options
@metrics_options
@options.vendor_option
@options.profile_option
@options.store_option
def worker(
    batch: int,
    rate: int,
    concurrency: int,
    period: timedelta,
    soon: timedelta,
    hold: int,
    notify_webhook: str | None,
    notify_mail: str | None,
    notify_from: str | None,
    notify_command: str | None,
    metrics_port: int | None,
    metrics_host: str,
    metrics_file: Path | None,
    vendor: str | None,
    profile: str | None,
    store: str | None,
) -> None:
    """Go on verifying stored connections together with other workers, on any number of machines.

    Workers share a store on PostgreSQL, and a queue beside it: what falls due is checked by whichever is free, and so
    is what `byoaws recheck --queue` leaves to them. They share --rate, too: give each of them the same. SIGTERM or
    Ctrl-C ends a worker once the checks that are under way are done; one that is killed loses nothing. Exit codes: 0 it
    was stopped, 3 our own credentials do not work, or the database does not answer: start it again.
    """
    from byoaws import factory
    from byoaws.commands.fleet_commands.running import MetricsTo, Pacing, run, say
    from byoaws.commands.progress import SilentFleet
    from byoaws.factories import fleet
    from byoaws.factories.queue import queue
    from byoaws.fleet.schedule import Policy
    from byoaws.flows.recheck_queue import Shift, work

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    channels = fleet.channels(
        settings, webhook=notify_webhook, mail=notify_mail, sender=notify_from, command=notify_command
    )
    shared = queue(settings, factory.vendor(settings).name)
    policy = Policy(period=period, soon=soon, hold=hold)
    shift = Shift(rate=rate, concurrency=concurrency, batch=batch)

    async def shared_work(means: "Means") -> None:
        async with shared as opened:
            options.note(f"working, with a rate of {rate} calls of STS a second for all workers together")
            await work(opened, shift, policy, means, say=say)

    pacing, to = Pacing(rate=rate, concurrency=concurrency), MetricsTo(metrics_port, metrics_host, metrics_file)
    run(settings, SilentFleet(), channels, pacing, to, shared_work)
