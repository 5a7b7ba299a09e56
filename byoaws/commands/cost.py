"""`byoaws cost`: estimate what a vendor's stack costs the customer in a month."""

import json
from pathlib import Path

import click

from byoaws.commands import options


@click.command()
@click.option("--emails", metavar="N", type=click.IntRange(min=0), required=True, help="E-mails sent in a month.")
@click.option(
    "--inbound", metavar="N", type=click.IntRange(min=0), default=0, show_default=True, help="E-mails received."
)
@click.option(
    "--average-kb",
    metavar="N",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Size of a message in KB, attachments included.",
)
@click.option(
    "--plan",
    type=click.Choice(["essentials", "a-la-carte"]),
    default="essentials",
    show_default=True,
    help="SES's pricing plan; new accounts have the first one.",
)
@click.option("--free-tier", is_flag=True, help="Take off what AWS gives every account for ever.")
@click.option(
    "--prices", metavar="FILE", callback=options.not_empty, help="A price table of your own. [default: the shipped one]"
)
@options.vendor_option
@options.format_option("text", "json")
def cost(
    emails: int,
    inbound: int,
    average_kb: int,
    plan: str,
    free_tier: bool,
    prices: str | None,
    vendor: str | None,
    format_name: str,
) -> None:
    """Estimate what a vendor's stack costs the customer in a month.

    Calls nothing. Which lines there are depends on the blocks of the stack. Where a quantity is not known, it is an
    upper bound.
    """
    from byoaws import factory
    from byoaws.commands.files import read_text
    from byoaws.facts.prices import read_prices, shipped_prices
    from byoaws.flows.cost.month import Month
    from byoaws.flows.cost.price import estimate

    settings = options.settings(vendor=vendor)
    options.say_vendor(settings)
    path = Path(prices) if prices else None
    table = read_prices(read_text(path, what="a price table"), source=str(path)) if path else shipped_prices()
    month = Month(emails=emails, inbound=inbound, average_kb=average_kb, plan=plan)
    found = estimate(factory.vendor(settings), month, table, free_tier=free_tier)
    if format_name == "json":
        options.print_result(json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n")
        return
    from byoaws.formats.cost import as_text

    look = options.look()
    options.print_result(as_text(found, look))
