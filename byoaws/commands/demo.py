"""`byoaws demo`: run the whole journey on the embedded AWS, sound and broken."""

import os
import shutil
import signal
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.vendor_model import VendorAccount

_OURS = ("AWS_", "BYOAWS_", "MAILMARK_")


def _terminated(number: int, frame: object) -> None:
    """Leave by an exception, so that what was started is ended: 128 and the signal's number, as shells say it."""
    raise SystemExit(128 + number)


class _Terminal:
    """Shows the journey on stdout."""

    def __init__(self) -> None:
        self._count = 0

    def step(self, title: str) -> None:
        self._count += 1
        click.echo("\n" + click.style(f"{self._count}. {title}", bold=True, fg="cyan"))

    def command(self, text: str) -> None:
        click.echo(click.style(f"$ {text}", bold=True))

    def output(self, text: str) -> None:
        click.echo(text, nl=False)

    def note(self, text: str) -> None:
        click.echo(click.style(f"  {text}", dim=True))


@click.command()
@options.vendor_option
def demo(vendor: str | None) -> None:
    """Run the whole journey on the embedded AWS, sound and broken.

    Needs no AWS account: pip install 'byoaws[demo]'.
    """
    from byoaws import factory
    from byoaws.flows.demo.run import DEFAULT, REGION, Journey

    env = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    if options.color_on():
        env["FORCE_COLOR"] = "1"
    env["COLUMNS"] = str(shutil.get_terminal_size().columns)
    screen = _Terminal()
    signal.signal(signal.SIGTERM, _terminated)
    settings = options.settings(vendor=vendor or DEFAULT)
    chosen = factory.vendor(replace(settings, env=env))
    with tempfile.TemporaryDirectory(prefix="byoaws-demo-") as name:
        folder = Path(name)
        stage = factory.stage(REGION, vendor_id=chosen.account.account_id, principal=_principal(chosen.account))
        try:
            screen.note("embedded AWS is up: a vendor's and a customer's account")
            variable = f"{chosen.name.upper().replace('-', '_')}_AWS_ACCOUNT_ID"
            env |= {"BYOAWS_DATA_DIR": str(folder / "data"), variable: stage.vendor_account}
            Journey(
                aws=stage,
                screen=screen,
                vendor=chosen,
                vendor_option=_absolute(vendor),
                folder=folder,
                env=env,
            ).run()
        finally:
            stage.close()
    click.echo(
        "\n" + click.style("Done: one account verified, the others refused, each for its own reason.", bold=True)
    )


def _principal(account: "VendorAccount") -> str | None:
    return account.role_arn.split(":", 5)[5] if account.role_arn else account.principal


def _absolute(vendor: str | None) -> str | None:
    """The commands run in a folder of their own."""
    return str(Path(vendor).absolute()) if vendor and Path(vendor).is_file() else vendor
