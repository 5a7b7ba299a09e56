"""`byoaws connect`: begin a connection: mint its ExternalId, build its link, and store it."""

import json

import click

from byoaws.commands import options


@click.command()
@click.option("--alias", metavar="A", required=True, help="A name for the account, for people.")
@click.option("--customer", metavar="C", help="Your own name or number for the customer.")
@options.registration_hours_option
@options.vendor_option
@options.region_option
@options.template_url_option
@options.store_option
@options.format_option("text", "json")
def connect(
    alias: str,
    customer: str | None,
    registration_hours: int,
    vendor: str | None,
    region: str | None,
    template_url: str | None,
    store: str | None,
    format_name: str,
) -> None:
    """Begin a connection: mint its ExternalId, build its link, and store it.

    The ExternalId is always minted here; no option takes one.
    """
    from byoaws import factory
    from byoaws.flows.connect import begin

    settings = options.settings(vendor=vendor, store=store)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    region = options.region_or_default(region, settings)
    begun = begin(
        lambda: factory.store(settings, begins=True),
        chosen,
        alias=alias,
        region=region,
        customer=customer,
        now=factory.now,
        template_url=template_url,
        source=factory.template_source,
        registration_hours=registration_hours,
    )
    if format_name == "json":
        options.print_result(json.dumps(begun.as_json(), indent=2) + "\n")
        return
    from byoaws.commands.offers import show

    show(begun.offer, chosen)
    identifier = begun.connection.id
    then = "byoaws verify ROLE_ARN --connection"
    if chosen.parameters.registration_token in begun.offer.link.parameters:
        then = f"byoaws connections settle {identifier}, once it has reported itself; or, with its outputs: {then}"
    options.note(f"stored as {identifier}. When the stack is there: {then} {identifier}")
