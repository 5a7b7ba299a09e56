"""The port to a queue that many workers share. It holds tickets, not connections.

A ticket says "check some of these"; which they are is settled by the store's leases once a worker holds it. So the
queue may lose a ticket, keep one too many, or hand one out twice: nothing is lost, and nothing is checked by two at
once. How many tickets there should be is planned again and again, from what the store says is still to be done.

Every method raises `StoreError` when the queue cannot be reached.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from byoaws.model import ConnectionStatus, Json
from byoaws.store.interface import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is to be checked: whatever is due, again and again; or what a run is about, until that is done."""

    selection: Selection
    run: str = ""
    """The run's key in the store; empty for what is due."""
    began_at: datetime | None = None
    """When the run began."""

    def as_json(self) -> dict[str, Json]:
        """As a job holds it."""
        since = self.selection.unchecked_since
        return {
            "vendor": self.selection.vendor,
            "statuses": [*sorted(status.value for status in self.selection.statuses)],
            "unchecked_since": since.isoformat() if since else None,
            "run": self.run,
            "began_at": self.began_at.isoformat() if self.began_at else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How often, in seconds."""

    plan: int = 10
    """Between two looks at what is due; divides 60."""
    replan: int = 3
    """Between two looks at a run."""
    heartbeat: float = 5
    dead: float = 30
    """Without a heartbeat, a worker counts as dead."""
    poll: float = 2
    """Between two looks for jobs of which no notification came."""
    connect: float = 30
    """Without a connection to the database, a worker ends."""


def errand(*, vendor: str, statuses: list[str], unchecked_since: str | None, run: str, began_at: str | None) -> Errand:
    """Return what a job holds; raises ValueError where no byoaws wrote it."""
    selection = Selection(vendor=vendor, statuses=frozenset(map(ConnectionStatus, statuses)))
    if unchecked_since is not None:
        selection = replace(selection, unchecked_since=datetime.fromisoformat(unchecked_since))
    began = datetime.fromisoformat(began_at) if began_at is not None else None
    return Errand(selection=selection, run=run, began_at=began)


class Jobs(Protocol):
    """What a worker does when it holds a job."""

    async def check(self, errand: Errand) -> None:
        """Check a batch."""

    async def plan(self, errand: Errand) -> bool:
        """Put as many tickets as there is work for; True if that is to be looked at again soon."""


class Queue(Protocol):
    """The queue of one vendor."""

    async def begin(self, errand: Errand) -> bool:
        """Have it planned at once by whichever worker is free; False if it waits for that already."""

    async def put(self, errand: Errand, tickets: int) -> None:
        """Add tickets."""

    async def waiting(self, errand: Errand) -> int:
        """How many tickets of an errand nobody has taken yet."""

    async def workers(self) -> int:
        """How many workers live, this one included."""

    async def work(self, jobs: Jobs, *, at_once: int) -> None:
        """Do jobs, so many at once, until it is told to stop; what is under way then is done to its end.

        Raises:
            Exception: whatever a job raised; the worker then stops.
        """

    def stop(self) -> None:
        """Begin no more jobs."""
