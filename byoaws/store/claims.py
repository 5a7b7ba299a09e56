"""What goes to and from the store when a fleet is checked; `interface.py` hands it on, with the port."""

from dataclasses import dataclass
from datetime import datetime

from byoaws.model import Connection, ConnectionStatus, VerificationReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which connections are to be checked. Disconnected ones, and those of which no role is known, never are."""

    vendor: str
    statuses: frozenset[ConnectionStatus] = frozenset(ConnectionStatus) - {ConnectionStatus.DISCONNECTED}
    unchecked_since: datetime | None = None
    """Those whose last check was before, the longest unchecked first; None: those that are due now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the last checks of a connection went, and what people were told of it."""

    same_result: ConnectionStatus | None = None
    """What the last check that could tell found."""
    same_result_count: int = 0
    """How many checks in a row found that; those that could not tell neither count nor interrupt."""
    unknown_count: int = 0
    """How many of the last checks could not tell."""
    told: ConnectionStatus | None = None
    """The state that was told last, or that goes without saying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A connection that one worker alone checks, until its lease ends."""

    connection: Connection
    """Without its webhook secrets, which no check needs: never to be written back by `Store.update`."""
    role_arn: str
    """The connection's, or that of its last report where none verified yet."""
    standing: Standing
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message that is to be delivered."""

    message_id: str
    """The same, however often it is delivered and by which way: receivers know by it what they have seen."""
    channel: str
    body: str
    """JSON; holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a claim."""

    claim: Claim
    connection: Connection
    """As it stands after the check."""
    report: VerificationReport
    standing: Standing
    next_check_at: datetime
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many connections a selection is about, and how many it leaves out."""

    selected: int
    leased: int
    """Of those, how many are being checked just now."""
    disconnected: int
    without_role: int
    other_vendors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits to be checked."""

    free: int
    leased: int
    """Being checked just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A notice that this worker alone delivers, until its lease ends."""

    id: int
    notice: Notice
    tries: int
    """How often it was tried before."""
