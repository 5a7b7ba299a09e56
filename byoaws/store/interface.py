"""The port to the store of connections.

Every method raises `StoreError` when the store cannot be read or written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from byoaws.model import Connection, StackClaim, VerificationReport


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

        ExternalIds and webhook secrets that were exchanged since the connection was read stay as they are stored.
        """

    def exchange(self, connection: Connection) -> Connection:
        """Write back a connection whose ExternalIds or webhook secrets change, and return it as it then stands.

        A pending ExternalId is issued with it; the present one may only become the pending one of before.

        Raises:
            UnknownConnection: there is none by that id.
            ConnectionConflict: somebody else exchanged them since it was read, it was disconnected since, the
                ExternalId is neither the present nor the pending one, or the pending one was issued before.
        """

    def external_ids(self, connection_id: str) -> Sequence[str]:
        """Every ExternalId that was ever issued to a connection, oldest first; empty for an unknown one."""

    def issue_token(self, connection_id: str, token_hash: str, expires_at: datetime) -> None:
        """Let one stack prove by a token that it is of a connection; a token of before is void.

        Raises:
            UnknownConnection: there is none by that id.
        """

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

    def last_report(self, connection_id: str) -> VerificationReport | None:
        """Return the newest report of a connection, if it was ever verified."""

    def close(self) -> None:
        """Let go of the database."""
