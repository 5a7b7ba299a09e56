"""What a terminal shows while something runs; silent where there is no terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from byoaws.commands.fleet_commands.silent import SilentFleet
from byoaws.model import ProbeResult
from byoaws.verify.interface import Probe
from byoaws.verify.interface import Progress as VerifyProgress


class Silent:
    """Shows nothing."""

    def started(self, probe: Probe) -> None:
        """Nothing."""

    def finished(self, result: ProbeResult) -> None:
        """Nothing."""

    def waiting(self, seconds: float) -> None:
        """Nothing."""


@contextmanager
def verify_progress() -> Iterator[VerifyProgress]:
    """Yield a progress that shows the running probes on stderr, and clears them at the end."""
    if sys.stderr is None or not sys.stderr.isatty():  # None: it was closed before we started
        yield Silent()
        return
    from rich.console import Console
    from rich.status import Status

    class Spinner(Silent):
        def __init__(self) -> None:
            self.running: dict[str, Probe] = {}

        def started(self, probe: Probe) -> None:
            self.running[probe.name] = probe
            self.show()

        def finished(self, result: ProbeResult) -> None:
            self.running.pop(result.name, None)
            self.show()

        def show(self) -> None:
            """The one that runs longest: it is what everybody waits for."""
            for probe in list(self.running.values())[:1]:
                more = len(self.running) - 1
                status.update(f"{probe.title}{f' (+{more})' if more else ''}")

        def waiting(self, seconds: float) -> None:
            status.update(f"refused; IAM may still be spreading the role: trying again in {seconds:.0f} s")

    with Status("asking AWS", console=Console(stderr=True)) as status:
        yield Spinner()


@contextmanager
def asking(what: str = "asking AWS") -> Iterator[None]:
    """Show on stderr that something is going on, for calls of which nobody knows how many there will be."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.status import Status

    with Status(what, console=Console(stderr=True)):
        yield


@contextmanager
def job_progress(total: int | None = None) -> Iterator[Callable[[str, int], None]]:
    """Yield what is told the state of a job and how much of it is done, and shows that on stderr.

    With a `total` it is a bar; what is shown is cleared at the end.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda state, done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    counted = (BarColumn(), MofNCompleteColumn()) if total else ()
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), *counted, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("asking AWS", total=total)
        yield lambda state, done: shown.update(task, description=state, completed=done)


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Yield a function to call after each of `total` things; shows how many, how fast, and how long it will take."""
    if sys.stderr is None or not sys.stderr.isatty() or not total:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total, speed="")

        def advance() -> None:
            shown.advance(task)
            # More may come than were counted.
            done, speed = shown.tasks[0].completed, shown.tasks[0].speed
            shown.update(task, total=max(total, done), speed=f"{speed:.1f}/s" if speed else "")

        yield advance


@contextmanager
def fleet_progress(what: str) -> Iterator[SilentFleet]:
    """Yield what is told how a run over a fleet goes on; shows how many, how fast, and for how long still."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield SilentFleet()
        return
    from byoaws.commands.fleet_commands.bar import fleet_bar

    with fleet_bar(what) as bar:
        yield bar
