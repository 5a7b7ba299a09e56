"""Options that several commands share, and how commands reach settings and the terminal."""

import math
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from byoaws.quickcreate.registration_token import HOURS, MOST_HOURS

if TYPE_CHECKING:
    from byoaws.formats.interface import Look
    from byoaws.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def not_empty(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Refuse an empty value: it comes from a shell variable that is not set, and a default would hide that."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty; is a shell variable not set?", ctx, option)
    return value


def number_of_seconds(ctx: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """Refuse NaN, which no range excludes."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("it is not a number of seconds", ctx, option)
    return value


vendor_option: Callable[[F], F] = click.option(
    "--vendor",
    metavar="NAME|FILE",
    callback=not_empty,
    help="Vendor by name, or a vendor file. [default: ./byoaws.yaml, $BYOAWS_VENDOR, mailmark]",
)
store_option: Callable[[F], F] = click.option(
    "--store",
    metavar="URL",
    callback=not_empty,
    help="Where connections are kept. [default: $BYOAWS_STORE, or SQLite in your data directory]",
)
profile_option: Callable[[F], F] = click.option(
    "--profile", metavar="NAME", callback=not_empty, help="AWS profile of the vendor's own credentials."
)
region_option: Callable[[F], F] = click.option(
    "--region",
    metavar="R",
    callback=not_empty,
    help="AWS region of the customer's stack. [default: $AWS_REGION, or us-east-1]",
)
template_url_option: Callable[[F], F] = click.option(
    "--template-url",
    metavar="U",
    callback=not_empty,
    help="S3 URL of the published template. [default: the vendor file's]",
)
registration_hours_option: Callable[[F], F] = click.option(
    "--registration-hours",
    metavar="N",
    type=click.IntRange(1, MOST_HOURS),
    default=HOURS,
    show_default=True,
    help=f"For how long the link's one-time token is accepted, where stacks report themselves; at most {MOST_HOURS}.",
)


def status_option(*statuses: str) -> Callable[[F], F]:
    """Return --status, by which some of the connections are chosen, as `statuses`."""
    return click.option(
        "--status",
        "statuses",
        metavar="S",
        multiple=True,
        type=click.Choice(statuses),
        help=f"Only those that stand so: {', '.join(statuses)}. May be given more than once.",
    )


def format_option(*choices: str) -> Callable[[F], F]:
    """`--format`, the first choice being the default."""
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        help="How the result is printed.",
    )


def settings(*, vendor: str | None = None, store: str | None = None, profile: str | None = None) -> "Settings":
    """Read the settings from the environment and the command line."""
    # Here, since `byoaws --help` needs this module, and neither of these.
    from pathlib import Path

    from byoaws.settings import read_settings

    return read_settings(dict(os.environ), cwd=Path.cwd(), vendor=vendor, store=store, profile=profile)


def say_vendor(found: "Settings") -> None:
    """Name the vendor on stderr, where nobody asked for one."""
    if found.vendor_chosen_by:
        # A file that was found says by its name why it was taken.
        why = f" ({found.vendor_chosen_by})" if found.vendor_chosen_by != found.vendor else ""
        note(f"vendor: {found.vendor}{why}")


def region_or_default(given: str | None, found: "Settings") -> str:
    """Return the region; names it on stderr where nobody asked for one."""
    if given is None:
        note(f"region: {found.region}")
    return given or found.region


def plain(text: str, limit: int = 200) -> str:
    """Return what somebody else wrote, fit for one line of a terminal."""
    from byoaws.vendors.words import plain as escaped

    return escaped(text, limit)


def look(least: int = 60) -> "Look":
    """Return how wide the terminal is, but at least so many columns, and whether it shows colours."""
    import shutil

    from byoaws.formats.interface import Look

    return Look(width=max(least, shutil.get_terminal_size().columns), color=color_on())


def note(text: str) -> None:
    """Say something on stderr that is not the result."""
    _say(click.style(text, dim=True))


def warn(text: str) -> None:
    """Say on stderr something the operator should know."""
    _say(f"{click.style('warning:', fg='yellow', bold=True)} {text}")


def _say(text: str) -> None:
    # While rich draws a bar, its stand-in for stderr puts a line above that; click would look through it, and write
    # into the bar.
    if type(sys.stderr).__module__ == "rich.file_proxy":
        click.echo(text, file=sys.stderr, color=forced_color() is not False)
    else:
        click.echo(text, err=True)


def forced_color() -> bool | None:
    """False with NO_COLOR, True with FORCE_COLOR, None where the terminal decides; an empty variable is not set."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def color_on() -> bool:
    """True if the result may be coloured."""
    forced = forced_color()
    # No stdout at all: it was closed before we started.
    return forced if forced is not None else sys.stdout is not None and sys.stdout.isatty()


def on_terminal() -> bool:
    """True if there is somebody who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def print_result(text: str) -> None:
    """Print the result on stdout, as it is."""
    click.echo(text, nl=False, color=color_on())
