"""`byoaws mail-manager rules`: fetch, edit, compare and update the rules of a rule set."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.files import read_text, write_text
from byoaws.commands.groups import Group
from byoaws.commands.mail_manager_commands.ending import end
from byoaws.commands.whose import Whose, whose_options

if TYPE_CHECKING:
    from byoaws.flows.mail_manager.outcome import Outcome
    from byoaws.flows.mail_manager.rules import Now
    from byoaws.mail_manager.port import MailManager
    from byoaws.mail_manager.rule_file import RuleFile

_rule_set_option = click.option(
    "--rule-set", metavar="ID|NAME", callback=options.not_empty, help="Which one. [default: the only one]"
)
_same_rule_set_option = click.option(
    "--rule-set", metavar="ID", callback=options.not_empty, help="Refuse a file that is about another one."
)
_file_argument = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))


@click.group(cls=Group)
def rules() -> None:
    """Fetch, edit, compare and update the rules of a rule set."""


@rules.command()
@_file_argument
@_rule_set_option
@click.option("--force", is_flag=True, help="Replace a file that was edited, or that is another one.")
@whose_options
@options.format_option("text", "json")
def fetch(whose: Whose, file: Path, rule_set: str | None, force: bool, format_name: str) -> None:
    """Write a rule set to a file, to be edited.

    A file that was fetched and not edited is replaced. Exit codes: 0 written, 1 AWS has no such rule set, 3 AWS did not
    answer.
    """
    from byoaws.flows.mail_manager import rules as flow
    from byoaws.flows.mail_manager.outcome import FINE, Outcome, settled
    from byoaws.mail_manager.rule_file import render

    if not force:
        _require_replaceable(file)
    aws, region = whose.open_mail_manager()

    def run() -> Outcome:
        now = flow.fetch(aws, region, rule_set)
        write_text(file, render(now.owner, now.fetched))
        count = len(now.fetched.rules)
        return Outcome(
            exit_code=FINE,
            message=f"{count} rule{'s' if count != 1 else ''} of '{now.fetched.name}' written to '{file}'",
            todo="edit them, then: byoaws mail-manager rules diff FILE, byoaws mail-manager rules update FILE",
            data={
                "rule_set_id": now.owner.rule_set_id,
                "name": now.fetched.name,
                "rules": count,
                "modified": now.fetched.modified,
                "fingerprint": now.fetched.fingerprint,
                "file": str(file),
            },
        )

    end(settled(run), format_name, region=region)


@rules.command()
@_file_argument
@_same_rule_set_option
@whose_options
@options.format_option("text", "json")
def diff(whose: Whose, file: Path, rule_set: str | None, format_name: str) -> None:
    """Show how a file differs from the rule set that is there now.

    Exit codes: 0 no difference, 1 there is one, 3 AWS did not answer.
    """
    from byoaws.flows.mail_manager import rules as flow
    from byoaws.flows.mail_manager.outcome import Outcome, settled

    wanted = _read(file)
    aws, region = whose.open_mail_manager()
    shown: list[str] = []

    def run() -> Outcome:
        flow.require_own(aws, region, rule_set, wanted, str(file))
        outcome, text = flow.diff(aws, wanted, str(file))
        shown.append(_colored(text))
        return outcome

    end(settled(run), format_name, "".join(shown), region=region)


@rules.command()
@_file_argument
@_same_rule_set_option
@click.option("--allow-empty", is_flag=True, help="Also where no rule is left; needs --yes beside it.")
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@whose_options
@options.format_option("text", "json")
def update(whose: Whose, file: Path, rule_set: str | None, allow_empty: bool, yes: bool, format_name: str) -> None:
    """Put a file's rules in place of those that are there.

    Refused where somebody changed them since the file was fetched. All rules are replaced, and read back. Exit codes:
    0 updated, 1 not, 3 could not tell.
    """
    from byoaws.flows.mail_manager import rules as flow
    from byoaws.flows.mail_manager.outcome import settled

    if allow_empty and not yes:
        raise click.UsageError("--allow-empty needs --yes beside it")
    wanted = _read(file)
    aws, region = whose.open_mail_manager()

    def run() -> "Outcome":
        flow.require_own(aws, region, rule_set, wanted, str(file))
        outcome, now = _update(aws, wanted, str(file), allow_empty=allow_empty, yes=yes)
        if now is not None:
            _renew(file, now)
        return outcome

    end(settled(run), format_name, region=region)


@rules.command()
@_rule_set_option
@click.option("--allow-empty", is_flag=True, help="Also where no rule is left; needs --yes beside it.")
@click.option("--yes", is_flag=True, help="Do not ask before the update.")
@whose_options
@options.format_option("text", "json")
def edit(whose: Whose, rule_set: str | None, allow_empty: bool, yes: bool, format_name: str) -> None:
    """Open a rule set in your editor ($VISUAL, $EDITOR), and update it with what you saved.

    Rules with a mistake, or that somebody else changed meanwhile, are written to a file, so that nothing is lost. Exit
    codes: as of update.
    """
    from byoaws.flows.mail_manager import rules as flow
    from byoaws.flows.mail_manager.outcome import FINE, Outcome, settled
    from byoaws.mail_manager.rule_file import parse, render

    if allow_empty and not yes:
        raise click.UsageError("--allow-empty needs --yes beside it")
    aws, region = whose.open_mail_manager()

    def run() -> Outcome:
        now = flow.fetch(aws, region, rule_set)
        text = click.edit(render(now.owner, now.fetched), extension=".yaml", require_save=True)
        if text is None:
            return Outcome(exit_code=FINE, message="nothing was saved, and nothing changed", data={"updated": False})
        kept = Path(f"{now.fetched.name}.rules.yaml")
        updated = False
        try:
            wanted = parse(text, str(kept))
            flow.require_own(aws, region, now.owner.rule_set_id, wanted, str(kept))
            outcome, _ = _update(aws, wanted, str(kept), allow_empty=allow_empty, yes=yes)
            updated = outcome.exit_code == FINE
            return outcome
        finally:
            if not updated:
                _keep(kept, text)

    end(settled(run), format_name, region=region)


def _update(
    aws: "MailManager", wanted: "RuleFile", source: str, *, allow_empty: bool, yes: bool
) -> "tuple[Outcome, Now | None]":
    """What came of it, and what is there now where it was updated."""
    from byoaws.flows.mail_manager import rules as flow
    from byoaws.flows.mail_manager.outcome import FINE

    plan = flow.plan(aws, wanted, source, allow_empty=allow_empty)
    if plan.diff:
        click.echo(_colored(plan.diff), nl=False, err=True, color=options.color_on())
    if plan.refused is not None:
        return plan.refused, None
    if not yes and not click.confirm(f"Replace the rules of '{wanted.owner.rule_set_id}' by these?", err=True):
        return flow.declined(), None
    done = flow.update(aws, wanted, source)
    if done.diff:
        click.echo(_colored(done.diff), nl=False, err=True, color=options.color_on())
    return done.outcome, done.now if done.outcome.exit_code == FINE else None


def _read(file: Path) -> "RuleFile":
    from byoaws.mail_manager.rule_file import parse

    return parse(read_text(file, what="a file that 'rules fetch' wrote"), str(file))


def _renew(file: Path, now: "Now") -> None:
    """The file goes on from what is there now; its rules and comments stay as they are."""
    from byoaws.mail_manager.rule_file import renewed

    write_text(file, renewed(read_text(file), now.owner, now.fetched))


def _keep(path: Path, text: str) -> None:
    from byoaws.errors import UsageError

    for number in range(1, 101):
        place = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            write_text(place, text, new=True)
        except UsageError:
            if not place.exists() or number == 100:
                raise
        else:
            options.warn(f"what you wrote is in '{place}'")
            return


def _require_replaceable(file: Path) -> None:
    from byoaws.errors import UsageError

    if not file.exists():
        return
    try:
        there = _read(file)
    except UsageError as error:
        raise UsageError(
            f"'{file}' is there, and is no rule set as it was fetched", hint="name another file, or give --force"
        ) from error
    if there.edited:
        raise UsageError(f"'{file}' was edited since it was fetched", hint="name another file, or give --force")


def _colored(text: str) -> str:
    colors = {"+": "green", "-": "red", "@": "cyan"}
    lines = (click.style(line, fg=colors.get(line[:1])) for line in text.splitlines())
    colored = "".join(f"{line}\n" for line in lines)
    return colored if options.color_on() else text
