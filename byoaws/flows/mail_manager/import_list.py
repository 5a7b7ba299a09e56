"""Importing addresses into an address list: every row checked here first, then AWS's own import job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from byoaws.errors import AwsError, UsageError
from byoaws.flows.mail_manager.chosen import chosen
from byoaws.flows.mail_manager.outcome import CANNOT_TELL, FINE, NOT_FINE, Outcome
from byoaws.flows.mail_manager.polling import poll
from byoaws.mail_manager.address_list_file import AddressListFile, written
from byoaws.mail_manager.port import ImportJob, MailManager
from byoaws.model import Json
from byoaws.verify.clock import Clock

_UNDER_WAY = frozenset({"CREATED", "PROCESSING"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What is to be imported, and how."""

    file: AddressListFile
    data_format: str
    """`csv` or `json`."""
    list_: str
    """Name or id of the address list."""
    timeout: float
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What an import needs from outside."""

    clock: Clock
    now: Callable[[], datetime]
    show: Callable[[str, int], None]
    """Told the state of the job, and how many addresses AWS is done with."""
    interrupted: Callable[[str], None]
    """Told what became of the job after Ctrl-C."""


def rows_outcome(file: AddressListFile, *, skip_bad_rows: bool) -> Outcome | None:
    """Return why nothing is imported; None where the rows do not stand in the way."""
    if not file.rejected or (skip_bad_rows and file.addresses):
        return None
    bad = f"{len(file.rejected):,} of {len(file.rejected) + len(file.addresses):,} rows"
    return Outcome(
        exit_code=NOT_FINE,
        message=f"nothing was imported: {bad} would be refused",
        todo="mend them, or leave them out: --skip-bad-rows" if file.addresses else "mend them",
        data=_counts(file),
    )


def checked_only(file: AddressListFile) -> Outcome:
    """Return the end of a dry run of a file whose rows do not stand in the way."""
    return Outcome(
        exit_code=FINE,
        message=f"{len(file.addresses):,} addresses would be imported; nothing was (--dry-run)",
        data=_counts(file),
    )


def import_list(aws: MailManager, what: Import, watch: Watch) -> Outcome:
    """Import the file's sound rows, and wait for AWS to be done.

    Raises:
        UsageError: the account has no such list.
        AwsError: AWS did not answer; the hint says whether a job may have begun.
    """
    found = chosen(aws.address_lists(), what.list_, "address list")
    name = f"byoaws-{watch.now():%Y%m%dT%H%M%S}"
    ticket = aws.create_import(found.id, name, what.data_format)
    aws.upload(ticket, written(what.file.addresses, what.data_format))
    try:
        aws.start_import(ticket.job_id)
        polled = poll(
            lambda: aws.import_job(ticket.job_id),
            lambda job: job.status not in _UNDER_WAY,
            clock=watch.clock,
            timeout=what.timeout,
            show=lambda job: watch.show(job.status, job.imported + job.failed),
        )
    except KeyboardInterrupt:
        watch.interrupted(_stopped(aws, ticket.job_id))
        raise
    except AwsError as error:
        error.hint = f"the import job '{ticket.job_id}' may have begun: see it in the SES console. {error.hint}".strip()
        raise
    return _ended(polled.state, polled.rests, what.file, found.id)


def _stopped(aws: MailManager, job_id: str) -> str:
    try:
        aws.stop_import(job_id)
    except AwsError as error:
        return f"the import job '{job_id}' could not be stopped, and goes on: {error}"
    return f"the import job '{job_id}' was stopped; what it imported so far stays in the list"


def _ended(job: ImportJob, rests: bool, file: AddressListFile, list_id: str) -> Outcome:
    data: dict[str, Json] = {
        **_counts(file),
        "address_list_id": list_id,
        "job_id": job.id,
        "status": job.status,
        "imported": job.imported,
        "failed": job.failed,
        "error": job.error or None,
    }
    said = f": {job.error}" if job.error else ""
    if not rests:
        return Outcome(
            exit_code=CANNOT_TELL,
            message=f"the time is over, and the import job '{job.id}' is still {job.status}",
            todo="it goes on in AWS: see it in the SES console, Mail Manager, Address lists",
            data=data,
        )
    if job.status != "COMPLETED":
        return Outcome(
            exit_code=NOT_FINE,
            message=f"the import ended as {job.status} after {job.imported:,} addresses{said}",
            todo="what was imported stays in the list; mend the cause, then import again",
            data=data,
        )
    if job.failed:
        return Outcome(
            exit_code=NOT_FINE,
            message=f"{job.imported:,} addresses imported; AWS refused {job.failed:,}{said}",
            todo="AWS does not say which: hold the list's members against the file",
            data=data,
        )
    return Outcome(exit_code=FINE, message=f"{job.imported:,} addresses imported", data=data)


def _counts(file: AddressListFile) -> dict[str, Json]:
    return {
        "addresses": len(file.addresses),
        "rejected": len(file.rejected),
    }


def format_of(path: str, given: str | None) -> str:
    """Return the format that was given, else the one that the file's name says.

    Raises:
        UsageError: neither says it.
    """
    if given:
        return given
    ending = path.lower().rpartition(".")[2]
    if ending in ("csv", "json"):
        return ending
    raise UsageError(
        f"'{path}' does not say whether it is CSV or JSON", hint="give --data-format csv or --data-format json"
    )
