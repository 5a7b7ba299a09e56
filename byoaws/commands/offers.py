"""How `link` and `connect` show what a customer is given."""

from collections.abc import Iterable

import click

from byoaws.commands import options
from byoaws.flows.links.link import Offer
from byoaws.vendor_model import Vendor


def show(offer: Offer, vendor: Vendor) -> None:
    """Print link, parameters and alternatives on stdout, advice on stderr."""
    head = click.style
    link, token = offer.link, vendor.parameters.registration_token
    lines = [
        head("Quick-Create link", bold=True) + f"  ({link.region}, stack {link.stack_name})",
        offer.url,
        "",
        head("What it fills in", bold=True),
        *(
            # Shown where it is needed to make the stack, and in no list that is read aloud or put on a screen.
            f"  {name:<{_width(link.parameters)}}  {'(the one-time token)' if name == token else value}"
            for name, value in link.parameters.items()
        ),
        "",
        *_asked(offer, vendor),
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
    if vendor.pipeline:
        from byoaws.flows.vendor.pipeline_risks import cost_of_ingress  # and with it the prices, which others need not

        options.warn(str(cost_of_ingress(vendor)))
    if token in link.parameters:
        options.note(
            f"the stack reports itself to {vendor.registration_url}; the link's token is good for one stack, once, and "
            "void when it expires or another link is made"
        )
    secret = vendor.parameters.webhook_secret
    if secret in link.parameters:
        options.warn(
            f"the link carries {secret} in plain text: it stays in browser histories and can be read by whoever may "
            "describe the stack. webhook_secret: generated in the vendor file avoids that"
        )


def _asked(offer: Offer, vendor: Vendor) -> list[str]:
    """What the customer fills in, and why."""
    declared = vendor.pipeline.parameters if vendor.pipeline else ()
    what = {one.name: one.description for one in declared if one.name in offer.customers}
    lines = [f"  {name:<{_width(what)}}  {description}" for name, description in what.items()]
    return [click.style("What the customer fills in", bold=True), *lines, ""] if what else []


def _width(names: Iterable[str]) -> int:
    return max(map(len, names), default=0)
