"""Check many connections at once, in bounded memory, and hand over what came of them in batches.

A fixed number of workers take claims from one stream, so that a million connections are never a million tasks. What was
found is recorded by the batch while checks go on. Told to stop, it waits for what is under way; when the breaker trips,
or patience ends, that is dropped, and nothing of it is recorded. Nor is what is held back just then (`held.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from byoaws.errors import ByoawsError
from byoaws.fleet.breaker import Breaker
from byoaws.fleet.held import Found, Held
from byoaws.model import VerificationReport
from byoaws.store.interface import Claim

Check = Callable[[Claim], Awaitable[VerificationReport]]
"""Verify one connection; raises UsageError where it cannot be asked at all."""


class Source(Protocol):
    """Where claims come from."""

    async def take(self) -> Claim | None:
        """The next claim; None when there are no more, or when it was told to stop."""

    def stop(self) -> None:
        """Wait for nothing any more."""

    async def close(self, dropped: Sequence[Claim]) -> None:
        """Give back what was taken and not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much at once, and for how long."""

    concurrency: int = 256
    batch: int = 200
    """Results written together."""
    linger: float = 0.5
    """Seconds that a result waits for others before it is written."""
    check: float = 90.0
    """Seconds for one check; then it could not tell."""
    margin: float = 30.0
    """Seconds before the end of its lease in which nothing is done with a claim: workers' clocks differ."""

    @property
    def lease(self) -> float:
        """Seconds for which a connection is claimed: a check, the wait for a free worker, and the margin."""
        return self.check + 2 * self.margin


@dataclass(slots=True, kw_only=True)
class _UnderWay:
    claim: Claim
    timeout: asyncio.Timeout | None = field(default=None)


class Engine:
    """One run."""

    def __init__(
        self,
        source: Source,
        check: Check,
        record: Callable[[Sequence[Found]], Awaitable[None]],
        *,
        breaker: Breaker,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        room: Callable[[], float] | None = None,
    ) -> None:
        """Put a run together.

        Args:
            source: Where claims come from.
            check: Judges one.
            record: Writes down what was found; one call at a time.
            breaker: Whose tripping ends the run.
            now: The time, aware.
            limits: How much at once, and for how long.
            room: How many checks may be under way at present; fewer while AWS is asked slowly, since a check that
                waits for its turn too long could not tell.
        """
        self._source = source
        self._check = check
        self._record = record
        self._breaker = breaker
        self._now = now
        self._limits = limits or Limits()
        self._room = room or (lambda: self._limits.concurrency)
        self._next = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._stopping = False
        self._ended = asyncio.Event()
        self._found: list[Found] = []
        self._held = Held(breaker)
        self._under_way: dict[str, _UnderWay] = {}

    def stop(self) -> None:
        """Begin no more; `run` ends when what is under way has ended."""
        self._stopping = True
        self._source.stop()

    def drop(self) -> None:
        """Stop, and let go of what is under way."""
        self.stop()
        now = asyncio.get_running_loop().time()
        for entry in self._under_way.values():
            if entry.timeout is not None and not entry.timeout.expired():
                entry.timeout.reschedule(now)

    async def run(self) -> None:
        """Check all that the source has.

        Raises:
            AwsError: a fault of the vendor's own, which tripped the breaker.
            StoreError: connections cannot be claimed, or what was found cannot be recorded.
        """
        workers = [asyncio.create_task(self._work()) for _ in range(self._limits.concurrency)]
        tripping = asyncio.create_task(self._drop_when_tripped())
        writing = asyncio.create_task(self._write_now_and_then())
        try:
            await asyncio.gather(self._all(workers), writing)
        except BaseException:
            self.drop()
            raise
        finally:
            await asyncio.gather(*workers, return_exceptions=True)
            self._ended.set()
            tripping.cancel()
            await asyncio.gather(tripping, writing, return_exceptions=True)
            await self._let_go()
        if self._breaker.reason is not None:
            raise self._breaker.reason

    async def _all(self, workers: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.gather(*workers)
        self._ended.set()

    async def _let_go(self) -> None:
        try:
            # Stopped, there may have been no time for a role to open: the next run finds out.
            if not self._stopping and not self._breaker.tripped.is_set():
                self._found += self._held.judged()
            await self._write()
        finally:
            await self._source.close([*(entry.claim for entry in self._under_way.values()), *self._held.claims])

    async def _drop_when_tripped(self) -> None:
        await self._breaker.tripped.wait()
        self.drop()

    async def _work(self) -> None:
        while (entry := await self._begin()) is not None:
            found = await self._judge(entry)
            # What comes after the breaker tripped may be of its making.
            if self._breaker.tripped.is_set() or (found is None and self._stopping):
                continue
            del self._under_way[entry.claim.connection.id]
            if found is not None and not self._held.take(found):
                self._found.append(found)
                if len(self._found) >= self._limits.batch:
                    await self._write()

    async def _begin(self) -> _UnderWay | None:
        async with self._next:
            while not self._stopping and len(self._under_way) >= max(1, self._room()):
                await asyncio.sleep(0.05)
            claim = None if self._stopping else await self._source.take()
            if claim is None:
                return None
            entry = self._under_way[claim.connection.id] = _UnderWay(claim=claim)
            return entry

    async def _judge(self, entry: _UnderWay) -> Found | None:
        """None where nothing was found: it is dropped, or its lease ends before an answer could be there."""
        claim, limit, openings = entry.claim, self._limits.check, self._breaker.openings
        left = (claim.until - self._now()).total_seconds() - self._limits.margin
        if left < limit or self._stopping:
            return None
        try:
            async with asyncio.timeout(limit) as entry.timeout:
                return Found(claim=claim, report=await self._check(claim), openings=openings)
        except TimeoutError:
            return None if self._stopping else Found(claim=claim, report=None, refusal=f"no answer in {limit:.0f} s")
        except ByoawsError as error:
            return Found(claim=claim, report=None, refusal=error.message)
        except Exception as error:  # noqa: BLE001  told as a refusal: one account must not end the run of a million
            return Found(claim=claim, report=None, refusal=f"byoaws itself failed ({type(error).__name__})")
        finally:
            entry.timeout = None

    async def _write_now_and_then(self) -> None:
        pause = self._limits.linger / 8  # somebody waits for the first result
        while not self._ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), pause)
            await self._write()
            pause = min(2 * pause, self._limits.linger)

    def _sift(self) -> None:
        """What was held back counts once a role opened; and no result outlives its lease."""
        if not self._breaker.tripped.is_set():
            self._found += self._held.proven()
            self._found += self._held.judged(until=self._now() + timedelta(seconds=self._limits.margin))

    async def _write(self) -> None:
        async with self._writing:
            self._sift()
            found, self._found = self._found, []
            if not found:
                return
            recording = asyncio.ensure_future(self._record(found))
            try:
                await asyncio.shield(recording)
            except asyncio.CancelledError:
                # A transaction cannot be called back: what it does is waited for, and then counts.
                await recording
                raise
