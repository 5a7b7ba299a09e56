"""`byoaws demo`: run the whole journey on the embedded AWS, sound and broken."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import click

from byoaws.commands import options

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
def demo() -> None:
    """Run the whole journey on the embedded AWS, sound and broken.

    Needs no AWS account: pip install 'byoaws[demo]'.
    """
    from byoaws import factory
    from byoaws.flows.demo import REGION, Journey

    env = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    if options.color_on():
        env["FORCE_COLOR"] = "1"
    env["COLUMNS"] = str(shutil.get_terminal_size().columns)
    screen = _Terminal()
    signal.signal(signal.SIGTERM, _terminated)
    with tempfile.TemporaryDirectory(prefix="byoaws-demo-") as name:
        folder = Path(name)
        stage = factory.stage(REGION)
        try:
            screen.note("embedded AWS is up: a vendor's and a customer's account")
            env |= {"BYOAWS_DATA_DIR": str(folder / "data"), "MAILMARK_AWS_ACCOUNT_ID": stage.vendor_account}
            Journey(aws=stage, screen=screen, folder=folder, env=env).run()
        finally:
            stage.close()
    click.echo("\n" + click.style("Done: one account verified, three refused, each for its own reason.", bold=True))
