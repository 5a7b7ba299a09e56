"""The stream of connections to check: claimed page by page from the store, by this worker alone."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from byoaws.fleet.engine import Limits
from byoaws.fleet.threads import in_thread
from byoaws.store.interface import Claim, FleetStore, Selection

_PAGE = 64
_PASSES = 3
"""What was given back meanwhile, or could not be asked, is looked for again this often."""
_LONGEST_WAIT = 5.0
"""Seconds after which the store is asked again, whatever it said: connections are added and changed by others."""
_SETTLING = 1.0
"""Seconds after the last claim in which its result is recorded, if AWS is quick."""


class Feed:
    """`fleet.engine.Source`, from a store."""

    def __init__(
        self,
        store: FleetStore,
        selection: Selection,
        owner: str,
        *,
        now: Callable[[], datetime],
        limits: Limits,
        endless: bool = False,
        room: Callable[[], float] = lambda: _PAGE,
        waiting: Callable[[datetime | None], None] = lambda until: None,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin at the beginning.

        Args:
            store: Where the connections are.
            selection: Which of them.
            owner: This worker's name, which no other has.
            now: The time, aware.
            limits: How long a claim is held.
            endless: Whether to wait for what falls due later, too.
            room: How many checks may be under way: no more is taken than will soon be begun.
            waiting: Told until when nothing can be taken, and None when that is over.
            idle: Told each time before it waits.
        """
        self._store, self._selection, self._owner = store, selection, owner
        self._now, self._limits, self._endless = now, limits, endless
        self._room, self._waiting, self._idle = room, waiting, idle
        self._page: deque[Claim] = deque()
        self._last: Claim | None = None
        self._taken, self._passes = 0, 0
        self._stopped = asyncio.Event()

    async def take(self) -> Claim | None:
        """The next claim; None at the end."""
        while not self._page and not self._stopped.is_set():
            if not await self._turn_page() and not await self._wait():
                return None
        return self._page.popleft() if self._page and not self._stopped.is_set() else None

    @property
    def stopped(self) -> bool:
        """True if it was told to stop before its end."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._stopped.set()

    async def close(self, dropped: Sequence[Claim]) -> None:
        """Give back what was taken and not checked."""
        ids = [claim.connection.id for claim in (*dropped, *self._page)]
        self._page.clear()
        await in_thread(lambda: self._store.release(self._owner, ids))

    async def _turn_page(self) -> bool:
        at = self._now()
        until = at + timedelta(seconds=self._limits.lease)
        limit = max(1, min(_PAGE, int(self._room() // 4)))
        found = await in_thread(
            lambda: self._store.claim_due(
                self._owner, self._selection, now=at, until=until, limit=limit, after=self._last
            )
        )
        self._page.extend(found)
        self._taken += len(found)
        if found:
            self._last = found[-1]
        return bool(found)

    async def _wait(self) -> bool:
        """At the end of the index: begin anew if that may find anything; False if all is done."""
        if self._taken and self._passes < _PASSES and not self._endless:
            self._last, self._taken, self._passes = None, 0, self._passes + 1
            return True
        at = self._now()
        event = await in_thread(lambda: self._store.next_event(self._owner, self._selection, at, due=self._endless))
        if event is None and not self._endless:
            return False
        self._idle()
        self._waiting(event)
        longest = _SETTLING if self._taken else _LONGEST_WAIT
        seconds = min(longest, max(0.1, (event - at).total_seconds())) if event else longest
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
        self._waiting(None)
        self._last, self._taken = None, 0
        return True
