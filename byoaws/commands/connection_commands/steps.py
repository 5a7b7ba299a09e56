"""How it is shown what the customer does: in the console, or by command."""

import textwrap

import click

from byoaws.commands import options


def show(message: str, *, todo: str = "", console: tuple[str, ...] = (), commands: tuple[str, ...] = ()) -> None:
    """Print what came of a step, the two ways to do the next one, and what comes then."""
    width = options.look().width
    lines = [wrapped("", message, width)]
    if console:
        lines += ["", click.style("The customer, in the AWS console", bold=True)]
        lines += [wrapped(f"{number}. ", step, width) for number, step in enumerate(console, start=1)]
    if commands:
        title = "or by command, in a POSIX shell" if console else "The customer, in a POSIX shell"
        # Not wrapped: they are there to be copied.
        lines += ["", click.style(title, bold=True), *commands]
    if todo:
        lines += ["", wrapped("then    " if console or commands else "do      ", todo, width)]
    text = "\n".join(lines) + "\n"
    options.print_result(text if options.color_on() else click.unstyle(text))


def wrapped(head: str, text: str, width: int) -> str:
    """Fold a text at its spaces only: a command or a URL that is broken cannot be copied."""
    return textwrap.fill(
        text,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
