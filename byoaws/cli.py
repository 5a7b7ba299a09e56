"""The `byoaws` command: a lazy click group, and the one place where an error becomes a message and an exit code."""

import contextlib
import errno
import gc
import io
import itertools
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import click

from byoaws import __version__
from byoaws.commands.options import forced_color
from byoaws.errors import ByoawsError
from byoaws.registry import COMMANDS

CANNOT_TELL = 3
INTERRUPTED = 130
"""128 and the number of SIGINT, as shells say it."""
PIPE_CLOSED = 141
"""128 and the number of SIGPIPE: never to be mistaken for a result."""


class LazyGroup(click.Group):
    """Loads a command's module when that command runs, so that `--help` costs nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; click reports a name that is not there."""
        if cmd_name not in COMMANDS.builtins and cmd_name not in list(COMMANDS):
            return None
        command = COMMANDS.load(cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the first line of each file."""
        rows = [(name, summary(name)) for name in COMMANDS.builtins]
        rows += [(name, "added by another package") for name in COMMANDS if name not in COMMANDS.builtins]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line; --help and --version print here."""
        with _pipe_may_close():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> None:
        """Run a command; what it returns is nobody's exit code."""
        with _pipe_may_close():
            super().invoke(ctx)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: object
    ) -> NoReturn:
        """Run, turn whatever goes wrong into one message and its exit code, and end the process."""
        extra |= {"standalone_mode": False, "color": forced_color()}
        given = sys.argv[1:] if args is None else args
        debug = "--debug" in itertools.takewhile(lambda text: text.startswith("-"), given)
        _show_what_can_be_shown()
        gc.set_threshold(50_000, 20, 20)  # imports make many objects and no garbage: 6 % of a short command
        try:
            # With standalone_mode off, a number comes from click's own Exit, as of --help.
            code = super().main(args, prog_name, **extra)  # type: ignore[call-overload]
        except Exception as error:  # noqa: BLE001  reported, with exit code 3: Python's own 1 would be a verdict
            if debug and not isinstance(error, click.ClickException | click.Abort):
                import traceback

                traceback.print_exc()
            code = end(error)
        except KeyboardInterrupt:  # click turns it into Abort, except in its own last steps
            code = INTERRUPTED
        sys.exit(code or 0)


class _PipeClosedError(Exception):
    """Whoever read our output has stopped reading, as `head` does."""


@contextlib.contextmanager
def _pipe_may_close() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        # click would end with 1, which says "checked, and it is not fine".
        raise _PipeClosedError from error


def end(error: Exception) -> int:
    """Say on stderr what went wrong, and return the exit code."""
    with contextlib.suppress(OSError):  # a closed stderr must not change the exit code
        if isinstance(error, ByoawsError):
            report(error.message, error.hint)
        elif isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
        elif isinstance(error, click.ClickException):
            report(*_explained(error))
        elif isinstance(error, click.Abort):
            if error.__cause__ is None:  # out of a prompt, whose line is still open
                click.echo(err=True)
            report(*_aborted(error))
        elif not isinstance(error, _PipeClosedError):
            report(*_unforeseen(error))
    _let_go()
    return _exit_code(error)


def _exit_code(error: Exception) -> int:
    if isinstance(error, ByoawsError):
        return error.exit_code
    if isinstance(error, click.ClickException):
        return click.UsageError.exit_code
    if isinstance(error, click.Abort):
        return INTERRUPTED if _interrupted(error) else click.UsageError.exit_code
    return PIPE_CLOSED if isinstance(error, _PipeClosedError) else CANNOT_TELL


def _explained(error: click.ClickException) -> tuple[str, str]:
    """Click's own message in our style, and the way to the help."""
    text = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "byoaws COMMAND"
    return text[:1].lower() + text[1:], f"{command} --help shows how it is used"


def _interrupted(error: click.Abort) -> bool:
    return not isinstance(error.__cause__ or error.__context__, EOFError)


def _aborted(error: click.Abort) -> tuple[str, str]:
    if _interrupted(error):
        return "interrupted", ""
    return "a question was asked, and standard input has no answer", "the command's --help shows what answers it"


def _unforeseen(error: Exception) -> tuple[str, str]:
    """No text of an unknown error is shown, since it may hold anything; the system's own words may be."""
    if isinstance(error, OSError) and error.strerror:
        place = f": '{error.filename}'" if error.filename else ""
        return f"{error.strerror.lower()}{place}", "byoaws --debug COMMAND ... shows where"
    name = type(error).__name__
    return f"byoaws itself failed ({name})", "byoaws --debug COMMAND ... shows where; please report it"


def report(message: str, hint: str) -> None:
    """Print an error and its hint on stderr."""
    color = forced_color()
    click.echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True, color=color)
    if hint:
        click.echo(f"{click.style('hint:', bold=True)}  {hint}", err=True, color=color)


def _show_what_can_be_shown() -> None:
    """A terminal that knows no check mark gets a question mark, not an error in place of a verdict."""
    for stream in _streams():
        if stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="replace")


def _let_go() -> None:
    """What can no longer be written must not be tried again at exit, where Python would complain of it."""
    for stream in _streams():
        try:
            stream.flush()
        except OSError as error:
            if error.errno in (errno.EPIPE, errno.ENOSPC, errno.EIO):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _streams() -> list[io.TextIOWrapper]:
    """Stdout and stderr, unless they were closed before we started."""
    return [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, io.TextIOWrapper)]


def summary(name: str) -> str:
    """Return the one-line help of a built-in command without importing it."""
    module = COMMANDS.builtins[name].partition(":")[0]
    package, _, stem = module.rpartition(".")
    source = pkgutil.get_data(package, f"{stem}.py") or b""
    first = source.decode("utf-8").partition("\n")[0].strip('" ')
    return first.partition(": ")[2]


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show a traceback where byoaws would show only a message.")
@click.version_option(__version__, prog_name="byoaws")
def main(debug: bool) -> None:
    """Run your service inside your customers' own AWS accounts.

    Generate the stack, build the Quick-Create link, verify that the account is connected, and that nobody else can
    get in.

    Exit codes: 0 fine; 1 checked, and it is not fine; 2 wrong usage; 3 could not tell.
    """


if __name__ == "__main__":
    main()
