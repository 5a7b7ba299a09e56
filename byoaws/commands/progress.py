"""What a terminal shows while something runs; silent where there is no terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from byoaws.model import ProbeResult
from byoaws.verify.interface import Probe, Progress


class Silent:
    """Shows nothing."""

    def started(self, probe: Probe) -> None:
        """Nothing."""

    def finished(self, result: ProbeResult) -> None:
        """Nothing."""

    def waiting(self, seconds: float) -> None:
        """Nothing."""


@contextmanager
def verify_progress() -> Iterator[Progress]:
    """Yield a progress that shows the running probe on stderr, and clears it at the end."""
    if sys.stderr is None or not sys.stderr.isatty():  # None: it was closed before we started
        yield Silent()
        return
    from rich.console import Console
    from rich.status import Status

    class Spinner(Silent):
        def started(self, probe: Probe) -> None:
            status.update(f"{probe.name}: {probe.title}")

        def waiting(self, seconds: float) -> None:
            status.update(f"refused; IAM may still be spreading the role: trying again in {seconds:.0f} s")

    with Status("asking AWS", console=Console(stderr=True)) as status:
        yield Spinner()
