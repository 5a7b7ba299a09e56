"""`byoaws preflight`: look at an account before a stack is made in it: what is in the way, which values to use."""

import json

import click

from byoaws.commands import options


@click.command()
@click.option(
    "--profile",
    metavar="NAME",
    callback=options.not_empty,
    help="AWS profile of the customer's own credentials. [default: the standard AWS chain]",
)
@options.region_option
@options.vendor_option
@click.option(
    "--stack-name", metavar="NAME", callback=options.not_empty, help="Of the stack to be made. [default: the vendor's]"
)
@options.format_option("text", "json")
def preflight(
    profile: str | None, region: str | None, vendor: str | None, stack_name: str | None, format_name: str
) -> None:
    """Look at an account before a stack is made in it: what is in the way, which values to use.

    The customer runs it, with credentials of the account. It only reads. Exit codes: 0 nothing is in the way, 1
    something is, 3 could not tell.
    """
    from byoaws import factory
    from byoaws.commands.progress import asking
    from byoaws.flows.preflight.run import preflight as look_at

    settings = options.settings(vendor=vendor, profile=profile)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    where = options.region_or_default(region, settings)
    with asking():
        found = look_at(chosen, lambda: factory.reader(settings, where), region=where, stack_name=stack_name)
    if format_name == "json":
        options.print_result(json.dumps(found.as_json(), indent=2) + "\n")
    else:
        from byoaws.formats.preflight import render

        options.print_result(render(found, options.look()))
    raise SystemExit(found.exit_code)
