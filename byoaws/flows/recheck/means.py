"""What a run over the fleet is asked for, and what it needs from outside."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from byoaws.fleet.breaker import Breaker
from byoaws.fleet.delivery import Channel
from byoaws.fleet.engine import Limits
from byoaws.fleet.pacing import Pace
from byoaws.fleet.schedule import Policy
from byoaws.model import Connection, ConnectionStatus, VerificationReport
from byoaws.store.interface import FleetStore
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Target


class Progress(Protocol):
    """Told how a run goes on."""

    def planned(self, total: int) -> None:
        """So many are to be checked."""

    def checked(self, count: int) -> None:
        """So many more were."""

    def waiting(self, until: datetime | None) -> None:
        """Nothing can be done before; None: that is over."""


class Stoppable(Protocol):
    """What is under way: an engine, or a worker."""

    def stop(self) -> None:
        """Begin no more."""

    def drop(self) -> None:
        """Stop, and let go of what is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for."""

    statuses: frozenset[ConnectionStatus] | None = None
    """Only connections that stand so; None for all."""
    older_than: timedelta | None = None
    """Only those that were not checked for so long."""
    everything: bool = False
    """All of them; without this and the two above, those that are due."""
    fresh: bool = False
    """Begin anew, even if a run of before was interrupted."""
    policy: Policy = field(default_factory=Policy)

    @property
    def key(self) -> str:
        """The same for runs of which one goes on where the other stopped."""
        statuses = ",".join(sorted(self.statuses)) if self.statuses else "any"
        older = f"{self.older_than.total_seconds():.0f}" if self.older_than is not None else "-"
        return f"{statuses}/{older}"

    @property
    def only_due(self) -> bool:
        """Whether only what is due is meant."""
        return not self.everything and self.statuses is None and self.older_than is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a run needs from outside."""

    store: FleetStore
    vendor: Vendor
    check: Callable[[Target], Awaitable[VerificationReport]]
    promote: Callable[[str, VerificationReport], Connection]
    """`external_id.promotion.promote`, with the store filled in; called where an ExternalId is being exchanged."""
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    pace: Pace
    breaker: Breaker
    channels: Mapping[str, Channel]
    progress: Progress
    limits: Limits = field(default_factory=Limits)
    on_start: Callable[[Stoppable], None] = lambda engine: None
    """Given the engine, by which the run can be stopped."""
