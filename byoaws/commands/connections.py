"""`byoaws connections`: list, show and disconnect stored connections."""

import json
import shutil
from typing import TYPE_CHECKING

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.formats.interface import Look


def _look() -> "Look":
    from byoaws.formats.interface import Look

    return Look(width=max(80, shutil.get_terminal_size().columns), color=options.color_on())


@click.group()
def connections() -> None:
    """List, show and disconnect stored connections."""


@connections.command("list")
@options.store_option
@options.format_option("text", "json")
def list_(store: str | None, format_name: str) -> None:
    """List all connections, oldest first."""
    from byoaws import factory
    from byoaws.formats.json import connection_as_json

    opened = factory.store(options.settings(store=store))
    try:
        found = opened.list()
    finally:
        opened.close()
    if format_name == "json":
        options.print_result(json.dumps({"connections": [connection_as_json(item) for item in found]}, indent=2) + "\n")
        return
    if not found:
        options.note("no connections yet: byoaws connect --alias NAME begins one")
        return
    from byoaws.formats.connections import table  # loads rich, as does the next

    options.print_result(table(found, _look()))


@connections.command()
@click.argument("connection_id", metavar="ID")
@options.store_option
@options.format_option("text", "json")
def show(connection_id: str, store: str | None, format_name: str) -> None:
    """Show one connection, and its last verification. The webhook secret is never shown."""
    from byoaws import factory
    from byoaws.formats.json import connection_as_json, report_as_json

    opened = factory.store(options.settings(store=store))
    try:
        connection = opened.get(connection_id)
        report = opened.last_report(connection_id)
    finally:
        opened.close()
    if format_name == "json":
        data = {**connection_as_json(connection), "last_report": report_as_json(report) if report else None}
        options.print_result(json.dumps(data, indent=2) + "\n")
        return
    from byoaws.formats.connections import card

    options.print_result(card(connection, report, _look()))


@connections.command()
@click.argument("connection_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@options.store_option
def disconnect(connection_id: str, yes: bool, store: str | None) -> None:
    """End the link between you and the account. The customer's stack stays."""
    from byoaws import factory
    from byoaws.flows.check import disconnect as end

    opened = factory.store(options.settings(store=store))
    try:
        connection = opened.get(connection_id)
        if not yes and not click.confirm(f"Disconnect '{connection.alias}' ({connection.id})?", err=True):
            options.note("still connected")
            raise SystemExit(1)
        ended = end(opened, connection_id, factory.now)
    finally:
        opened.close()
    click.echo(f"{ended.id} disconnected")
    stack = f"the stack '{ended.stack_name}'" if ended.stack_name else "the customer's stack"
    options.note(
        f"{stack}, if it was made, is still in the customer's account; they delete it in CloudFormation, in "
        f"{ended.region}. Its bucket stays, since the mail in it is theirs"
    )
