"""`byoaws disconnect`: end the link between you and the account. The customer's stack stays."""

import click

from byoaws.commands import options
from byoaws.commands.connection_commands.vendor_of import vendor_of


@click.command()
@click.argument("connection_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@options.store_option
def disconnect(connection_id: str, yes: bool, store: str | None) -> None:
    """End the link between you and the account. The customer's stack stays.

    Nothing in the account is touched. Says what stays there and what it costs. Again, it finds nothing to do.
    """
    from byoaws import factory
    from byoaws.facts.prices import shipped_prices
    from byoaws.flows.cost.staying import what_stays
    from byoaws.flows.stored import disconnect as end
    from byoaws.model import ConnectionStatus

    settings = options.settings(store=store)
    opened = factory.store(settings)
    try:
        connection, claim = opened.get(connection_id), opened.claimed(connection_id)
        again = connection.status is ConnectionStatus.DISCONNECTED
        if not again:
            if not yes and not click.confirm(f"Disconnect '{connection.alias}' ({connection.id})?", err=True):
                options.note("still connected")
                raise SystemExit(1)
            connection = end(opened, connection_id, factory.now)
    finally:
        opened.close()
    if again:
        click.echo(f"{connection.id} is disconnected already: nothing to do")
    else:
        click.echo(f"{connection.id} disconnected")
    for sentence in what_stays(connection, vendor_of(connection, settings), shipped_prices(), claim):
        options.note(sentence)
    options.note(f"how the customer removes it: byoaws runbook disconnect --connection {connection.id}")
