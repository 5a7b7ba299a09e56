"""A bar of how far a run over a fleet is; imported only where there is a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from byoaws.commands.fleet_commands.silent import SilentFleet


class _Left(TimeRemainingColumn):
    """How long it will take, or until when there is nothing to do."""

    def render(self, task: Task) -> Text:
        until = task.fields["until"]
        return Text(f"another worker has the rest until {until}") if until else super().render(task)


class _Bar(SilentFleet):
    def __init__(self, shown: Progress, what: str) -> None:
        self._shown = shown
        self._task = shown.add_task(what, total=None, speed="", until="")

    def planned(self, total: int) -> None:
        self._shown.update(self._task, total=total)

    def checked(self, count: int) -> None:
        self._shown.advance(self._task, count)
        speed = self._shown.tasks[0].speed
        self._shown.update(self._task, speed=f"{speed:.{0 if speed >= 10 else 1}f}/s" if speed else "")

    def waiting(self, until: datetime | None) -> None:
        self._shown.update(self._task, until=f"{until.astimezone():%H:%M:%S}" if until else "")

    def over(self) -> None:
        self._shown.stop()


@contextmanager
def fleet_bar(what: str) -> Iterator[SilentFleet]:
    """Yield what is told how a run goes on, and shows it on stderr; it is cleared at the end."""
    # Where there is no room for all of it, the bar gets shorter, and no figure is cut off.
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[speed]}"),
        _Left(table_column=Column(no_wrap=True)),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield _Bar(shown, what)
