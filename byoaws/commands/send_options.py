"""The options of `byoaws verify --send`, handed on as one request."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from byoaws.commands import options
from byoaws.errors import UsageError

if TYPE_CHECKING:
    from byoaws.flows.send import SendRequest

_WAIT = 60.0


def send_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets `send`, which is None where nothing is to be sent."""

    @click.option("--send", is_flag=True, help="Also send to SES's simulator, and wait for the events; needs --events.")
    @click.option(
        "--events",
        metavar="FILE",
        callback=options.not_empty,
        help="With --send: the file where your receiver writes down each event.",
    )
    @click.option(
        "--send-from",
        metavar="ADDRESS",
        callback=options.not_empty,
        help="With --send: the sender. [default: byoaws@ the first verified domain]",
    )
    @click.option(
        "--send-wait",
        metavar="SECONDS",
        type=click.FloatRange(0, 600),
        callback=options.number_of_seconds,
        help=f"With --send: how long the events may take. [default: {_WAIT:g}]",
    )
    @functools.wraps(command)
    def with_request(
        *, send: bool, events: str | None, send_from: str | None, send_wait: float | None, **others: Any
    ) -> Any:
        return command(send=_request(send, events, send_from, send_wait), **others)

    return with_request


def _request(send: bool, events: str | None, sender: str | None, wait: float | None) -> "SendRequest | None":
    given = {"--events": events, "--send-from": sender, "--send-wait": wait}
    if not send:
        alone = next((name for name, value in given.items() if value is not None), None)
        if alone:
            raise UsageError(f"{alone} is for --send", hint="give --send as well: it sends three messages")
        return None
    if events is None:
        raise UsageError(
            "--send needs --events FILE: byoaws itself does not see what comes to your receiver",
            hint="docs/webhooks.md, 'A file of events', shows how the receiver writes it",
        )
    from pathlib import Path

    from byoaws.flows.send import SendRequest

    return SendRequest(events=Path(events), sender=sender, wait=_WAIT if wait is None else wait)
