"""`byoaws connections rotate-secret`: exchange the webhook secret of a connection."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.connection_commands import steps

if TYPE_CHECKING:
    from byoaws.flows.webhook_secret.outcome import Outcome

_UNITS = {"m": 60, "h": 3600, "d": 86_400}
_SHORTEST, _LONGEST = 600, 30 * 86_400
_DURATION = re.compile(r"([1-9][0-9]{0,4})([mhd])", re.ASCII)


def _seconds(ctx: click.Context, option: click.Parameter, value: str) -> int:
    found = _DURATION.fullmatch(value)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not _SHORTEST <= seconds <= _LONGEST:
        raise click.BadParameter("it is not 10m to 30d, as 90m, 24h or 7d", ctx, option)
    return seconds


@click.command("rotate-secret")
@click.argument("connection_id", metavar="ID")
@click.option(
    "--overlap",
    metavar="TIME",
    default="24h",
    show_default=True,
    callback=_seconds,
    help="How long both keys are accepted once the customer's side has the new one: 10m to 30d.",
)
@click.option("--finish", is_flag=True, help="Accept only the new key from now on, before the overlap ends.")
@click.option(
    "--out",
    "out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the new key to a new file, where the customer has to put it into the stack.",
)
@click.option(
    "--secret-arn",
    metavar="ARN",
    callback=options.not_empty,
    help="The stack's WebhookSecretArn output, where the role cannot find the secret.",
)
@click.option("--yes", is_flag=True, help="Do not ask whether the customer's side has the new key.")
@options.vendor_option
@options.store_option
@options.profile_option
@options.format_option("text", "json")
def rotate_secret(
    connection_id: str,
    overlap: int,
    finish: bool,
    out: Path | None,
    secret_arn: str | None,
    yes: bool,
    vendor: str | None,
    store: str | None,
    profile: str | None,
    format_name: str,
) -> None:
    """Exchange the webhook secret of a connection, without a delivery that is refused.

    Makes a new key, and puts it beside the old one in the customer's account, or says what the customer does. Receivers
    accept both; run again after the overlap, it drops the old one on both sides. Interrupted anywhere, run it again.
    Exit codes: 0 nobody has to do anything now, 1 somebody has, 3 AWS did not answer.
    """
    from byoaws import factory
    from byoaws.commands.progress import asking
    from byoaws.flows.webhook_secret.opened import opener
    from byoaws.flows.webhook_secret.rotate import Wanted, rotate
    from byoaws.flows.webhook_secret.steps import Case

    if out is not None and (out.exists() or out.is_symlink()):
        raise click.UsageError(f"'{out}' is there already; the new key is only written to a new file")
    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    chosen = factory.vendor(settings)
    opened = factory.store(settings)
    try:
        case = Case(
            store=opened,
            vendor=chosen,
            open_secrets=opener(opened, chosen, factory.vendor_aws_of(settings), factory.webhook_secrets_under),
            now=factory.now,
            given_arn=secret_arn,
        )
        with asking():
            outcome = rotate(case, connection_id, Wanted(overlap=overlap, finish=finish, sure=yes))
        if outcome.state == "unsure" and _confirmed(outcome):
            outcome = rotate(case, connection_id, Wanted(overlap=overlap, finish=True, sure=True))
    finally:
        opened.close()
    _write_key(outcome, out)
    if format_name == "json":
        options.print_result(json.dumps(outcome.as_json(), indent=2) + "\n")
    else:
        steps.show(outcome.message, todo=outcome.todo, console=outcome.console, commands=outcome.commands)
    raise SystemExit(0 if outcome.state in ("overlap", "done") else 1)


def _confirmed(outcome: "Outcome") -> bool:
    if not options.on_terminal():
        return False
    options.warn(outcome.message)
    return click.confirm("Has the customer's stack had the new key for ten minutes?", err=True)


def _write_key(outcome: "Outcome", out: Path | None) -> None:
    from byoaws.commands.files import write_private

    key = outcome.connection.next_webhook_secret
    if out is None:
        return
    # Elsewhere the customer's side makes the key, or has it already.
    if outcome.state != "customer" or key is None:
        options.note(f"'{out}' was not written: nobody has to be given a key")
        return
    write_private(out, f"{key}\n")
    options.note(f"the new key is in '{out}', which only you can read; delete it when the customer has it")
