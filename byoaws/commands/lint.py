"""`byoaws lint`: check CloudFormation templates with cfn-lint and our own rules."""

import json
from pathlib import Path

import click

from byoaws.commands import options


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--vendor",
    metavar="NAME|FILE",
    callback=options.not_empty,
    help="Also hold the template against this vendor's Quick-Create link.",
)
@options.format_option("text", "json")
def lint(paths: tuple[Path, ...], vendor: str | None, format_name: str) -> None:
    """Check CloudFormation templates with cfn-lint and our own rules.

    Takes files and folders. Exit codes: 0 clean, 1 any error or warning.
    """
    from byoaws import factory
    from byoaws.flows.lint import link_facts

    settings = options.settings(vendor=vendor)
    link = link_facts(factory.vendor(settings)) if vendor else None
    findings = factory.linter()(paths, link=link)
    if format_name == "json":
        from dataclasses import asdict

        options.print_result(json.dumps({"findings": [asdict(item) for item in findings]}, indent=2) + "\n")
    else:
        from byoaws.formats.findings import render

        options.print_result(render(findings, color=options.color_on()))
    if any(item.severity != "info" for item in findings):
        raise SystemExit(1)
