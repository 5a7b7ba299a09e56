"""`byoaws connections drift`: what was changed by hand in a customer's stack."""

import json

import click

from byoaws.commands import options
from byoaws.commands.connection_commands.looking import looker, stored


@click.command()
@click.argument("connection_id", metavar="ID")
@options.vendor_option
@options.profile_option
@options.store_option
@options.format_option("text", "json")
def drift(connection_id: str, vendor: str | None, profile: str | None, store: str | None, format_name: str) -> None:
    """Hold a customer's stack against its template, as far as the role may look.

    The pack 'drift-read' lets it look at everything. Exit codes: 0 all is as the template says, 1 something differs,
    3 could not tell all of it.
    """
    from byoaws import factory
    from byoaws.commands.progress import asking
    from byoaws.flows.drift.run import drift as hold

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    chosen, connection = factory.vendor(settings), stored(connection_id, settings)
    with asking():
        found = hold(connection, chosen, looker(connection, chosen, settings), factory.template_source)
    if format_name == "json":
        options.print_result(json.dumps(found.as_json(), indent=2) + "\n")
    else:
        from byoaws.formats.drift import render

        options.print_result(render(found, options.look()))
    raise SystemExit(found.exit_code)
