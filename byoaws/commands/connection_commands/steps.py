"""How it is shown what the customer does: in the console, or by command."""

import click

from byoaws.commands import options


def show(message: str, *, todo: str = "", console: tuple[str, ...] = (), commands: tuple[str, ...] = ()) -> None:
    """Print what came of a step, the two ways to do the next one, and what comes then."""
    width = options.look().width
    lines = [click.wrap_text(message, width=width)]
    if console:
        lines += ["", click.style("The customer, in the AWS console", bold=True)]
        lines += [_wrapped(f"{number}. ", step, width) for number, step in enumerate(console, start=1)]
    if commands:
        title = "or by command, in a POSIX shell" if console else "The customer, in a POSIX shell"
        # Not wrapped: they are there to be copied.
        lines += ["", click.style(title, bold=True), *commands]
    if todo:
        lines += ["", _wrapped("then    " if console or commands else "do      ", todo, width)]
    text = "\n".join(lines) + "\n"
    options.print_result(text if options.color_on() else click.unstyle(text))


def _wrapped(head: str, text: str, width: int) -> str:
    return click.wrap_text(text, width=width, initial_indent=head, subsequent_indent=" " * len(head))
