"""`byoaws link`: build a Quick-Create link for one customer; nothing is stored."""

import json

import click

from byoaws.commands import options


def _pairs(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            # Not shown: a secret may have slipped in between name and value.
            raise click.BadParameter("one is not K=V, such as InboundWebhookUrl=https://...", ctx, option)
        if name in pairs:
            raise click.BadParameter(f"'{name[:60]}' is given twice", ctx, option)
        pairs[name] = text
    return pairs


@click.command()
@options.vendor_option
@options.region_option
@click.option("--external-id", metavar="X", help="Use this ExternalId of ours instead of minting one.")
@options.template_url_option
@click.option(
    "--stack-name",
    metavar="S",
    callback=options.not_empty,
    help="Proposed stack name. [default: the vendor file's]",
)
@click.option("--param", "parameters", metavar="K=V", multiple=True, callback=_pairs, help="A further stack parameter.")
@options.format_option("text", "json")
def link(
    vendor: str | None,
    region: str | None,
    external_id: str | None,
    template_url: str | None,
    stack_name: str | None,
    parameters: dict[str, str],
    format_name: str,
) -> None:
    """Build a Quick-Create link for one customer; nothing is stored.

    What is not given is minted: the ExternalId, and the webhook secret where the vendor hands it out. Keep both.
    `byoaws connect` does the same and stores them.
    """
    from byoaws import factory
    from byoaws.flows.links.link import mint, offer

    settings = options.settings(vendor=vendor)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    minted = mint(chosen, given_external_id=external_id)
    made = offer(
        chosen,
        minted,
        region=options.region_or_default(region, settings),
        template_url=template_url,
        stack_name=stack_name,
        parameters=parameters,
        source=factory.template_source,
    )
    if format_name == "json":
        options.print_result(json.dumps(made.as_json(), indent=2) + "\n")
        return
    from byoaws.commands.offers import show

    show(made, chosen)
