"""`byoaws connections`: list, show, rotate and disconnect stored connections."""

import json
import sys

import click

from byoaws.commands import options
from byoaws.commands.connection_commands.drift import drift
from byoaws.commands.connection_commands.new_link import new_link
from byoaws.commands.connection_commands.rotate_external_id import rotate_external_id
from byoaws.commands.connection_commands.rotate_secret import rotate_secret
from byoaws.commands.connection_commands.settle import settle
from byoaws.commands.connection_commands.upgrade import upgrade
from byoaws.commands.disconnect import disconnect
from byoaws.commands.groups import Group

_NONE_YET = "no connections yet: byoaws connect --alias NAME begins one"
_STATUSES = ("pending", "verified", "insecure", "failed", "disconnected")


@click.group(cls=Group)
def connections() -> None:
    """List, show, rotate and disconnect stored connections."""


@connections.command("list")
@options.status_option(*_STATUSES)
@options.store_option
@options.format_option("text", "json")
def list_(statuses: tuple[str, ...], store: str | None, format_name: str) -> None:
    """List all connections, or some, oldest first."""
    from byoaws import factory
    from byoaws.commands.connection_commands.marks import ADVICE, marks_of
    from byoaws.formats.json import connection_as_json

    settings = options.settings(store=store)
    opened = factory.store(settings)
    try:
        found, claims = opened.list(), opened.claims()
    finally:
        opened.close()
    if statuses:
        found = [item for item in found if item.status in statuses]
    marked = marks_of(found, claims, settings)
    if format_name == "json":
        rows = [{**connection_as_json(item), **marked[item.id].as_json()} for item in found]
        options.print_result(json.dumps({"connections": rows}, indent=2) + "\n")
        return
    if not found:
        options.note(f"no connection is {' or '.join(statuses)}" if statuses else _NONE_YET)
        return
    from byoaws.formats.connections import table  # loads rich, as does the next

    marks = {key: one.marks for key, one in marked.items()}
    options.print_result(table(found, options.look(80), marks, folds=sys.stdout is not None and sys.stdout.isatty()))
    for mark, advice in ADVICE.items():
        if any(mark in some for some in marks.values()):
            options.note(advice)


@connections.command()
@click.argument("connection_id", metavar="ID")
@options.store_option
@options.format_option("text", "json")
def show(connection_id: str, store: str | None, format_name: str) -> None:
    """Show one connection, and its last verification. The webhook secret is never shown."""
    from byoaws import factory
    from byoaws.commands.connection_commands.marks import reported, rotating
    from byoaws.formats.json import connection_as_json, report_as_json

    opened = factory.store(options.settings(store=store))
    try:
        connection = opened.get(connection_id)
        report = opened.last_report(connection_id)
        issued = opened.external_ids(connection_id)
        said = reported(connection, opened.claimed(connection_id))
    finally:
        opened.close()
    if format_name == "json":
        known = {**connection_as_json(connection), "rotating": rotating(connection), "reported": said}
        known["external_ids"] = list(issued)
        data = {**known, "last_report": report_as_json(report) if report else None}
        options.print_result(json.dumps(data, indent=2) + "\n")
        return
    from byoaws.formats.connections import card

    options.print_result(card(connection, report, options.look(80), said))


connections.add_command(new_link)
connections.add_command(settle)
connections.add_command(upgrade)
connections.add_command(drift)
connections.add_command(rotate_secret)
connections.add_command(rotate_external_id)
connections.add_command(disconnect)
