"""`byoaws connections settle`: verify what stacks reported of themselves."""

import json
from typing import TYPE_CHECKING

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.flows.settle import Means, Settled, Waiting
    from byoaws.settings import Settings
    from byoaws.vendor_model import Vendor
    from byoaws.verify.interface import Progress


@click.command()
@click.argument("connection_id", metavar="[ID]", required=False, callback=options.not_empty)
@options.vendor_option
@options.profile_option
@options.store_option
@options.format_option("text", "json")
def settle(
    connection_id: str | None, vendor: str | None, profile: str | None, store: str | None, format_name: str
) -> None:
    """Verify what stacks reported of themselves: of one connection, or of all that wait for it.

    A report is a claim: this opens the role as `byoaws verify` does, keeps it if it is sound, and learns the webhook
    secret. Again, and twice at once, is harmless. Exit codes: 0 all are verified, 1 a role is insecure, failed or
    another connection's, 3 could not tell.
    """
    from byoaws import factory
    from byoaws.flows.settle import exit_code

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    found = _found(connection_id, chosen, settings)
    settled = _one(found[0], chosen, settings) if connection_id else _all(found, chosen, settings)
    if format_name == "json":
        from byoaws.formats.settled import as_json

        rows = [as_json(one.as_row(), one.report) for one in settled]
        options.print_result(json.dumps({"connections": rows}, indent=2) + "\n")
    else:
        _print(settled, alone=connection_id is not None)
    raise SystemExit(exit_code(settled))


def _found(connection_id: str | None, vendor: "Vendor", settings: "Settings") -> "list[Waiting]":
    from byoaws import factory
    from byoaws.flows.settle import of_one, waiting

    opened = factory.store(settings)
    try:
        if connection_id is not None:
            return [of_one(opened, connection_id, vendor)]
        found, others = waiting(opened, vendor)
    finally:
        opened.close()
    if others:
        options.note(f"{others} of other vendors wait as well: give --vendor")
    if not found:
        options.note("nothing to settle: no stack has reported what is not verified yet")
    return found


def _means(vendor: "Vendor", settings: "Settings", progress: "Progress") -> "Means":
    from byoaws import factory
    from byoaws.flows.settle import Means
    from byoaws.flows.webhook_secret.learn import learn_secret

    vendor_aws = factory.vendor_aws_of(settings)
    return Means(
        vendor=vendor,
        verifier=lambda: factory.verifier(settings, progress),
        open_store=lambda: factory.store(settings),
        learn=lambda request, report: learn_secret(
            request,
            report,
            vendor,
            lambda: factory.store(settings),
            vendor_aws,
            factory.webhook_secrets_under,
            factory.now,
        ),
    )


def _one(found: "Waiting", vendor: "Vendor", settings: "Settings") -> "list[Settled]":
    from byoaws.commands.progress import verify_progress
    from byoaws.flows.settle import settle_one

    with verify_progress() as progress:
        return [settle_one(found, _means(vendor, settings, progress))]


def _all(found: "list[Waiting]", vendor: "Vendor", settings: "Settings") -> "list[Settled]":
    from byoaws.commands.progress import Silent, counting
    from byoaws.flows.settle import settle_all

    settled = []
    with counting("settling", len(found)) as advance:
        for one in settle_all(found, _means(vendor, settings, Silent())):
            settled.append(one)
            advance()
    return settled


def _print(settled: "list[Settled]", *, alone: bool) -> None:
    """One connection as `byoaws verify` shows it; of several, a line each."""
    if not settled:
        return
    from byoaws.formats.settled import table  # loads rich

    report = settled[0].report
    if alone and report is not None:
        from byoaws.formats.text import render

        options.print_result(render(report, options.look()))
    else:
        options.print_result(table([one.as_row() for one in settled], options.look()))
    for one in settled:
        if one.secret is None:
            continue
        name = one.before.connection.id
        if one.secret.state in ("unread", "customer"):
            options.warn(f"{name}: {one.secret.message}; {one.secret.todo}")
        else:
            options.note(f"{name}: {one.secret.message}")
