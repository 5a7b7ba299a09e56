"""`byoaws inbound`: have received mail posted to the webhook again: what could not be posted, or a span of time."""

import click

from byoaws.commands.groups import Group
from byoaws.commands.inbound_commands.backfill import backfill
from byoaws.commands.inbound_commands.redrive import redrive


@click.group(cls=Group)
def inbound() -> None:
    """Have received mail posted to the webhook again: what could not be posted, or a span of time."""


inbound.add_command(redrive)
inbound.add_command(backfill)
