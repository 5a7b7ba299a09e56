"""The `byoaws` command: a lazy click group, and the one place where an error becomes a message and an exit code."""

import pkgutil
import sys

import click

from byoaws import __version__
from byoaws.errors import ByoawsError
from byoaws.registry import COMMANDS


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

    def main(self, *args: object, **kwargs: object) -> None:  # type: ignore[override]
        """Run, and turn our own errors into one message and their exit code."""
        kwargs["standalone_mode"] = kwargs.get("standalone_mode", True)
        try:
            super().main(*args, **kwargs)  # type: ignore[call-overload]
        except ByoawsError as error:
            if "--debug" in sys.argv[1:]:
                raise
            report(error)
            sys.exit(error.exit_code)


def summary(name: str) -> str:
    """Return the one-line help of a built-in command without importing it."""
    module = COMMANDS.builtins[name].partition(":")[0]
    package, _, stem = module.rpartition(".")
    source = pkgutil.get_data(package, f"{stem}.py") or b""
    first = source.decode("utf-8").partition("\n")[0].strip('" ')
    return first.partition(": ")[2]


def report(error: ByoawsError) -> None:
    """Print an error and its hint on stderr."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {error}", err=True)
    if error.hint:
        click.echo(f"{click.style('hint:', bold=True)}  {error.hint}", err=True)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show a traceback where byoaws would show a message.")
@click.version_option(__version__, prog_name="byoaws")
def main(debug: bool) -> None:
    """Run your service inside your customers' own AWS accounts.

    Generate the stack, build the Quick-Create link, verify that the account is connected, and that nobody else can
    get in.

    Exit codes: 0 fine; 1 checked, and it is not fine; 2 wrong usage; 3 could not tell.
    """


if __name__ == "__main__":
    main()
