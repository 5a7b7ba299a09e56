"""`byoaws mail-manager`: do what SES Mail Manager needs beside its stack: wait, import, search, edit rules."""

from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.groups import Group
from byoaws.commands.mail_manager_commands.archive import archive
from byoaws.commands.mail_manager_commands.ending import end, timeout_option
from byoaws.commands.mail_manager_commands.import_list import import_list
from byoaws.commands.mail_manager_commands.rules import rules
from byoaws.commands.whose import Whose, whose_options

if TYPE_CHECKING:
    from byoaws.flows.mail_manager.wait import Waited


@click.group("mail-manager", cls=Group)
def mail_manager() -> None:
    """Do what SES Mail Manager needs beside its stack: wait, import, search, edit rules.

    Everything is done through the connection's role (--connection), or with the account's own credentials.
    """


@mail_manager.command()
@click.option("--ingress-point", metavar="ID", callback=options.not_empty, help="Which one. [default: all of them]")
@timeout_option(600)
@whose_options
@options.format_option("text", "json")
def wait(whose: Whose, ingress_point: str | None, timeout: float, format_name: str) -> None:
    """Wait until ingress points are ACTIVE, and only then show the DNS record to set.

    Exit codes: 0 all are ACTIVE, 1 one is not and will not be, 3 the time was over, or AWS did not answer.
    """
    from byoaws import factory
    from byoaws.commands.progress import job_progress
    from byoaws.flows.mail_manager import wait as flow
    from byoaws.flows.mail_manager.outcome import Outcome, settled

    aws, region = whose.open_mail_manager()
    shown: list[Waited] = []

    def run() -> Outcome:
        with job_progress() as progress:
            waited = flow.wait(
                aws,
                ingress_point,
                clock=factory.clock(),
                timeout=timeout,
                show=lambda point: progress(f"{options.plain(point.id)}: {point.status}", 0),
            )
        shown.append(waited)
        return waited.outcome

    outcome = settled(run, ingress_points=[])
    end(outcome, format_name, "".join(map(_as_text, shown)), region=region)


def _as_text(waited: "Waited") -> str:
    lines = []
    for point in waited.points:
        name = options.plain(f"{point.point.id}  {point.point.name}")
        color = "green" if point.record else "red" if point.rests else "yellow"
        status = click.style(options.plain(point.point.status or "?"), fg=color, bold=True)
        lines.append(f"{status}  {name}")
        if point.record:
            lines.append(f"  MX record  {options.plain(point.record)}")
        if point.todo:
            lines.append(f"  do         {point.todo}")
    return "".join(f"{line}\n" for line in lines)


mail_manager.add_command(import_list)
mail_manager.add_command(archive)
mail_manager.add_command(rules)
