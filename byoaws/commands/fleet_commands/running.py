"""Run a fleet's checks from a command: put the parts together, and end as signals say."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakSet

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.commands.fleet_commands.options import FleetChoice
    from byoaws.fleet.delivery import Channel
    from byoaws.fleet.schedule import Policy
    from byoaws.fleet.summary import Summary
    from byoaws.flows.recheck.means import Means, Progress, Stoppable
    from byoaws.model import Connection, VerificationReport
    from byoaws.settings import Settings

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds for which checks that are under way are waited for, once a signal came."""


@dataclass(kw_only=True)
class Stopper:
    """Ends a run at the first signal once its checks are done, and at the second at once."""

    engines: "WeakSet[Stoppable]" = field(default_factory=WeakSet)
    """Those that still run: a worker makes one for each batch."""
    signals: int = 0

    def watch(self, engine: "Stoppable") -> None:
        """Stop this one, too."""
        self.engines.add(engine)
        if self.signals:
            engine.stop()

    def install(self) -> None:
        """Take SIGINT and SIGTERM from Python; only inside the event loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: there, Ctrl-C drops what is under way
                loop.add_signal_handler(number, self._signalled)

    def _signalled(self) -> None:
        self.signals += 1
        for engine in tuple(self.engines):
            if self.signals > 1:
                engine.drop()
            else:
                engine.stop()
                asyncio.get_running_loop().call_later(PATIENCE, engine.drop)
        if self.signals == 1:
            options.note("stopping: waiting for the checks that are under way; once more drops them")


def run(
    settings: "Settings",
    progress: "Progress",
    channels: "dict[str, Channel]",
    choice: "FleetChoice",
    work: "Callable[[Means], Awaitable[T]]",
) -> T:
    """Open the store, put the parts together and run `work` with them; signals end it."""
    from byoaws import factory
    from byoaws.factories import fleet
    from byoaws.fleet.breaker import Breaker
    from byoaws.fleet.engine import Limits
    from byoaws.flows.recheck.means import Means

    chosen, pace, stopper = factory.vendor(settings), fleet.pace(choice.rate), Stopper()

    async def all_of_it() -> T:
        stopper.install()
        breaker = Breaker()
        async with fleet.fleet_check(settings, chosen, pace, breaker, choice.concurrency) as check:
            means = Means(
                store=opened,
                vendor=chosen,
                check=check,
                promote=partial(_promoted, settings),
                now=factory.now,
                monotonic=time.monotonic,
                pace=pace,
                breaker=breaker,
                channels=channels,
                progress=progress,
                limits=Limits(concurrency=choice.concurrency),
                on_start=stopper.watch,
            )
            async with _measured(choice, means) as measured:
                return await work(measured)

    opened = fleet.fleet_store(settings)
    try:
        return asyncio.run(all_of_it())
    finally:
        opened.close()


@asynccontextmanager
async def _measured(to: "FleetChoice", means: "Means") -> "AsyncIterator[Means]":
    """The same means, with figures of what they do where somebody wants them."""
    if to.metrics_port is None and to.metrics_file is None:
        yield means
        return
    from byoaws.factories import fleet

    metrics = fleet.metrics(means)
    async with AsyncExitStack() as stack:
        if to.metrics_port is not None:
            stack.enter_context(metrics.served(to.metrics_host, to.metrics_port))
            host = f"[{to.metrics_host}]" if ":" in to.metrics_host else to.metrics_host
            options.note(f"metrics: http://{host}:{to.metrics_port}/metrics")
        if to.metrics_file is not None:
            await stack.enter_async_context(metrics.written(to.metrics_file))
        yield replace(means, check=metrics.timed(means.check), progress=metrics.following(means.progress))


def _promoted(settings: "Settings", connection_id: str, report: "VerificationReport") -> "Connection":
    """Rare, and the only thing that needs the store's key."""
    from byoaws import factory
    from byoaws.flows.external_id.promotion import promote

    store = factory.store(settings)
    try:
        return promote(store, connection_id, report)
    finally:
        store.close()


async def go_on(policy: "Policy", means: "Means") -> None:
    """Check whatever falls due until a signal comes; says so, as it may be long before there is a line to print."""
    from byoaws.flows.recheck.run import keep_checking

    options.note("checking whatever falls due, until Ctrl-C or SIGTERM")
    await keep_checking(policy, means, say=say)


def say(summary: "Summary") -> None:
    """A line on stdout, as a log wants it."""
    from byoaws.model import Verdict

    counts = ", ".join(f"{summary.verdicts[verdict]} {verdict.value}" for verdict in Verdict)
    more = f", {summary.refused_count} not asked" if summary.refused_count else ""
    at = f"{summary.began_at:%Y-%m-%dT%H:%M:%SZ}"
    options.print_result(f"{at} {summary.checked} checked: {counts}{more}; {summary.changed_count} changed\n")
    told = summary.delivered
    if told.failed or told.given_up:
        options.warn(f"{told.failed + told.given_up} messages could not be delivered: {told.why}")
