"""`byoaws connections new-link`: a link for a connection that there is already."""

import json

import click

from byoaws.commands import options


@click.command("new-link")
@click.argument("connection_id", metavar="ID")
@options.registration_hours_option
@options.vendor_option
@options.template_url_option
@options.store_option
@options.format_option("text", "json")
def new_link(
    connection_id: str,
    registration_hours: int,
    vendor: str | None,
    template_url: str | None,
    store: str | None,
    format_name: str,
) -> None:
    """Build the link of a connection anew: the same ExternalId, and a fresh one-time token.

    The token of every earlier link is void from then on.
    """
    from byoaws import factory
    from byoaws.flows.links.new import new_link as build

    settings = options.settings(vendor=vendor, store=store)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    opened = factory.store(settings)
    try:
        made = build(
            opened,
            connection_id,
            chosen,
            now=factory.now,
            template_url=template_url,
            source=factory.template_source,
            registration_hours=registration_hours,
        )
    finally:
        opened.close()
    if format_name == "json":
        options.print_result(json.dumps({**made.as_json(), "connection_id": connection_id}, indent=2) + "\n")
        return
    from byoaws.commands.offers import show

    show(made, chosen)
    then = "byoaws verify ROLE_ARN --connection"
    if chosen.parameters.registration_token in made.link.parameters:
        then = f"byoaws connections settle {connection_id}, once it has reported itself; or, with its outputs: {then}"
    options.note(f"for connection {connection_id}. When the stack is there: {then} {connection_id}")
