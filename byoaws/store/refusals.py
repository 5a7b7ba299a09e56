"""What the store refuses to keep, and who holds it instead."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from byoaws.errors import ConnectionConflict, UnknownConnection
from byoaws.model import Connection
from byoaws.store.issued import holder_of
from byoaws.store.schema import connections as table

_IMMUTABLE = {"vendor": "vendor", "created_at": "time of creation"}
_ISSUED = {"external_id": "ExternalId", "pending_external_id": "pending ExternalId"}
_UNIQUE = {"external_id": "ExternalId", "role_arn": "role ARN"}


def unknown(connection_id: str) -> UnknownConnection:
    """There is no such connection."""
    return UnknownConnection(
        f"no connection '{connection_id}' in the store", hint="list them with: byoaws connections list"
    )


def overtaken(connection: Connection) -> ConnectionConflict:
    """Somebody else exchanged the connection's keys since it was read."""
    return ConnectionConflict(
        f"connection '{connection.id}' was changed by another command in the meantime",
        hint="run the command again: it goes on from there",
    )


def ended(connection: Connection) -> ConnectionConflict:
    """It was disconnected since it was read: whatever is known of its role counts no more."""
    return ConnectionConflict(
        f"connection '{connection.id}' was disconnected in the meantime; nothing was written",
        hint="begin a new one: byoaws connect",
    )


def refuse_changes(stored: sa.RowMapping, row: Mapping[str, Any], *, issued: bool = True) -> None:
    """Refuse a change of what never changes; with `issued` of ExternalIds, too.

    Raises:
        ConnectionConflict: it names the first such change.
    """
    for name, called in {**_IMMUTABLE, **(_ISSUED if issued else {})}.items():
        before, after = stored[name], row[name]
        if before != after:
            shown = [value.isoformat() if isinstance(value, datetime) else value for value in (before, after)]
            raise ConnectionConflict(
                f"connection '{stored['id']}': its {called} cannot change from '{shown[0]}' to '{shown[1]}'",
                hint="connect anew for a connection that differs in it",
            )


def refuse_strange(connection: Connection, stored: sa.RowMapping) -> None:
    """Refuse an ExternalId in place of the present one that was not pending.

    Raises:
        ConnectionConflict: it is neither of the two.
    """
    if connection.external_id not in (stored["external_id"], stored["pending_external_id"]):
        raise ConnectionConflict(
            f"connection '{connection.id}': its ExternalId cannot change to one that was not pending",
            hint=f"byoaws connections rotate-external-id {connection.id} mints one",
        )


def conflict(transaction: sa.Connection, connection: Connection, *, new: bool) -> ConnectionConflict | None:
    """What the database refused to keep twice, and who holds it; None if that cannot be told any more."""
    same_id = sa.select(table.c.id).where(table.c.id == connection.id)
    if new and transaction.execute(same_id).first():
        return ConnectionConflict(f"there is a connection '{connection.id}' already", hint="mint a new id")
    for name, called in _UNIQUE.items():
        value = getattr(connection, name)
        if value is None:  # many may wait for their role
            continue
        other = sa.select(table.c.id).where(table.c[name] == value, table.c.id != connection.id)
        if holder := transaction.execute(other).scalar_one_or_none():
            return ConnectionConflict(
                f"{called} '{value}' is held by connection '{holder}' already",
                hint=f"look at it with: byoaws connections list; one {called} belongs to one connection",
            )
    return _issued_before(transaction, connection, new=new)


def _issued_before(transaction: sa.Connection, connection: Connection, *, new: bool) -> ConnectionConflict | None:
    """The conflict with an ExternalId that was issued before, and is perhaps used no more."""
    for minted in filter(None, (connection.external_id if new else None, connection.pending_external_id)):
        if holder := holder_of(transaction, minted):
            return ConnectionConflict(
                f"ExternalId '{minted}' was issued to connection '{holder}' before",
                hint="none is used twice: mint another",
            )
    return None
