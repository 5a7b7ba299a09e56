"""`byoaws schedule`: go on verifying stored connections, each when it is due."""

from datetime import timedelta
from pathlib import Path

import click

from byoaws.commands import options
from byoaws.commands.fleet_commands.options import metrics_options, pace_options, policy_options, telling_options


@click.command()
@pace_options
@policy_options
@telling_options
@metrics_options
@options.vendor_option
@options.profile_option
@options.store_option
def schedule(
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
    """Go on verifying stored connections, each when it is due.

    Connections are spread evenly over the period; one that is not fine is checked sooner, and ever more seldom if it
    stays so. SIGTERM or Ctrl-C ends it once the checks that are under way are done. Exit codes: 0 it was stopped,
    3 our own credentials do not work: mend them, and start it again.
    """
    from byoaws.commands.fleet_commands.running import MetricsTo, Pacing, run, say
    from byoaws.commands.progress import SilentFleet
    from byoaws.factories import fleet
    from byoaws.fleet.schedule import Policy
    from byoaws.flows.recheck import keep_checking

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    channels = fleet.channels(
        settings, webhook=notify_webhook, mail=notify_mail, sender=notify_from, command=notify_command
    )
    policy = Policy(period=period, soon=soon, hold=hold)
    run(
        settings,
        SilentFleet(),
        channels,
        Pacing(rate=rate, concurrency=concurrency),
        MetricsTo(metrics_port, metrics_host, metrics_file),
        lambda means: keep_checking(policy, means, say=say),
    )
