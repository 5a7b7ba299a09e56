"""`byoaws connections upgrade`: what an upgrade of a customer's stack would do, and the change set that does it."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.connection_commands.looking import looker, stored

if TYPE_CHECKING:
    from byoaws.settings import Settings


@click.command()
@click.argument("connection_id", metavar="ID")
@click.option(
    "--to",
    "version",
    metavar="VERSION",
    callback=options.not_empty,
    help="A published version. [default: the newest]",
)
@click.option(
    "--allow-replacement",
    "allowed",
    metavar="RESOURCE",
    multiple=True,
    help="A resource that may be replaced or deleted, by its name in the template. Repeatable.",
)
@options.vendor_option
@options.profile_option
@options.store_option
@options.format_option("text", "json")
def upgrade(
    connection_id: str,
    version: str | None,
    allowed: tuple[str, ...],
    vendor: str | None,
    profile: str | None,
    store: str | None,
    format_name: str,
) -> None:
    """Say what an upgrade of the customer's stack would do, and how to do it.

    Changes nothing in the account: the customer makes the change set. Where the stack has the newest template already,
    that is recorded. Exit codes: 0 it can be done, or is done; 1 a resource would be
    replaced or deleted; 3 could not tell which template the stack has.
    """
    from byoaws import factory
    from byoaws.commands.progress import asking
    from byoaws.flows.upgrade.run import Edges, plan

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    chosen, connection = factory.vendor(settings), stored(connection_id, settings)
    edges = Edges(
        open_role=looker(connection, chosen, settings),
        source=factory.template_source,
        replacing=factory.replacing_of,
    )
    with asking():
        found = plan(connection, chosen, edges, version=version, allowed=allowed)
    if found.is_news:
        _record(connection.id, found.template_url, settings)
    if format_name == "json":
        options.print_result(json.dumps(found.as_json(), indent=2) + "\n")
    else:
        from byoaws.formats.upgrade import render

        options.print_result(render(found, options.look()))
    raise SystemExit(found.exit_code)


def _record(connection_id: str, url: str, settings: "Settings") -> None:
    """Keep that the stack has this template now."""
    from byoaws import factory

    opened = factory.store(settings)
    try:
        # Not `update`, which would write over what a verification finds in this moment.
        opened.exchange(replace(opened.get(connection_id), template_url=url, updated_at=factory.now()))
    finally:
        opened.close()
