"""`byoaws runbook`: write down what to do, step by step, with a connection's own values."""

import json
from pathlib import Path

import click

from byoaws.commands import options


@click.command()
@click.argument("name", required=False)
@click.option("--list", "list_all", is_flag=True, help="List the runbooks there are.")
@click.option(
    "--connection",
    "connection_id",
    metavar="ID",
    callback=options.not_empty,
    help="A stored connection, whose values are filled in. [default: placeholders]",
)
@options.vendor_option
@click.option(
    "--region",
    metavar="R",
    callback=options.not_empty,
    help="Region of the stack. [default: the connection's, $AWS_REGION, us-east-1]",
)
@options.store_option
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["markdown", "html", "text", "json"]),
    help="markdown or html for a runbook, text or json for --list. [default: the first of each; html for -o FILE.html]",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
def runbook(
    name: str | None,
    list_all: bool,
    connection_id: str | None,
    vendor: str | None,
    region: str | None,
    store: str | None,
    format_name: str | None,
    output: Path | None,
) -> None:
    """Write down what to do, step by step, with a connection's own values.

    It calls nothing, and holds no secret: it can be sent to the customer, or kept with a ticket.
    """
    if list_all:
        _list(name or connection_id or output, format_name)
        return
    if name is None:
        raise click.UsageError("give the NAME of a runbook, or --list")
    if format_name in ("text", "json"):
        raise click.UsageError(f"a runbook is written as markdown or html; '{format_name}' is for --list")
    from byoaws import factory
    from byoaws.commands import files
    from byoaws.flows.runbook.write import Request, write
    from byoaws.runbooks.catalogue import find

    find(name)
    settings = options.settings(vendor=vendor, store=store)
    options.say_vendor(settings)
    if connection_id is None:
        region = options.region_or_default(region, settings)
    request = Request(name=name, connection_id=connection_id, region=region, default_region=settings.region)
    by_name = output is not None and output.suffix.lower() in (".html", ".htm") and format_name is None
    text = write(
        request,
        factory.vendor(settings),
        lambda: factory.store(settings),
        as_html=by_name or format_name == "html",
    )
    if output:
        files.write_text(output, text)
        options.note(f"wrote {output} ({len(text.encode()):,} bytes)")
    else:
        options.print_result(text)


def _list(given: object, format_name: str | None) -> None:
    if given is not None:
        raise click.UsageError("--list stands alone, but for --format text or json")
    if format_name in ("markdown", "html"):
        raise click.UsageError(f"--list is printed as text or json; '{format_name}' is for a runbook")
    from byoaws.runbooks.catalogue import RUNBOOKS

    found = RUNBOOKS.values()
    if format_name == "json":
        entries = [{"name": one.name, "title": one.title, "summary": one.summary} for one in found]
        options.print_result(json.dumps({"runbooks": entries}, indent=2) + "\n")
        return
    width = max(len(one.name) for one in found)
    lines = [click.wrap_text(f"{one.name:<{width}}  {one.summary}", 80, "", " " * (width + 2)) for one in found]
    options.print_result("\n".join(lines) + "\n")
