"""`byoaws lint`: check CloudFormation templates and IAM policies with cfn-lint and our own rules."""

import json
from pathlib import Path
from typing import Any

import click

from byoaws.commands import options


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--vendor",
    metavar="NAME|FILE",
    callback=options.not_empty,
    help="Also hold the file against this vendor's Quick-Create link, and the SES API it calls.",
)
@options.format_option("text", "json")
def lint(paths: tuple[Path, ...], vendor: str | None, format_name: str) -> None:
    """Check CloudFormation templates and IAM policies with cfn-lint and our own rules.

    Takes files and folders; a policy is a file with a Statement and no Resources. Exit codes: 0 clean, 1 any error or
    warning.
    """
    from byoaws import factory
    from byoaws.flows.lint import asked_actions, link_facts

    settings = options.settings(vendor=vendor)
    facts: dict[str, Any] = {}
    if vendor:
        chosen = factory.vendor(settings)
        facts = {"link": link_facts(chosen), "asked": asked_actions(chosen)}
    findings = factory.linter()(paths, **facts)
    if format_name == "json":
        from dataclasses import asdict

        options.print_result(json.dumps({"findings": [asdict(item) for item in findings]}, indent=2) + "\n")
    else:
        from byoaws.formats.findings import render

        options.print_result(render(findings, color=options.color_on()))
    if any(item.severity != "info" for item in findings):
        raise SystemExit(1)
