"""Searches in an archive and exports from it: AWS works on them for a while, and they can be taken up again by id."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from byoaws.errors import AwsError
from byoaws.flows.mail_manager.outcome import CANNOT_TELL, FINE, NOT_FINE, Outcome
from byoaws.flows.mail_manager.polling import poll
from byoaws.mail_manager.port import ArchivedMessage, ArchiveJob, MailManager
from byoaws.model import Json
from byoaws.verify.clock import Clock

_RESTS = frozenset({"COMPLETED", "FAILED", "CANCELLED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """How one kind of job is driven."""

    kind: str
    """`search` or `export`."""
    get: Callable[[str], ArchiveJob]
    stop: Callable[[str], None]


def searches(aws: MailManager) -> Job:
    """Return how searches are driven."""
    return Job(kind="search", get=aws.search, stop=aws.stop_search)


def exports(aws: MailManager) -> Job:
    """Return how exports are driven."""
    return Job(kind="export", get=aws.export, stop=aws.stop_export)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How a job is waited for."""

    clock: Clock
    timeout: float
    """Seconds."""
    show: Callable[[str], None]
    """Told the state of the job."""
    stop_on_interrupt: bool
    """Ctrl-C stops the job in AWS as well."""
    interrupted: Callable[[str], None]
    """Told what became of the job after Ctrl-C."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search came to."""

    messages: Sequence[ArchivedMessage]
    outcome: Outcome


def started(job: Job, job_id: str) -> Outcome:
    """Return the end of a command that does not wait."""
    return Outcome(
        exit_code=FINE,
        message=f"the {job.kind} '{job_id}' has begun",
        todo=f"take it up again: byoaws mail-manager archive {job.kind} --resume {job_id}",
        data={f"{job.kind}_id": job_id},
    )


def search(aws: MailManager, job_id: str, patience: Patience) -> Found:
    """Wait for a search, and fetch what it found.

    Raises:
        AwsError: AWS did not answer; the job goes on.
    """
    jobs = searches(aws)
    ended, failure = _waited(jobs, job_id, patience)
    if failure:
        return Found(messages=(), outcome=failure)
    messages = aws.search_results(job_id)
    limited = ended.most is not None and len(messages) >= ended.most
    return Found(
        messages=messages,
        outcome=Outcome(
            exit_code=FINE,
            message=f"{len(messages):,} message{'s' if len(messages) != 1 else ''} found",
            todo="as many as were asked for: there may be more; raise --limit, or narrow the time" if limited else "",
            data={**_data(jobs, ended), "may_be_more": limited, "messages": [as_json(item) for item in messages]},
        ),
    )


def export(aws: MailManager, job_id: str, patience: Patience) -> Outcome:
    """Wait for an export.

    Raises:
        AwsError: AWS did not answer; the job goes on.
    """
    jobs = exports(aws)
    ended, failure = _waited(jobs, job_id, patience)
    return failure or Outcome(
        exit_code=FINE,
        message=f"exported to {ended.destination or 'the place that was asked for'}",
        todo="what was exported is mail: see who can read that bucket, and delete it when it is no longer needed",
        data=_data(jobs, ended),
    )


def as_json(message: ArchivedMessage) -> dict[str, Json]:
    """Return a message as plain data."""
    return {
        "id": message.id,
        "received": message.received.isoformat() if message.received else None,
        "from": message.sender,
        "to": message.recipients,
        "cc": message.copies,
        "subject": message.subject,
        "message_id": message.message_id,
        "has_attachments": message.has_attachments,
        "envelope_from": message.envelope_sender,
        "envelope_to": list(message.envelope_recipients),
    }


def _waited(job: Job, job_id: str, patience: Patience) -> tuple[ArchiveJob, Outcome | None]:
    """How the job ended, and the outcome where that is not well."""
    try:
        polled = poll(
            lambda: job.get(job_id),
            lambda state: state.state in _RESTS,
            clock=patience.clock,
            timeout=patience.timeout,
            show=lambda state: patience.show(state.state),
        )
    except KeyboardInterrupt:
        patience.interrupted(_after_interrupt(job, job_id, patience.stop_on_interrupt))
        raise
    ended, again = polled.state, f"byoaws mail-manager archive {job.kind} --resume {job_id}"
    if not polled.rests:
        message = f"the time is over, and the {job.kind} '{job_id}' is still {ended.state}"
        return ended, Outcome(
            exit_code=CANNOT_TELL, message=message, todo=f"it goes on: {again}", data=_data(job, ended)
        )
    if ended.state == "COMPLETED":
        return ended, None
    said = f": {ended.error}" if ended.error else ""
    return ended, Outcome(
        exit_code=NOT_FINE,
        message=f"the {job.kind} '{job_id}' ended as {ended.state}{said}",
        todo="of an export: see the bucket's policy and the role's permissions in docs/mail-manager.md"
        if job.kind == "export"
        else "begin it anew",
        data=_data(job, ended),
    )


def _after_interrupt(job: Job, job_id: str, stop: bool) -> str:
    again = f"byoaws mail-manager archive {job.kind} --resume {job_id}"
    if not stop:
        return f"the {job.kind} '{job_id}' goes on in AWS: {again}"
    try:
        job.stop(job_id)
    except AwsError as error:
        return f"the {job.kind} '{job_id}' could not be stopped, and goes on: {error}"
    return f"the {job.kind} '{job_id}' was stopped"


def _data(job: Job, ended: ArchiveJob) -> dict[str, Json]:
    data: dict[str, Json] = {
        f"{job.kind}_id": ended.id,
        "archive_id": ended.archive_id or None,
        "state": ended.state,
        "error": ended.error or None,
    }
    return {**data, "destination": ended.destination} if job.kind == "export" else data
