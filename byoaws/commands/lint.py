"""`byoaws lint`: check CloudFormation templates and IAM policies with cfn-lint and our own rules."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from byoaws.commands import options
from byoaws.registry import FINDING_FORMATS

if TYPE_CHECKING:
    from byoaws.lint.interface import Linted
    from byoaws.settings import Settings


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--vendor",
    metavar="NAME|FILE",
    callback=options.not_empty,
    help="Also hold the file against this vendor's Quick-Create link, and the SES API it calls.",
)
@click.option(
    "--link", metavar="URL", callback=options.not_empty, help="Also hold the file against this Quick-Create link."
)
@options.format_option(*FINDING_FORMATS)
@click.option(
    "--explain", metavar="CODE", callback=options.not_empty, help="Say what a rule is about, and lint nothing."
)
@click.option("--only-templates", is_flag=True, help="Leave out files that are no template also where they are named.")
@click.option("--no-cache", is_flag=True, help="Lint every file anew, and keep nothing.")
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1, 256), help="Processes to work with at most. [default: one per core]"
)
def lint(
    paths: tuple[Path, ...],
    vendor: str | None,
    link: str | None,
    format_name: str,
    explain: str | None,
    only_templates: bool,
    no_cache: bool,
    jobs: int | None,
) -> None:
    """Check CloudFormation templates and IAM policies with cfn-lint and our own rules.

    Takes files and folders as PATHS; a policy is a file with a Statement and no Resources. Exit codes: 0 clean, 1 any
    error or warning, 3 could not tell, as a rule crashed and nothing else was found.
    """
    if explain is not None:
        _explain(explain, paths)
        return
    if not paths:
        raise click.UsageError("missing argument 'PATHS...'", click.get_current_context())
    from byoaws import factory
    from byoaws.commands.lint_progress import lint_progress

    settings = options.settings(vendor=vendor)
    linter = factory.linter(settings, jobs=jobs, use_cache=not no_cache)
    with lint_progress() as progress:
        linted = linter(
            paths, only_templates=only_templates, progress=progress, **_facts(settings, vendor is not None, link)
        )
    look = options.look()
    options.print_result(FINDING_FORMATS.load(format_name)(linted, look))
    raise SystemExit(_exit_code(linted))


def _explain(code: str, paths: tuple[Path, ...]) -> None:
    if paths:
        raise click.UsageError(f"--explain lints nothing, so '{paths[0]}' is too much", click.get_current_context())
    from byoaws import factory

    options.print_result(factory.explainer()(code))


def _facts(settings: "Settings", has_vendor: bool, link: str | None) -> dict[str, Any]:
    if not has_vendor and link is None:
        return {}
    from byoaws import factory
    from byoaws.flows.lint import asked_actions, facts_of_link, link_facts

    if not has_vendor:
        return {"link": facts_of_link(link)} if link else {}
    chosen = factory.vendor(settings)
    facts = link_facts(chosen) if link is None else facts_of_link(link, chosen)
    return {"link": facts, "asked": asked_actions(chosen)}


def _exit_code(linted: "Linted") -> int:
    """What is certain comes first, as for every command."""
    from byoaws.lint.interface import COULD_NOT_TELL

    wrong = {item.code for item in linted.findings if item.severity != "info"}
    if wrong - {COULD_NOT_TELL}:
        return 1
    return 3 if wrong else 0
