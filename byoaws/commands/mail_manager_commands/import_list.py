"""`byoaws mail-manager import-list`: import addresses from a CSV or JSON file into an address list."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.files import read_bytes, write_text
from byoaws.commands.mail_manager_commands.ending import end, timeout_option
from byoaws.commands.whose import Whose, whose_options

if TYPE_CHECKING:
    from byoaws.mail_manager.address_list_file import AddressListFile

_SHOWN = 20
"""Rejected rows."""


@click.command("import-list")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--list", "list_", metavar="NAME|ID", required=True, callback=options.not_empty, help="The address list.")
@click.option("--data-format", type=click.Choice(["csv", "json"]), help="Of the file. [default: what its name ends in]")
@click.option("--dry-run", is_flag=True, help="Check the file, and import nothing; AWS is not asked.")
@click.option("--skip-bad-rows", is_flag=True, help="Import the other rows; without it nothing is imported.")
@click.option(
    "--rejected", metavar="PATH", type=click.Path(path_type=Path), help="Write all rows that are refused, as CSV."
)
@timeout_option(900)
@whose_options
@options.format_option("text", "json")
def import_list(
    whose: Whose,
    file: Path,
    list_: str,
    data_format: str | None,
    dry_run: bool,
    skip_bad_rows: bool,
    rejected: Path | None,
    timeout: float,
    format_name: str,
) -> None:
    """Import addresses from a CSV or JSON file into an address list.

    Every row is checked first. Ctrl-C stops the import job. Exit codes: 0 all imported, 1 nothing or not all, 3 could
    not tell.
    """
    from byoaws.flows.mail_manager import import_list as flow
    from byoaws.mail_manager.address_list_file import MOST_BYTES, read

    form = flow.format_of(str(file), data_format)
    found = read(read_bytes(file, MOST_BYTES), form, source=str(file))
    _report(found, rejected)
    outcome = flow.rows_outcome(found, skip_bad_rows=skip_bad_rows)
    if outcome is None and dry_run:
        outcome = flow.checked_only(found)
    if outcome is None:
        what = flow.Import(file=found, data_format=form, list_=list_, timeout=timeout)
        _import(whose, what, format_name)
    else:
        end(outcome, format_name)


def _import(whose: Whose, what: object, format_name: str) -> None:
    from byoaws import factory
    from byoaws.commands.progress import job_progress
    from byoaws.flows.mail_manager import import_list as flow
    from byoaws.flows.mail_manager.outcome import settled

    assert isinstance(what, flow.Import)  # noqa: S101  made by the caller
    aws, region = whose.open_mail_manager()
    with job_progress(len(what.file.addresses)) as progress:
        watch = flow.Watch(clock=factory.clock(), now=factory.now, show=progress, interrupted=options.warn)
        outcome = settled(lambda: flow.import_list(aws, what, watch))
    end(outcome, format_name, region=region)


def _report(found: "AddressListFile", path: Path | None) -> None:
    """Say on stderr which rows are refused, and why; never what stands in them."""
    from byoaws.mail_manager.address_list_file import rejected_as_csv

    for row in found.rejected[:_SHOWN]:
        column = f", column {row.column}," if row.column > 1 else ""
        options.note(f"line {row.line}{column} {row.reason}")
    further = len(found.rejected) - _SHOWN
    if further > 0:
        options.note(f"and {further:,} more rows; --rejected PATH writes them all")
    if path is not None:
        write_text(path, rejected_as_csv(found.rejected))
        options.note(f"{len(found.rejected):,} refused rows written to '{path}', which holds addresses")
