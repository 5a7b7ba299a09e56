"""`byoaws worker`: go on verifying stored connections together with other workers."""

from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.fleet_commands.options import FleetChoice, fleet_options

if TYPE_CHECKING:
    from byoaws.flows.recheck.means import Means


@click.command()
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=100,
    show_default=True,
    help="Connections of one job. A worker that is killed repeats those that were under way, two or three.",
)
@fleet_options
@options.vendor_option
@options.profile_option
@options.store_option
def worker(
    batch: int,
    fleet: FleetChoice,
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
    from byoaws.commands.fleet_commands.running import run, say
    from byoaws.commands.fleet_commands.silent import SilentFleet
    from byoaws.factories.queue import queue
    from byoaws.flows.recheck.queue import Shift, work

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    channels = fleet.channels(settings)
    shared = queue(settings, factory.vendor(settings).name)
    policy, shift = fleet.policy(), Shift(fleet.rate, fleet.concurrency, batch)

    async def shared_work(means: "Means") -> None:
        async with shared as opened:
            options.note(f"working, with a rate of {fleet.rate} calls of STS a second for all workers together")
            await work(opened, shift, policy, means, say=say)

    run(settings, SilentFleet(), channels, fleet, shared_work)
