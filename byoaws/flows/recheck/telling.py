"""Deliver what is to be told beside a run: no check waits for a receiver, and nobody who ends a run waits for long."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from byoaws.fleet.delivery import Delivered, deliver_due
from byoaws.flows.recheck.means import Means, Stoppable

_EVERY = 3.0
"""Seconds between two looks at what is to be delivered."""
_PATIENCE = 5.0
"""Seconds for messages, once somebody wants it to end."""


async def tell(means: Means, stopped: Callable[[], bool]) -> Delivered:
    """Deliver messages; once it is stopped, those that take no time. The others are delivered another time.

    Raises:
        StoreError: the store cannot be read or written.
    """
    told, began = Delivered(), means.monotonic()

    def over() -> bool:
        return stopped() and means.monotonic() - began > _PATIENCE

    await deliver_due(means.store, means.channels, means.now, told, over=over)
    return told


async def keep_telling(
    means: Means, checks: Stoppable, ended: asyncio.Event, count: Callable[[Delivered], None]
) -> None:
    """Deliver messages until the checks have ended; what fails here ends them.

    Raises:
        StoreError: the store cannot be read or written.
    """
    try:
        while not ended.is_set():
            count(await tell(means, ended.is_set))
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), _EVERY)
    except BaseException:
        checks.stop()
        raise
