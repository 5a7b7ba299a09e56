"""Figures for Prometheus: what was checked, how fast, and what waits. Loaded only where somebody asks for them.

No figure names a connection or a customer: who may read metrics need not be allowed to read the store.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    start_http_server,
    write_to_textfile,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from byoaws.errors import ByoawsError, StoreError, UsageError
from byoaws.fleet.breaker import Breaker
from byoaws.fleet.pacing import Pace
from byoaws.fleet.threads import in_thread
from byoaws.model import Verdict, VerificationReport
from byoaws.store.interface import Backlog

T = TypeVar("T")

WRITE_EVERY = 15.0
"""Seconds between two writings of the file."""
_REFUSED = "refused"
_RUN_LEFT = "Connections that this process's `recheck` has still to check; 0 where there is none"
_DUE = "Connections whose next check was to begin by now, and that no process has claimed; not what a run has left"
_UNDER_WAY = "Connections that are due, and that some process has claimed; not those checked early, as by --all"
_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 21, 34, 60, 90)


class Progress(Protocol):
    """Told how a run goes on; `flows.recheck.means.Progress` says what is told."""

    def planned(self, total: int) -> None:
        """So many are to be checked."""

    def checked(self, count: int) -> None:
        """So many more were."""

    def waiting(self, until: datetime | None) -> None:
        """Nothing can be done before; None: that is over."""


class _Following:
    """Tells somebody else all of it, and knows how many are left."""

    def __init__(self, told: Progress) -> None:
        self._told, self._planned, self._checked = told, 0, 0
        self.waiting = told.waiting

    @property
    def left(self) -> int:
        return max(0, self._planned - self._checked)

    def planned(self, total: int) -> None:
        self._planned = total
        self._told.planned(total)

    def checked(self, count: int) -> None:
        self._checked += count
        self._told.checked(count)


class Metrics(Collector):
    """What one process counts; each figure's name is in docs/fleet.md."""

    def __init__(
        self, pace: Pace, breaker: Breaker, backlog: Callable[[], Backlog], notices: Callable[[], int]
    ) -> None:
        """Begin at zero; `backlog` and `notices` ask the store, whenever somebody looks."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a time beside each counter, which no query wants
        self.registry = CollectorRegistry()
        self._pace, self._breaker, self._backlog, self._notices = pace, breaker, backlog, notices
        self._left: Callable[[], int] = lambda: 0
        self._checks = Counter(
            "byoaws_checks",
            "Checks that came to an end, by what was found; refused: could not be asked at all",
            ["verdict"],
            registry=self.registry,
        )
        for verdict in (*(each.value for each in Verdict), _REFUSED):
            self._checks.labels(verdict)
        self._seconds = Histogram(
            "byoaws_check_seconds",
            "How long a check took, waiting for its turn included",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(self)

    def timed(
        self, check: Callable[[T], Awaitable[VerificationReport]]
    ) -> Callable[[T], Awaitable[VerificationReport]]:
        """Return a check that is counted, too."""

        async def counted(target: T) -> VerificationReport:
            started = time.monotonic()
            try:
                report = await check(target)
            except ByoawsError:
                self._checks.labels(_REFUSED).inc()
                raise
            self._seconds.observe(time.monotonic() - started)
            self._checks.labels(report.verdict.value).inc()
            return report

        return counted

    def following(self, progress: Progress) -> Progress:
        """Return what is to be told instead of `progress`, and tells it: so it is known how much a run has left."""
        followed = _Following(progress)
        self._left = lambda: followed.left
        return followed

    def describe(self) -> list[Metric]:
        """Nothing, so that registering asks no store."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Look at what others keep."""
        pace = self._pace
        yield CounterMetricFamily("byoaws_sts_calls", "Calls of STS that were let through", value=pace.calls)
        yield CounterMetricFamily("byoaws_throttles", "How often AWS asked for fewer calls", value=pace.throttles)
        yield GaugeMetricFamily("byoaws_pace", "Calls of STS a second that are let through at present", value=pace.rate)
        tripped = float(self._breaker.tripped.is_set())
        yield GaugeMetricFamily("byoaws_breaker_open", "1 once a fault of our own stopped the checks", value=tripped)
        yield GaugeMetricFamily("byoaws_run_left", _RUN_LEFT, value=self._left())
        try:
            due, notices = self._backlog(), self._notices()
        except StoreError:
            yield GaugeMetricFamily("byoaws_store_up", "1 if the store answers", value=0)
            return
        yield GaugeMetricFamily("byoaws_store_up", "1 if the store answers", value=1)
        yield GaugeMetricFamily("byoaws_due", _DUE, value=due.free)
        yield GaugeMetricFamily("byoaws_under_way", _UNDER_WAY, value=due.leased)
        yield GaugeMetricFamily("byoaws_notices_waiting", "Messages that are still to be delivered", value=notices)

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[int]:
        """Answer `/metrics`, and yield the port; raises UsageError where that is taken."""
        try:
            server, thread = start_http_server(port, host, self.registry)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"metrics cannot be served on {host}:{port}: {reason}") from error
        try:
            yield server.server_port
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    @asynccontextmanager
    async def written(self, path: Path, every: float = WRITE_EVERY) -> AsyncIterator[None]:
        """Keep a file up to date, for node_exporter; raises UsageError where it cannot be written at the start."""
        try:
            await in_thread(lambda: self._write(path))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"'{path}' cannot be written: {reason}") from error
        writing = asyncio.create_task(self._write_now_and_then(path, every))
        try:
            yield
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            with suppress(OSError):  # a full disk ends no checks
                await in_thread(lambda: self._write(path))

    async def _write_now_and_then(self, path: Path, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            with suppress(OSError):
                await in_thread(lambda: self._write(path))

    def _write(self, path: Path) -> None:
        write_to_textfile(str(path), self.registry)
