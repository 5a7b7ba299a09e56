"""One batch: claim so many connections of a selection, check them, record what is found. What any queue's job does.

A batch names no connections: it takes what nobody else has taken. So a job that runs twice, late, or beside its own
twin does no harm, and what a dead worker had taken is the next batch's as soon as its leases end.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from byoaws.fleet.engine import Limits
from byoaws.fleet.schedule import Policy
from byoaws.fleet.summary import Summary
from byoaws.fleet.threads import in_thread
from byoaws.flows.recheck.means import Means
from byoaws.flows.recheck.run import Run
from byoaws.store.interface import Claim, FleetStore, Selection

_PAGE = 64


async def check_batch(selection: Selection, size: int, policy: Policy, means: Means) -> Summary:
    """Check up to `size` connections that nobody else has, and return what came of them.

    Raises:
        AwsError: a fault of the vendor's own; what was found before is recorded, and nothing after.
        StoreError: the store cannot be read or written.
    """
    run = Run(policy, means, Summary(began_at=means.now()))
    source = Batch(means.store, selection, run.owner, size, now=means.now, limits=means.limits, room=run.room)
    await run.engine(source).run()
    return run.summary


class Batch:
    """`fleet.engine.Source` of so many claims and no more; it waits for nothing."""

    def __init__(
        self,
        store: FleetStore,
        selection: Selection,
        owner: str,
        size: int,
        *,
        now: Callable[[], datetime],
        limits: Limits,
        room: Callable[[], float],
    ) -> None:
        self._store, self._selection, self._owner, self._left = store, selection, owner, size
        self._now, self._limits, self._room = now, limits, room
        self._page: deque[Claim] = deque()
        self._last: Claim | None = None
        self._stopped = False

    async def take(self) -> Claim | None:
        """The next claim; None at the end."""
        if not self._page and self._left and not self._stopped:
            await self._turn_page()
        return self._page.popleft() if self._page and not self._stopped else None

    def stop(self) -> None:
        """Take no more."""
        self._stopped = True

    async def close(self, dropped: Sequence[Claim]) -> None:
        """Give back what was taken and not checked."""
        ids = [claim.connection.id for claim in (*dropped, *self._page)]
        self._page.clear()
        await in_thread(lambda: self._store.release(self._owner, ids))

    async def _turn_page(self) -> None:
        at = self._now()
        until = at + timedelta(seconds=self._limits.lease)
        # No more than will soon be begun: a lease that waits for its turn may end before it.
        limit = max(1, min(self._left, _PAGE, int(self._room())))
        found = await in_thread(
            lambda: self._store.claim_due(
                self._owner, self._selection, now=at, until=until, limit=limit, after=self._last
            )
        )
        self._page.extend(found)
        self._left = self._left - len(found) if len(found) == limit else 0
        self._last = found[-1] if found else None
