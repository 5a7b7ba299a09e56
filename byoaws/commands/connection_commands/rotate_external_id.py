"""`byoaws connections rotate-external-id`: exchange the ExternalId of a connection, or take an exchange back."""

import json
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.connection_commands import steps

if TYPE_CHECKING:
    from byoaws.flows.external_id.cancel import Cancelled
    from byoaws.settings import Settings
    from byoaws.vendor_model import Vendor


@click.command("rotate-external-id")
@click.argument("connection_id", metavar="ID")
@click.option("--cancel", is_flag=True, help="Take the pending one back, if the role still opens with the present one.")
@options.vendor_option
@options.profile_option
@options.store_option
@options.format_option("text", "json")
def rotate_external_id(
    connection_id: str, cancel: bool, vendor: str | None, profile: str | None, store: str | None, format_name: str
) -> None:
    """Exchange the ExternalId of a connection: mint a new one, and say how the customer's stack gets it.

    Both count until a verification has found that the role opens with the new one and refuses the old one. The new one
    is always minted here; no option takes one. Run again, it shows the same one.
    """
    from byoaws import factory

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    if cancel:
        _cancel(connection_id, chosen, settings, format_name)
        return
    from byoaws.flows.external_id.rotate import begin

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


def _cancel(connection_id: str, vendor: "Vendor", settings: "Settings", format_name: str) -> None:
    from byoaws import factory
    from byoaws.flows.external_id.cancel import cancel

    opened = factory.store(settings)
    try:
        found = cancel(opened, connection_id, vendor, factory.vendor_aws_of(settings), factory.now)
    finally:
        opened.close()
    if format_name == "json":
        options.print_result(json.dumps(found.as_json(), indent=2) + "\n")
    else:
        steps.show(f"cancelled: {found.cancelled}")
        options.note(f"the ExternalId stays {found.connection.external_id}; the cancelled one is never issued again")
    _warn(found)


def _warn(found: "Cancelled") -> None:
    """What the customer must not do any more, or has to undo."""
    if found.opens_with_it:
        options.warn(
            "the role opens with the cancelled ExternalId as well: the customer takes it out of the trust policy; "
            "until then a verification that can read the trust policy says insecure"
        )
    else:
        options.warn(
            "links and commands that carry the cancelled ExternalId are out there: a stack that is updated with it "
            f"closes the role to you. Tell the customer; a new link: byoaws connections new-link {found.connection.id}"
        )
