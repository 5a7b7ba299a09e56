"""`byoaws vendor`: show what a vendor file means, check it for risks, list vendors."""

import json

import click

from byoaws.commands import options
from byoaws.commands.groups import Group


@click.group(cls=Group)
def vendor() -> None:
    """Show what a vendor file means, check it for risks, list vendors."""


@vendor.command()
@options.vendor_option
@options.format_option("text", "json")
def show(vendor: str | None, format_name: str) -> None:
    """Show what a vendor file means: who gets in, what they may do, what the stack makes. Calls nothing."""
    from byoaws import factory
    from byoaws.flows.vendor.explain import explain

    settings = options.settings(vendor=vendor)
    options.say_vendor(settings)
    found = explain(factory.vendor(settings), factory.kinds_of_resource()).as_json()
    if format_name == "json":
        options.print_result(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        return
    from byoaws.formats.vendor import card

    options.print_result(card(found, options.look()))


@vendor.command()
@options.vendor_option
@click.option("--ignore", metavar="CODE", multiple=True, help="Leave this warning out, such as W104; may repeat.")
@options.format_option("text", "json")
def check(vendor: str | None, ignore: tuple[str, ...], format_name: str) -> None:
    """Check a vendor file for what is no mistake, and costs safety. Calls nothing.

    Exit codes: 0 no warnings, 1 warnings, 2 the file has mistakes.
    """
    from byoaws import factory
    from byoaws.flows.vendor.explain import warnings

    settings = options.settings(vendor=vendor)
    options.say_vendor(settings)
    found = warnings(factory.vendor(settings), factory.kinds_of_resource(), ignore)
    if format_name == "json":
        options.print_result(json.dumps({"warnings": found}, indent=2, ensure_ascii=False) + "\n")
    else:
        from byoaws.formats import vendor as text

        options.print_result(text.warnings(found, options.look()))
    raise SystemExit(1 if found else 0)


@vendor.command("list")
@options.format_option("text", "json")
def list_(format_name: str) -> None:
    """List the vendors that --vendor knows by name: built in, and added by other packages.

    Exit codes: 0, or 1 if one of them cannot be read.
    """
    from byoaws.flows.vendor.known import known

    found, unreadable = known(options.settings().env)
    if format_name == "json":
        options.print_result(json.dumps({"vendors": found}, indent=2, ensure_ascii=False) + "\n")
    else:
        from byoaws.formats.vendor import listing

        options.print_result(listing(found, options.look()))
    for message in unreadable:
        options.warn(message)
    raise SystemExit(1 if unreadable else 0)
