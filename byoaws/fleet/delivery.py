"""Deliver what is to be told, and try again what could not be: at least once, under the same id each time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from byoaws.errors import ByoawsError
from byoaws.fleet.threads import in_thread
from byoaws.store.interface import FleetStore, Notice, Waiting

_AT_ONCE = 20
_LEASE = timedelta(minutes=2)
"""For which a message is one worker's; longer than a delivery takes."""
_FIRST_PAUSE = timedelta(seconds=30)
_FAILURES = 3
"""In a row by one way of telling: then it is left alone for this round. One that is not there takes ten seconds to say
so, and a fleet in trouble has thousands of messages."""
MOST_TRIES = 8
"""Over about two days; then a message is given up."""


class Channel(Protocol):
    """One way of telling."""

    async def deliver(self, notice: Notice) -> None:
        """Deliver a message; raises ByoawsError where it is not certain that it arrived."""


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What came of it."""

    delivered: int = 0
    failed: int = 0
    """To be tried again later."""
    given_up: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    """The last one of each way of telling, by its name."""

    @property
    def why(self) -> str:
        """What is wrong; which way of telling it is, where it is more than one."""
        if len(self.errors) == 1:
            return next(iter(self.errors.values()))
        return "; ".join(f"{name}: {error}" for name, error in sorted(self.errors.items()))

    def add(self, other: "Delivered") -> None:
        """Count what another one counted."""
        self.delivered += other.delivered
        self.failed += other.failed
        self.given_up += other.given_up
        self.errors |= other.errors


async def deliver_due(
    store: FleetStore,
    channels: Mapping[str, Channel],
    now: Callable[[], datetime],
    outcome: Delivered,
    *,
    over: Callable[[], bool] = lambda: False,
) -> None:
    """Deliver every message that is due, one after the other, and count what came of each.

    What is left when `over` says so, or of a way of telling that does not work, is delivered another time.

    Raises:
        StoreError: the store cannot be read or written.
    """
    failures = dict.fromkeys(channels, 0)
    while names := [name for name, count in failures.items() if count < _FAILURES]:
        at = now()
        claim = partial(store.claim_notices, channels=names, now=at, until=at + _LEASE, limit=_AT_ONCE)
        found = await in_thread(claim)
        if not found:
            return
        for waiting in found:
            if over():
                return
            if now() >= at + _LEASE / 2:  # another worker may have it soon
                break
            name = waiting.notice.channel
            if failures[name] < _FAILURES:
                told = await _deliver(store, channels[name], waiting, now, outcome)
                failures[name] = 0 if told else failures[name] + 1


async def _deliver(
    store: FleetStore, channel: Channel, waiting: Waiting, now: Callable[[], datetime], outcome: Delivered
) -> bool:
    try:
        await channel.deliver(waiting.notice)
    except ByoawsError as error:
        outcome.errors[waiting.notice.channel] = error.message
        again = next_try(waiting.tries, now())
        await in_thread(lambda: store.undelivered(waiting.id, again))
        if again is None:
            outcome.given_up += 1
        else:
            outcome.failed += 1
        return False
    at = now()
    await in_thread(lambda: store.delivered(waiting.id, at))
    outcome.delivered += 1
    return True


def next_try(tries: int, at: datetime) -> datetime | None:
    """Return when to try again after `tries` earlier failures and one more; None: give up."""
    return None if tries + 1 >= MOST_TRIES else at + _FIRST_PAUSE * 4**tries
