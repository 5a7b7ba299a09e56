"""`byoaws policy`: print the trust, permission or deployer policy as JSON."""

import json

import click

from byoaws.commands import options


@click.command()
@click.argument("kind", type=click.Choice(["trust", "permissions", "deployer"]))
@options.vendor_option
@click.option("--external-id", metavar="X", help="Of the connection, for the trust policy.")
@click.option("--region", metavar="R", default="*", callback=options.not_empty, help="Limit ARNs to this region.")
@click.option(
    "--account-id",
    metavar="A",
    default="*",
    callback=options.not_empty,
    help="Limit ARNs to this account of the customer.",
)
@click.option(
    "--pack",
    metavar="NAME",
    callback=options.not_empty,
    help="Permissions of this pack instead of the vendor's own; with or without the vendor's name in front.",
)
@click.option("--domain", metavar="D", callback=options.not_empty, help="For packs that are limited to one domain.")
def policy(
    kind: str,
    vendor: str | None,
    external_id: str | None,
    region: str,
    account_id: str,
    pack: str | None,
    domain: str | None,
) -> None:
    """Print the trust, permission or deployer policy as JSON.

    `trust` and `permissions` are what the stack gives the role, for who makes it by hand. `deployer` is what the
    customer's administrator needs in order to create the stack.
    """
    from byoaws import factory
    from byoaws.flows import policy as flow

    settings = options.settings(vendor=vendor)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    where = flow.Where(region=region, account_id=account_id, domain=domain)
    if kind != "permissions" and (pack or domain):
        raise click.UsageError("--pack and --domain concern permissions only")
    if kind == "trust":
        document = flow.trust(chosen, external_id, where)
        for missing in flow.placeholders(chosen, external_id):
            options.warn(missing)
    elif kind == "permissions":
        document = flow.permissions(chosen, where, pack=pack)
    else:
        document = flow.deployer(chosen, where)
    options.print_result(json.dumps(document, indent=2) + "\n")
