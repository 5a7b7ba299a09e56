"""How the commands of `byoaws mail-manager` end, and an option that they share."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.flows.mail_manager.outcome import Outcome

F = TypeVar("F", bound=Callable[..., object])


def timeout_option(seconds: int) -> Callable[[F], F]:
    """`--timeout`, in seconds."""
    return click.option(
        "--timeout",
        metavar="S",
        type=click.FloatRange(0, 86_400),
        default=seconds,
        show_default=True,
        help="Seconds to wait at most.",
    )


def end(outcome: "Outcome", format_name: str, text: str = "", **data: str) -> NoReturn:
    """Print the result and end with its exit code; `text` is the result for people, less the last line."""
    if format_name == "json":
        options.print_result(json.dumps({**data, **outcome.as_json()}, indent=2) + "\n")
    else:
        shown = f"{text}{options.plain(outcome.message, 1000)}\n"
        options.print_result(shown if options.color_on() else click.unstyle(shown))
        if outcome.todo:
            options.note(options.plain(outcome.todo, 1000))
    raise SystemExit(outcome.exit_code)
