"""What a shared store and a queue cost a fleet, and what they give: real commands, PostgreSQL, `fleet_server.py`."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fleet import Fleet, served
from fleet_store import Store, Stores, stores
from measure import Row

_FAST = ("--rate", "5000", "--concurrency", "128")
_LATENCY = ("--latency", "0.02")
_FAR = ("--latency", "0.1")
"""As AWS is from most machines."""
_AT_EASE = ("--rate", "5000", "--concurrency", "32")
"""A worker so waits for AWS, and not for the processor: here two workers, server and PostgreSQL share two cores."""


class Commands:
    """byoaws on one store."""

    def __init__(self, programs: Path, fleet: Fleet, store: Store, folder: Path) -> None:
        self._programs, self._folder, self.store = programs, folder, store
        data = {"BYOAWS_STORE": store.url, "BYOAWS_DATA_DIR": str(folder), "AWS_REGION": "us-east-1"}
        self._env: Mapping[str, str] = {**fleet.env, **data}

    def start(self, *words: str, script: str = "byoaws") -> subprocess.Popen[str]:
        """Start one."""
        return subprocess.Popen(
            [str(self._programs / "python"), str(self._programs / script), *words],
            env=self._env,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, script: str = "byoaws") -> str:
        """Run one to its end; return what it said beside its result."""
        process = self.start(*words, script=script)
        _, said = process.communicate()
        if process.returncode:
            raise SystemExit(f"{' '.join(words)} ended with {process.returncode}:\n{said[-2000:]}")
        return said

    @contextmanager
    def working(self, count: int, how: Sequence[str] = _FAST) -> Iterator[None]:
        """So many workers, ready for work."""
        workers = [self.start("worker", *how) for _ in range(count)]
        try:
            for worker in workers:
                ready(worker)
            yield
        finally:
            end(workers)

    def until(self, recorded: int) -> None:
        """Wait until there are so many results."""
        while self.store.recorded() < recorded:
            time.sleep(0.1)


def ready(worker: subprocess.Popen[str]) -> None:
    """Wait until it works."""
    assert worker.stderr is not None
    while "working" not in (line := worker.stderr.readline()):
        if not line:
            raise SystemExit(f"a worker ended with {worker.wait()}")


def end(workers: Sequence[subprocess.Popen[str]]) -> None:
    """Stop them as a service would be stopped."""
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        worker.communicate()


def _queued(commands: Commands, workers: int, count: int, how: Sequence[str] = _FAST) -> float:
    """Accounts a second by so many workers."""
    with commands.working(workers, how):
        time.sleep(4)  # until each has seen the others, and has its part of the rate
        commands.run("recheck", "--all", "--queue")
        commands.until(count)
    return commands.store.rate()


def workers(programs: Path, fleet: Fleet, found: Stores, folder: Path) -> Iterator[Row]:
    """Two workers against one where the processor is what they lack; and one against a recheck without a queue."""
    count, direct, one, two = 3000, [], [], []
    for _ in range(3):

        def commands() -> Commands:
            return Commands(programs, fleet, found.filled(count), folder)

        plain = commands()
        plain.run("recheck", "--all", *_FAST)
        direct.append(plain.store.rate())
        one.append(_queued(commands(), 1, count))
        two.append(_queued(commands(), 2, count))
    for name, ours, theirs, limit in (
        ("  with a full processor", two, one, 1.5),
        ("a queue, none", one, direct, 0.65),
    ):
        yield _times(name, ours, theirs, limit)


def far_workers(programs: Path, found: Stores, folder: Path) -> Iterator[Row]:
    """Two workers against one, at AWS's distance: do queue, leases and store stand in the way of the second?"""
    count, one, two = 800, [], []
    with served(programs, *_FAR) as fleet:
        for _ in range(3):
            for rates, number in ((one, 1), (two, 2)):
                rates.append(_queued(Commands(programs, fleet, found.filled(count), folder), number, count, _AT_EASE))
    yield _times("two workers, one worker", two, one, 1.5)


def _times(name: str, ours: Sequence[float], theirs: Sequence[float], limit: float) -> Row:
    wall = [1 / rate for rate in ours]
    values = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Row(name=name, wall=wall, cpu=[0.0], values=values, limit=limit, unit="x", at_least=True, by_wall=True)


def recording(programs: Path, fleet: Fleet, found: Stores, folder: Path) -> Iterator[Row]:
    """What part of the processor time goes into writing results down."""
    count, values, cpu = 2000, [], []
    script = str(Path(__file__).with_name("fleet_recording.py"))
    for _ in range(3):
        commands = Commands(programs, fleet, found.filled(count), folder)
        told = json.loads(commands.run("recheck", "--all", *_FAST, script=script).splitlines()[-1])
        values.append(told["recording"] / (told["cpu"] - told["recording"]))
        cpu.append(told["recording"] / count)
    yield Row(name="recording, verifying", wall=cpu, cpu=cpu, values=values, limit=0.05, unit="x")


def a_million(programs: Path, fleet: Fleet, found: Stores, folder: Path) -> Iterator[Row]:
    """How long it takes until the first result is in: the whole command, and a worker that waits for work."""
    store = found.filled(1_000_000)
    commands = Commands(programs, fleet, store, folder)
    for name, begin in (("1,000,000: first result", _directly), ("  by a queue", _by_queue)):
        took = [begin(commands) for _ in range(3)]
        yield Row(name=name, wall=took, cpu=[0.0], values=took, limit=2, unit="s", by_wall=True)


def _directly(commands: Commands) -> float:
    before, began = commands.store.recorded(), time.perf_counter()
    process = commands.start("recheck", "--all", "--fresh", *_FAST)
    try:
        commands.until(before + 1)
        return time.perf_counter() - began
    finally:
        end([process])


def _by_queue(commands: Commands) -> float:
    with commands.working(1):
        before, began = commands.store.recorded(), time.perf_counter()
        commands.run("recheck", "--all", "--fresh", "--queue")
        commands.until(before + 1)
        return time.perf_counter() - began


def killed(programs: Path, folder: Path) -> Iterator[Row]:
    """Two workers, killed 50 times in all during a recheck of 5,000 connections: how many end otherwise than right."""
    count, kills, chance = 5000, 50, random.Random(50)  # noqa: S311
    with served(programs, *_LATENCY, "--throttle", "0.01") as fleet, stores() as found:
        commands, began = Commands(programs, fleet, found.filled(count), folder), time.perf_counter()
        alive = [commands.start("worker", "--rate", "600") for _ in range(2)]
        ready(alive[0])
        commands.run("recheck", "--all", "--queue")
        for number in range(kills):
            ready(alive[number % 2]) if number else None
            time.sleep(chance.random())
            alive[number % 2].kill()
            alive[number % 2].communicate()
            alive[number % 2] = commands.start("worker", "--rate", "600")
        commands.until(count)
        end(alive)
        wrong = commands.store.ask(
            "SELECT count(*) FROM connections WHERE status <> 'verified' OR checked_at < now() - interval '1 day'"
            " OR lease_owner IS NOT NULL"
        )[0]
        twice = commands.store.ask("SELECT count(*) - count(DISTINCT connection_id) FROM reports")[0]
        took = [time.perf_counter() - began]
    yield Row(name="killed 50 times: wrong", wall=took, cpu=[0.0], values=[wrong], limit=0, unit="")
    yield Row(name="  recorded twice", wall=took, cpu=[0.0], values=[twice], limit=0, unit="")


def sharing_a_fleet(programs: Path, folder: Path) -> Iterator[Row]:
    """All of it but the kills."""
    with stores() as found:
        yield from far_workers(programs, found, folder)
    with served(programs, *_LATENCY) as fleet, stores() as found:
        yield from workers(programs, fleet, found, folder)
        yield from recording(programs, fleet, found, folder)
        yield from a_million(programs, fleet, found, folder)
