"""Run programs and tell what they cost: processor time of each, and ratios taken round by round."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is run."""

    arguments: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    """Where it runs."""
    code: int = 0
    """How it must end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run cost, in seconds."""

    wall: float
    cpu: float
    """User and system time of this process alone."""


def run(program: Program) -> Cost:
    """Run once.

    Raises:
        SystemExit: it did not end as it must; its last words are shown.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        program.arguments,
        cwd=program.folder,
        env=program.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != program.code:
        raise SystemExit(f"{' '.join(program.arguments)} ended with {process.returncode}:\n{said.decode()[-2000:]}")
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing that is measured, and its limit."""

    name: str
    program: Program
    against: Program | None
    """What it is compared with in each round; None where the limit is in seconds of processor time."""
    limit: float
    rounds: int
    beyond: bool = False
    """What counts is how many seconds of processor time it takes more than what it is compared with."""
    by_wall: bool = False
    """Compared by wall time, where several processes work for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of a figure, round by round."""

    name: str
    wall: Sequence[float]
    """Seconds."""
    cpu: Sequence[float]
    """Seconds."""
    values: Sequence[float]
    """What is held against the limit, by its median."""
    limit: float
    unit: str
    """`x`, `s`, `MB`, or none for a number of things."""
    at_least: bool = False
    """The value must not be below the limit; else not above it."""
    by_wall: bool = False

    @property
    def value(self) -> float:
        """What is held against the limit."""
        return median(self.values)

    @property
    def exceeded(self) -> bool:
        """True if the limit is not kept."""
        return self.value < self.limit if self.at_least else self.value > self.limit

    def told(self) -> dict[str, object]:
        """Return it for `results.json`."""
        return {
            "name": self.name.strip(),
            "value": self.value,
            "lowest": min(self.values),
            "highest": max(self.values),
            "limit": self.limit,
            "limit_is": "lowest" if self.at_least else "highest",
            "unit": self.unit,
            "kept": not self.exceeded,
            "wall_seconds": median(self.wall),
            "cpu_seconds": median(self.cpu),
        }


def _counted(cost: Cost, figure: Figure) -> float:
    return cost.wall if figure.by_wall else cost.cpu


def measure(figure: Figure) -> Row:
    """Measure one figure. The first round writes Python's caches, and does not count."""
    costs, values = [], []
    for number in range(figure.rounds + 1):
        base = _counted(run(figure.against), figure) if figure.against else 1.0
        cost = run(figure.program)
        if number:
            costs.append(cost)
            counted = _counted(cost, figure)
            values.append(counted - base if figure.beyond else counted / base)
    return Row(
        name=figure.name,
        wall=[cost.wall for cost in costs],
        cpu=[cost.cpu for cost in costs],
        values=values,
        limit=figure.limit,
        unit="x" if figure.against and not figure.beyond else "s",
        by_wall=figure.by_wall,
    )
