"""How `link` and `connect` show what a customer is given."""

from collections.abc import Iterable

import click

from byoaws.commands import options
from byoaws.flows.link import Offer
from byoaws.vendor_model import Vendor


def show(offer: Offer, vendor: Vendor) -> None:
    """Print link, parameters and alternatives on stdout, advice on stderr."""
    head = click.style
    link = offer.link
    lines = [
        head("Quick-Create link", bold=True) + f"  ({link.region}, stack {link.stack_name})",
        offer.url,
        "",
        head("What it fills in", bold=True),
        *(f"  {name:<{_width(link.parameters)}}  {value}" for name, value in link.parameters.items()),
        "",
        head("The customer ticks", bold=True) + f"  {', '.join(offer.capabilities)}, then Create stack",
        "",
        head("Or on the command line", bold=True),
        offer.cli,
        "",
        head("Or with Terraform", bold=True),
        offer.terraform,
        "",
    ]
    text = "\n".join(lines)
    options.print_result(text if options.color_on() else click.unstyle(text))
    secret = vendor.parameters.webhook_secret
    if secret in link.parameters:
        options.warn(
            f"the link carries {secret} in plain text: it stays in browser histories and can be read by whoever may "
            "describe the stack. webhook_secret: generated in the vendor file avoids that"
        )


def _width(names: Iterable[str]) -> int:
    return max(map(len, names), default=0)
