"""ExternalIds on record: each is issued once, to one connection, and stays on record when it is used no more."""

from datetime import datetime

import sqlalchemy as sa

from byoaws.store.schema import external_ids


def issue(transaction: sa.Connection, connection_id: str, external_id: str, at: datetime) -> None:
    """Put an ExternalId on record; the database refuses one that is there already."""
    entry = {"external_id": external_id, "connection_id": connection_id, "issued_at": at}
    transaction.execute(sa.insert(external_ids).values(entry))


def issued_to(transaction: sa.Connection, connection_id: str) -> list[str]:
    """Every ExternalId of a connection, oldest first."""
    columns = external_ids.c
    asked = sa.select(columns.external_id).where(columns.connection_id == connection_id)
    return list(transaction.execute(asked.order_by(columns.issued_at, columns.external_id)).scalars())


def holder_of(transaction: sa.Connection, external_id: str) -> str | None:
    """The connection to which an ExternalId was issued, if any."""
    asked = sa.select(external_ids.c.connection_id).where(external_ids.c.external_id == external_id)
    found: str | None = transaction.execute(asked).scalar_one_or_none()
    return found
