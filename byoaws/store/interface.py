"""The port to the store of connections.

Every method raises `StoreError` when the store cannot be read or written.
"""

from collections.abc import Sequence
from typing import Protocol

from byoaws.model import Connection, VerificationReport


class Store(Protocol):
    """Connections, and what their last verification found."""

    def add(self, connection: Connection) -> None:
        """Keep a new connection.

        Raises:
            ConnectionConflict: its id, ExternalId or role ARN is already held by another.
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
        """Write back a connection; its id, ExternalId, vendor and created_at cannot change.

        Raises:
            UnknownConnection: there is none by that id.
            ConnectionConflict: the ExternalId differs from the stored one, or another connection holds the role ARN.
        """

    def record(self, connection: Connection, report: VerificationReport) -> None:
        """Write back a connection together with the report that changed it, in one transaction."""

    def last_report(self, connection_id: str) -> VerificationReport | None:
        """Return the newest report of a connection, if it was ever verified."""

    def close(self) -> None:
        """Let go of the database."""
