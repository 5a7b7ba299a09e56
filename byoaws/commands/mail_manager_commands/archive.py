"""`byoaws mail-manager archive`: search an archive, and export from it."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from byoaws.commands import options
from byoaws.commands.groups import Group
from byoaws.commands.mail_manager_commands.ending import end, timeout_option
from byoaws.commands.whose import Whose, whose_options

if TYPE_CHECKING:
    from byoaws.flows.mail_manager.archive import Patience
    from byoaws.mail_manager.port import ArchiveQuery, MailManager

_TEXTS = {
    "sender": "From header",
    "recipient": "To header",
    "cc": "Cc header",
    "subject": "subject",
    "envelope-sender": "envelope's sender",
    "envelope-recipient": "list of the envelope's recipients",
}


@click.group(cls=Group)
def archive() -> None:
    """Search an archive, and export from it."""


def _query_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which messages are meant; the command is given them as `query`, a mapping."""

    @wraps(command)
    def with_query(**given: Any) -> Any:
        names = ("archive", "since", "until", "attachments", "unless", *(name.replace("-", "_") for name in _TEXTS))
        query = {name: given.pop(name) for name in names}
        return command(query=query, **given)

    made: Callable[..., Any] = with_query
    for name, where in reversed(_TEXTS.items()):
        made = click.option(
            f"--{name}", metavar="TEXT", multiple=True, help=f"The {where} contains it; up to ten times, any of them."
        )(made)
    made = click.option("--attachments/--no-attachments", default=None, help="Only with attachments, or without.")(made)
    made = click.option(
        "--unless", metavar="NAME=TEXT", multiple=True, help="Leave out what contains it: subject=TEXT and the like."
    )(made)
    made = click.option("--until", metavar="MOMENT", help="Received before it. [default: now]")(made)
    made = click.option("--since", metavar="MOMENT", help="Received since: 2026-11-21, 2026-11-21T09:30, 36h, 7d, 2w.")(
        made
    )
    return click.option("--archive", metavar="ID", callback=options.not_empty, help="[default: the only one]")(made)


def _job_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How the job is waited for."""
    made = click.option("--stop-on-interrupt", is_flag=True, help="Ctrl-C stops the job in AWS, too.")(command)
    made = timeout_option(900)(made)
    made = click.option("--no-wait", is_flag=True, help="Begin, and print the id.")(made)
    return click.option(
        "--resume", metavar="ID", callback=options.not_empty, help="Take up a job that has begun before."
    )(made)


@archive.command()
@_query_options
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 1000), default=100, show_default=True, help="Messages at most."
)
@_job_options
@whose_options
@options.format_option("text", "json")
def search(
    whose: Whose,
    query: dict[str, Any],
    limit: int,
    resume: str | None,
    no_wait: bool,
    timeout: float,
    stop_on_interrupt: bool,
    format_name: str,
) -> None:
    """Search an archive.

    AWS works on it for a while. Exit codes: 0 searched, 1 the search failed, 3 the time was over, or AWS did not
    answer.
    """
    from byoaws.commands.progress import job_progress
    from byoaws.flows.mail_manager import archive as flow
    from byoaws.flows.mail_manager.outcome import Outcome, settled

    _exclusive(query, resume, no_wait)
    asked = None if resume else _asked(query, limit)
    aws, region = whose.open_mail_manager()
    shown: list[str] = []

    def run() -> Outcome:
        job_id = resume or aws.start_search(_at(aws, asked))
        if no_wait:
            return flow.started(flow.searches(aws), job_id)
        with job_progress() as progress:
            found = flow.search(aws, job_id, _patience(timeout, stop_on_interrupt, progress))
        if found.messages and format_name == "text":
            from byoaws.formats.messages import table  # loads rich

            shown.append(table(found.messages, options.look()))
        return found.outcome

    end(settled(run), format_name, "".join(shown), region=region)


@archive.command()
@_query_options
@click.option("--to", "destination", metavar="S3URI", help="Where to: s3://BUCKET/PREFIX. Not with --resume.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="Messages at most. [default: all]")
@click.option("--metadata", is_flag=True, help="Write what is known of each message beside it, as JSON.")
@_job_options
@whose_options
@options.format_option("text", "json")
def export(
    whose: Whose,
    query: dict[str, Any],
    destination: str | None,
    limit: int | None,
    metadata: bool,
    resume: str | None,
    no_wait: bool,
    timeout: float,
    stop_on_interrupt: bool,
    format_name: str,
) -> None:
    """Export messages of an archive to S3.

    AWS works on it for a while. Exit codes: 0 exported, 1 the export failed, 3 the time was over, or AWS did not
    answer.
    """
    from byoaws.commands.progress import job_progress
    from byoaws.flows.mail_manager import archive as flow
    from byoaws.flows.mail_manager.outcome import Outcome, settled
    from byoaws.mail_manager.archive_query import destination as checked

    _exclusive({**query, "to": destination}, resume, no_wait)
    if not resume and not destination:
        raise click.UsageError("give --to s3://BUCKET/PREFIX")
    place = checked(destination or "s3://resumed")
    asked = None if resume else _asked(query, limit)
    aws, region = whose.open_mail_manager()

    def run() -> Outcome:
        job_id = resume or aws.start_export(_at(aws, asked), place, metadata=metadata)
        if no_wait:
            return flow.started(flow.exports(aws), job_id)
        with job_progress() as progress:
            return flow.export(aws, job_id, _patience(timeout, stop_on_interrupt, progress))

    end(settled(run), format_name, region=region)


def _exclusive(query: dict[str, Any], resume: str | None, no_wait: bool) -> None:
    given = [name.replace("_", "-") for name, value in query.items() if value not in (None, ())]
    if resume and given:
        raise click.UsageError(f"--resume takes up a job as it is; leave out --{given[0]}")
    if resume and no_wait:
        raise click.UsageError("--resume waits; leave out --no-wait")
    if not resume and query.get("since") is None:
        raise click.UsageError("give --since: 2026-11-21, or 7d for the last seven days")


def _asked(query: dict[str, Any], limit: int | None) -> "ArchiveQuery":
    """The query, its archive still as it was given."""
    from byoaws import factory
    from byoaws.mail_manager import archive_query
    from byoaws.mail_manager.port import ArchiveQuery

    unless: dict[str, list[str]] = {}
    for text in query["unless"]:
        name, _, value = text.partition("=")
        if name not in _TEXTS:
            raise click.UsageError(f"--unless takes NAME=TEXT, and NAME is one of {', '.join(_TEXTS)}")
        unless.setdefault(name, []).append(value)
    since, until = archive_query.span(query["since"], query["until"], factory.now())
    include = {name: query[name.replace("-", "_")] for name in _TEXTS}
    return ArchiveQuery(
        archive_id=query["archive"] or "",
        since=since,
        until=until,
        filters=archive_query.filters(include, unless, query["attachments"]),
        most=limit,
    )


def _at(aws: "MailManager", asked: "ArchiveQuery | None") -> "ArchiveQuery":
    from dataclasses import replace

    from byoaws.flows.mail_manager.chosen import chosen

    assert asked is not None  # noqa: S101  without --resume it is there
    if asked.archive_id:
        return asked
    return replace(asked, archive_id=chosen(aws.archives(), None, "archive", "--archive").id)


def _patience(timeout: float, stop: bool, progress: Callable[[str, int], None]) -> "Patience":
    from byoaws import factory
    from byoaws.flows.mail_manager.archive import Patience

    return Patience(
        clock=factory.clock(),
        timeout=timeout,
        show=lambda state: progress(state, 0),
        stop_on_interrupt=stop,
        interrupted=options.warn,
    )
