"""`byoaws connections rotate-external-id`: exchange the ExternalId of a connection."""

import json

import click

from byoaws.commands import options
from byoaws.commands.connection_commands import steps


@click.command("rotate-external-id")
@click.argument("connection_id", metavar="ID")
@options.vendor_option
@options.store_option
@options.format_option("text", "json")
def rotate_external_id(connection_id: str, vendor: str | None, store: str | None, format_name: str) -> None:
    """Exchange the ExternalId of a connection: mint a new one, and say how the customer's stack gets it.

    Both count until a verification has found that the role opens with the new one and refuses the old one. The new one
    is always minted here; no option takes one. Run again, it shows the same one.
    """
    from byoaws import factory
    from byoaws.flows.rotate_external_id import begin

    settings = options.settings(vendor=vendor, store=store)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    opened = factory.store(settings)
    try:
        found = begin(opened, connection_id, chosen, factory.now)
    finally:
        opened.close()
    if format_name == "json":
        options.print_result(json.dumps(found.as_json(), indent=2) + "\n")
        return
    steps.show(
        f"{'minted' if found.begun else 'pending already'}: {found.new}",
        console=found.console,
        commands=found.commands,
        todo=found.verify,
    )
