"""A worker: does jobs of a shared queue, of which each checks a batch; and a run that is left to such workers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from byoaws.fleet.queue import Errand, Jobs, Queue
from byoaws.fleet.schedule import Policy
from byoaws.fleet.summary import Summary
from byoaws.fleet.threads import in_thread
from byoaws.flows.recheck.batch import check_batch
from byoaws.flows.recheck.means import Means, Request
from byoaws.flows.recheck.run import begin, run_key
from byoaws.flows.recheck.telling import tell
from byoaws.store.interface import Counts, FleetStore

_MOST_TICKETS = 500
"""That wait at one time: work for minutes at AWS's quota, and nothing to plan anew when a worker comes or goes."""
_RUN_ENDS = timedelta(days=1)
"""A run of which something is left so long will not get through: what is left cannot be asked at all."""
_SAY_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class Shift:
    """How a worker works."""

    rate: float
    """Calls of STS a second of all workers together."""
    concurrency: int = 256
    """Connections under way at one time, at most."""
    batch: int = 100
    """Connections of one job."""
    share: float = 3.0
    """Seconds between two looks at how many workers share the rate."""

    @property
    def at_once(self) -> int:
        """Jobs at one time: while the last of one batch are awaited, the next is under way."""
        return max(2, -(-self.concurrency // self.batch))

    @property
    def each(self) -> int:
        """Connections under way of one job."""
        return max(1, self.concurrency // self.at_once)


async def work(queue: Queue, shift: Shift, policy: Policy, means: Means, *, say: Callable[[Summary], None]) -> None:
    """Do jobs until it is stopped; `say` is told once a minute what came of them.

    Raises:
        AwsError: a fault of the vendor's own; what was found before is recorded, and nothing after.
        StoreError: the store or the queue cannot be reached.
    """
    worker = Worker(queue, shift, policy, means, say)
    means.on_start(worker)
    await worker.run()


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A run that was left to workers."""

    counts: Counts
    """What it is about."""
    resumed: bool
    """It goes on with one that was not finished."""
    workers: int
    """How many there are at present."""


async def leave_to_workers(request: Request, queue: Queue, store: FleetStore, vendor: str, now: datetime) -> Left:
    """Have a run made by whichever workers there are.

    Raises:
        StoreError: the store or the queue cannot be reached.
    """
    selection, began = await in_thread(lambda: begin(request, store, vendor, now))
    errand = Errand(selection=selection)
    if not request.only_due:
        errand = Errand(selection=selection, run=run_key(request, vendor), began_at=began)
    await queue.begin(errand)
    workers = await queue.workers() - 1
    counts = await in_thread(lambda: store.count(selection, now))
    return Left(counts=counts, resumed=began < now, workers=workers)


class Worker(Jobs):
    """Does what jobs say."""

    def __init__(
        self, queue: Queue, shift: Shift, policy: Policy, means: Means, say: Callable[[Summary], None]
    ) -> None:
        self._queue, self._shift, self._policy, self._say = queue, shift, policy, say
        self._means = replace(means, limits=replace(means.limits, concurrency=shift.each))
        self._summary = Summary(began_at=means.now())
        self._begun, self._ended = asyncio.Event(), asyncio.Event()

    def stop(self) -> None:
        """Begin no more jobs. The batches that are under way end by themselves: they were told, too."""
        self._queue.stop()
        self._begun.set()

    def drop(self) -> None:
        """The same."""
        self.stop()

    async def run(self) -> None:
        """Work until it is stopped."""
        aside = [asyncio.create_task(self._aside(one)) for one in (self._share, self._tell, self._report)]
        try:
            await self._queue.work(self, at_once=self._shift.at_once)
        finally:
            self._ended.set()
            await asyncio.gather(*aside)

    async def check(self, errand: Errand) -> None:
        """Check a batch."""
        await self._begun.wait()
        found = await check_batch(errand.selection, self._shift.batch, self._policy, self._means)
        self._summary.merge(found)

    async def plan(self, errand: Errand) -> bool:
        """Put as many tickets as there is work for, and no more than will be worked off in a while."""
        means, size = self._means, self._shift.batch
        at = means.now()
        most = size * _MOST_TICKETS
        left = await in_thread(lambda: means.store.backlog(errand.selection, at, most=most))
        missing = -(-left.free // size) - await self._queue.waiting(errand)
        if missing > 0:
            await self._queue.put(errand, missing)
        if not errand.run or errand.began_at is None:
            return False
        if left.free + left.leased and at - errand.began_at < _RUN_ENDS:
            return True
        await in_thread(lambda: means.store.end_run(errand.run))
        return False

    async def _aside(self, work: Callable[[], Awaitable[None]]) -> None:
        """Beside the jobs; what fails here ends them, too."""
        try:
            await work()
        except BaseException:
            self.stop()
            raise

    async def _share(self) -> None:
        """Hold this worker's part of the rate. It begins when the others have had time to see it, and to make room."""
        workers = await self._queue.workers()
        while not self._ended.is_set():
            self._means.pace.limit(self._shift.rate / workers)
            if workers > 1 or self._begun.is_set():
                await self._pause(self._shift.share)
            self._begun.set()
            workers = await self._queue.workers()

    async def _tell(self) -> None:
        """Deliver messages, also those that other workers left."""
        over = False
        while not over:
            over = await self._pause(self._shift.share)
            told = await tell(self._means, self._ended.is_set)
            self._summary.delivered.add(told)

    async def _report(self) -> None:
        over = False
        while not over:
            over = await self._pause(_SAY_EVERY)
            if self._summary.checked or self._summary.refused_count:
                said, self._summary = self._summary, Summary(began_at=self._means.now())
                self._say(said)

    async def _pause(self, seconds: float) -> bool:
        """True if the worker has ended meanwhile."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
        return self._ended.is_set()
