"""Options that several commands share, and how commands reach settings and the terminal."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from byoaws.settings import Settings, read_settings

F = TypeVar("F", bound=Callable[..., Any])

vendor_option: Callable[[F], F] = click.option(
    "--vendor",
    metavar="NAME|FILE",
    help="Vendor by name, or a vendor file. [default: ./byoaws.yaml, $BYOAWS_VENDOR, mailmark]",
)
store_option: Callable[[F], F] = click.option(
    "--store",
    metavar="URL",
    help="Where connections are kept. [default: $BYOAWS_STORE, or SQLite in your data directory]",
)
profile_option: Callable[[F], F] = click.option(
    "--profile", metavar="NAME", help="AWS profile of the vendor's own credentials."
)
region_option: Callable[[F], F] = click.option(
    "--region", metavar="R", help="AWS region of the customer's stack. [default: $AWS_REGION, or us-east-1]"
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


def settings(*, vendor: str | None = None, store: str | None = None, profile: str | None = None) -> Settings:
    """Read the settings from the environment and the command line."""
    return read_settings(dict(os.environ), cwd=Path.cwd(), vendor=vendor, store=store, profile=profile)


def say_vendor(found: Settings) -> None:
    """Name the vendor on stderr, where nobody asked for one."""
    if found.vendor_chosen_by:
        note(f"vendor: {found.vendor} ({found.vendor_chosen_by})")


def region_or_default(given: str | None, found: Settings) -> str:
    """Return the region; names it on stderr where nobody asked for one."""
    if given is None:
        note(f"region: {found.region}")
    return given or found.region


def note(text: str) -> None:
    """Say something on stderr that is not the result."""
    click.echo(click.style(text, dim=True), err=True)


def warn(text: str) -> None:
    """Say on stderr something the operator should know."""
    click.echo(f"{click.style('warning:', fg='yellow', bold=True)} {text}", err=True)


def color_on(stream: Any = None) -> bool:
    """True if colour may be used: a terminal, or FORCE_COLOR; never with NO_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream or sys.stdout).isatty()


def print_result(text: str) -> None:
    """Print the result on stdout, as it is."""
    click.echo(text, nl=False, color=True if color_on() else None)
