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
    """Go on verifying stored connections together with other workers.

    They may be on any number of machines, and share a store on PostgreSQL, a queue beside it, and --rate: give each the
    same. SIGTERM or Ctrl-C ends one once the checks that are under way are done; one that is killed loses nothing. Exit
    codes: 0 it was stopped, 3 our own credentials do not work, or the database does not answer: start it again.
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
    policy, shift = Policy(period=period, soon=soon, hold=hold), Shift(rate, concurrency, batch)

    async def shared_work(means: "Means") -> None:
        async with shared as opened:
            options.note(f"working, with a rate of {rate} calls of STS a second for all workers together")
            await work(opened, shift, policy, means, say=say)

    pacing, to = Pacing(rate=rate, concurrency=concurrency), MetricsTo(metrics_port, metrics_host, metrics_file)
    run(settings, SilentFleet(), channels, pacing, to, shared_work)
