"""Options of the commands that check many connections, and what they mean."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.fleet.delivery import Channel
    from byoaws.fleet.schedule import Policy
    from byoaws.settings import Settings

_SPAN = re.compile(r"([1-9][0-9]{0,5})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MOST = timedelta(days=366)
_BARE = r"[^@\s<>,;]+@[^@\s<>,;]+"
_ADDRESS = re.compile(rf"{_BARE}|[^@<>,;\r\n]*<{_BARE}>")
"""An address, or `NAME <ADDRESS>`; SES knows the rest."""


class Span(click.ParamType[timedelta]):
    """A length of time, such as `90s`, `15m`, `24h` or `7d`."""

    name = "span"

    def __init__(self, least: int, unit: str) -> None:
        self._least = timedelta(**{_UNITS[unit]: least})
        self._range = f"from {least}{unit} to {_MOST.days}d"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read one; anything else is a usage error."""
        if isinstance(value, timedelta):
            return value
        found = _SPAN.fullmatch(str(value))
        if not found:
            self.fail(f"'{value}' is not a length of time; give a number and s, m, h, d or w, such as 24h", param, ctx)
        span = timedelta(**{_UNITS[found[2]]: int(found[1])})
        if not self._least <= span <= _MOST:
            self.fail(f"'{value}' is too short or too long: {self._range}", param, ctx)
        return span


def _address(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Refuse at once what SES would refuse of every message, for two days."""
    if options.not_empty(ctx, option, value) is not None and not _ADDRESS.fullmatch(str(value)):
        raise click.BadParameter("it is not one address, such as ops@example.com", ctx, option)
    return value


def _named(ctx: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
    """Refuse an empty file name, which is the working directory by now."""
    options.not_empty(ctx, option, "" if value == Path() else None)
    return value


# Innermost first: help shows them from the last to the first.
_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option(
        "--metrics-file",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_named,
        help="Write metrics to this file every 15 seconds, for node_exporter's textfile collector.",
    ),
    click.option(
        "--metrics-host",
        metavar="ADDRESS",
        default="127.0.0.1",
        show_default=True,
        callback=options.not_empty,
        help="Where --metrics-port listens.",
    ),
    click.option(
        "--metrics-port",
        metavar="N",
        type=click.IntRange(1, 65535),
        help="Serve metrics for Prometheus at http://ADDRESS:N/metrics.",
    ),
    click.option(
        "--notify-command",
        metavar="COMMAND",
        callback=options.not_empty,
        help="Tell of changes by running this, with the message as JSON on its standard input; no shell.",
    ),
    click.option(
        "--notify-from",
        metavar="ADDRESS",
        callback=_address,
        help="Whom --notify-mail is from: an identity of your own SES.",
    ),
    click.option(
        "--notify-mail",
        metavar="ADDRESS",
        callback=_address,
        help="Tell of changes by mail, through your own SES in $AWS_REGION.",
    ),
    click.option(
        "--notify-webhook",
        metavar="URL",
        callback=options.not_empty,
        help="Tell of changes by posting to this URL, signed with $BYOAWS_NOTIFY_SECRET.",
    ),
    click.option(
        "--hold",
        metavar="N",
        type=click.IntRange(1, 100),
        default=2,
        show_default=True,
        help="How many checks in a row must find a state before it is told; insecure is told at once.",
    ),
    click.option(
        "--soon",
        metavar="T",
        type=Span(10, "s"),
        default="15m",
        show_default=True,
        help="How soon a connection that is not fine is checked again; then twice as long each time.",
    ),
    click.option(
        "--period",
        metavar="T",
        type=Span(1, "m"),
        default="24h",
        show_default=True,
        help="How often a connection that is fine is checked.",
    ),
    click.option(
        "--concurrency",
        metavar="N",
        type=click.IntRange(1, 2000),
        default=256,
        show_default=True,
        help="How many connections are checked at the same time, at most.",
    ),
    click.option(
        "--rate",
        metavar="N",
        type=click.IntRange(1, 5000),
        default=500,
        show_default=True,
        help="Calls of STS a second, at most, of this process, or of all workers together. AWS's own limit is 600 for "
        "your account and region.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetChoice:
    """What `fleet_options` were given; the fields are the options' names."""

    concurrency: int
    rate: int
    hold: int
    soon: timedelta
    period: timedelta
    notify_command: str | None
    notify_from: str | None
    notify_mail: str | None
    notify_webhook: str | None
    metrics_file: Path | None
    metrics_host: str
    metrics_port: int | None

    def policy(self) -> "Policy":
        """How often, and when it is told."""
        from byoaws.fleet.schedule import Policy

        return Policy(period=self.period, soon=self.soon, hold=self.hold)

    def channels(self, settings: "Settings") -> "dict[str, Channel]":
        """Who is told; raises UsageError for what does not fit together."""
        from byoaws.factories import fleet

        return fleet.channels(
            settings,
            webhook=self.notify_webhook,
            mail=self.notify_mail,
            sender=self.notify_from,
            command=self.notify_command,
        )


def _asked_for(name: str) -> bool:
    from click.core import ParameterSource

    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _refuse_contradictions(chosen: FleetChoice) -> None:
    # Of a short period, the default of --soon is no contradiction: it ends there.
    if _asked_for("soon") and chosen.soon > chosen.period:
        raise click.UsageError("--soon is longer than --period, at which it ends: give a shorter one")
    if _asked_for("metrics_host") and chosen.metrics_port is None:
        raise click.UsageError("--metrics-host says where --metrics-port listens: give that, too")


def say_what_workers_decide() -> None:
    """Warn of options of `fleet_options` that were given to a command that leaves its work to others."""
    vain = [f"--{field.name.replace('_', '-')}" for field in fields(FleetChoice) if _asked_for(field.name)]
    if vain:
        options.warn(f"that is for the workers to say, and is not heeded with --queue: {', '.join(sorted(vain))}")


def fleet_options(command: Callable[..., None]) -> Callable[..., None]:
    """How fast, how often, who is told, and where figures go; the command is given them as one, named `fleet`."""

    @functools.wraps(command)
    def gathered(**given: Any) -> None:
        chosen = FleetChoice(**{field.name: given.pop(field.name) for field in fields(FleetChoice)})
        _refuse_contradictions(chosen)
        command(fleet=chosen, **given)

    made: Callable[..., None] = gathered
    for option in _OPTIONS:
        made = option(made)
    return made
