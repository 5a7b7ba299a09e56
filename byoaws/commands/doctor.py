"""`byoaws doctor`: check the operator's side: vendor file, own identity, published template, store."""

import json

import click

from byoaws.commands import options


@click.command()
@options.vendor_option
@options.profile_option
@options.store_option
@options.format_option("text", "json")
def doctor(vendor: str | None, profile: str | None, store: str | None, format_name: str) -> None:
    """Check the operator's side: vendor file, own identity, published template, store.

    Exit codes: 0 fine or with warnings, 1 something is wrong, 3 could not tell.
    """
    from byoaws import factory
    from byoaws.commands.progress import asking
    from byoaws.flows.doctor.run import examine
    from byoaws.formats.json import result_as_json
    from byoaws.model import Status

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    with asking():
        results = examine(
            chosen,
            factory.vendor_aws(settings),
            factory.template_source(),
            lambda: factory.store(settings),
            lambda region: factory.publisher(settings, region),
        )
    if format_name == "json":
        options.print_result(json.dumps({"checks": [result_as_json(item) for item in results]}, indent=2) + "\n")
    else:
        from rich.console import Group

        from byoaws.formats.text import details, probe_table, to_text

        look = options.look()
        options.print_result(to_text(Group(probe_table(results), *details(results)), look))
    statuses = {item.status for item in results}
    if Status.FAIL in statuses:
        raise SystemExit(1)
    if Status.UNKNOWN in statuses:
        raise SystemExit(3)
