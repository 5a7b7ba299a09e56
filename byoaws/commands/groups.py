"""Groups of commands whose help says of each command its first sentence, whole; click cuts it off at the line's end."""

import click

_WHOLE = 1000
"""Characters; no sentence is longer."""


class Group(click.Group):
    """A group that is loaded with its commands."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, in the order of their names."""
        names = self.list_commands(ctx)
        commands = [(name, self.get_command(ctx, name)) for name in names]
        rows = [(name, one.get_short_help_str(_WHOLE)) for name, one in commands if one is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
