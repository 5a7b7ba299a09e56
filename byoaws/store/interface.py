"""The port to the store of connections.

Every method raises `StoreError` when the store cannot be read or written.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from byoaws.model import Connection, StackClaim, VerificationReport
from byoaws.store.claims import Backlog, Claim, Counts, Notice, Result, Selection, Standing, Waiting

__all__ = [
    "Backlog",
    "Claim",
    "Counts",
    "FleetStore",
    "Notice",
    "Result",
    "Selection",
    "Standing",
    "Store",
    "Waiting",
]


class Store(Protocol):
    """Connections, and what their last verification found."""

    def add(self, connection: Connection) -> None:
        """Keep a new connection.

        Raises:
            ConnectionConflict: its id or role ARN is held by another, or its ExternalId was issued before.
        """

    def get(self, connection_id: str) -> Connection:
        """Return one connection.

        Raises:
            UnknownConnection: there is none by that id.
        """

    def find_by_role(self, role_arn: str) -> Connection | None:
        """Return the connection that holds `role_arn`, if any."""

    def list(self) -> Sequence[Connection]:
        """All connections, oldest first."""

    def update(self, connection: Connection) -> None:
        """Write back a connection; its id, ExternalIds, vendor and created_at cannot change.

        Raises:
            UnknownConnection: there is none by that id.
            ConnectionConflict: an ExternalId differs from the stored one, another connection holds the role ARN, or
                the connection's ExternalId or webhook secret were exchanged since it was read.
        """

    def record(self, connection: Connection, report: VerificationReport) -> None:
        """Write back a connection together with the report that changed it, in one transaction.

        ExternalIds and webhook secrets that were exchanged since the connection was read stay as they are stored. So
        does a role that was verified since, unless the report is of one that was verified itself.

        Raises:
            UnknownConnection: there is none by that id.
            ConnectionConflict: as `update`; or it was disconnected since, and nothing is written: what has ended is
                not brought back by a verification that began before.
        """

    def exchange(self, connection: Connection) -> Connection:
        """Write back a connection whose ExternalIds or webhook secrets change, and return it as it then stands.

        What a verification found since it was read stays as it is stored, unless the connection ends with this.
        A pending ExternalId is issued with it; the present one may only become the pending one of before.

        Raises:
            UnknownConnection: there is none by that id.
            ConnectionConflict: somebody else exchanged them since it was read, it was disconnected since, the
                ExternalId is neither the present nor the pending one, or the pending one was issued before.
        """

    def fail(self, seen: Connection, error: str, at: datetime) -> bool:
        """Mark a `verified` connection as `failed`, with AWS's words; False if it was written since it was `seen`."""

    def external_ids(self, connection_id: str) -> Sequence[str]:
        """Every ExternalId that was ever issued to a connection, oldest first; empty for an unknown one."""

    def issue_token(self, connection_id: str, token_hash: str, expires_at: datetime) -> None:
        """Let one stack prove by a token that it is of a connection; voids one before; raises UnknownConnection."""

    def claim(self, claim: StackClaim, *, token_hash: str | None) -> bool:
        """Keep what a stack says of itself; False, and nothing is kept, where its token does not prove it.

        A token proves one stack with one role, and that again and again until it expires, since a report may come twice
        and a role that does not open yet may open later. Of two stacks that come at once, one wins.

        Args:
            claim: What is said; `claimed_at` is now.
            token_hash: Of the token; None where a signature has proven it already.
        """

    def claimed(self, connection_id: str) -> StackClaim | None:
        """Return what a stack of the connection said last, if any ever did."""

    def claims(self) -> Sequence[StackClaim]:
        """What stacks said last, of every connection of which one did; in one read."""

    def last_report(self, connection_id: str) -> VerificationReport | None:
        """Return the newest report of a connection, if it was ever verified."""

    def close(self) -> None:
        """Let go of the database."""


class FleetStore(Protocol):
    """The connections as a fleet that any number of workers check at once. Threads may share it.

    A lease is a time until which a connection is one worker's. Workers' clocks are compared with each other, so they
    must agree within the margin that a worker leaves between the end of its check and the end of its lease.
    """

    def claim_due(
        self,
        owner: str,
        selection: Selection,
        *,
        now: datetime,
        until: datetime,
        limit: int,
        after: Claim | None = None,
    ) -> Sequence[Claim]:
        """Take up to `limit` connections that nobody else has, in the selection's order, those behind `after` only."""

    def record_many(self, owner: str, results: Sequence[Result]) -> Collection[str]:
        """Write down what came of claims, in one transaction, end their leases, and return the ids that were kept.

        A result is dropped, and its notices with it, where the connection's state is no longer this worker's to say:
        another worker took the claim over, it was disconnected, its ExternalId or secrets were exchanged (it was judged
        by keys that are no more), it was verified, marked as failed or given another role since it was claimed, or its
        role has become another connection's. Of the last one the check is postponed; the others are free at once.
        """

    def postpone(self, owner: str, moments: Mapping[str, datetime]) -> None:
        """Have these of this worker's claims, which came to nothing, looked at later, by id.

        Their leases go on to their end, so that no selection comes back to them at once.
        """

    def release(self, owner: str, connection_ids: Collection[str]) -> None:
        """End these leases of this worker's; nothing was found."""

    def count(self, selection: Selection, now: datetime) -> Counts:
        """How much there is to do."""

    def backlog(self, selection: Selection, now: datetime, *, most: int) -> Backlog:
        """How much there is to do just now; no more than `most` are counted, so that it takes no time."""

    def notices_waiting(self) -> int:
        """How many notices are still to be delivered."""

    def next_event(self, owner: str, selection: Selection, now: datetime, *, due: bool) -> datetime | None:
        """When another worker's lease of a selected connection ends, or with `due` the next one falls due, if ever."""

    def begin_run(self, key: str, now: datetime, *, fresh: bool) -> datetime:
        """Return when the unfinished run by that key began, or else begin one now."""

    def end_run(self, key: str) -> None:
        """The run by that key is complete."""

    def claim_notices(
        self, *, channels: Collection[str], now: datetime, until: datetime, limit: int
    ) -> Sequence[Waiting]:
        """Take up to `limit` notices that are due by these channels; nobody else has them before `until`."""

    def delivered(self, notice_id: int, at: datetime) -> None:
        """It was delivered."""

    def undelivered(self, notice_id: int, next_try_at: datetime | None) -> None:
        """It was not; None gives it up."""

    def close(self) -> None:
        """Let go of the database."""
