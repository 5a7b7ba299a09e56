"""`byoaws schedule`: go on verifying stored connections, each when it is due."""

import click

from byoaws.commands import options
from byoaws.commands.fleet_commands.options import FleetChoice, fleet_options


@click.command()
@fleet_options
@options.vendor_option
@options.profile_option
@options.store_option
def schedule(
    fleet: FleetChoice,
    vendor: str | None,
    profile: str | None,
    store: str | None,
) -> None:
    """Go on verifying stored connections, each when it is due.

    Connections are spread evenly over the period; one that is not fine is checked sooner, and ever more seldom if it
    stays so. SIGTERM or Ctrl-C ends it once the checks that are under way are done. Exit codes: 0 it was stopped,
    3 our own credentials do not work: mend them, and start it again.
    """
    from byoaws.commands.fleet_commands.running import go_on, run
    from byoaws.commands.fleet_commands.silent import SilentFleet

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    channels, policy = fleet.channels(settings), fleet.policy()
    run(settings, SilentFleet(), channels, fleet, lambda means: go_on(policy, means))
