"""One-time tokens, of which only a hash is kept, and what the stacks that presented them say of themselves."""

import hmac
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from byoaws.model import ConnectionStatus, StackClaim
from byoaws.store.refusals import unknown
from byoaws.store.schema import connections
from byoaws.store.schema import registrations as table
from byoaws.store.values import require_text, to_utc

_TEXT = ("stack_id", "role_arn", "bucket_name", "secret_arn", "template_version")


def issue_token(transaction: sa.Connection, connection_id: str, token_hash: str, expires_at: datetime) -> None:
    """Keep the hash of a connection's newest token; what a stack said before stays."""
    if _connection(transaction, connection_id) is None:
        raise unknown(connection_id)
    values = {"token_hash": token_hash, "expires_at": to_utc(expires_at, "a token's end"), "is_used": False}
    _write(transaction, connection_id, values)


def claim(transaction: sa.Connection, said: StackClaim, token_hash: str | None) -> bool:
    """Keep what a stack says of itself, if its token proves it, or it was proven before."""
    # The connection's row is there for sure; whoever holds its lock is alone with the registration, too.
    if _connection(transaction, said.connection_id) in (None, ConnectionStatus.DISCONNECTED.value):
        return False
    stored = _registration(transaction, said.connection_id)
    if token_hash is not None and not _proves(stored, said, token_hash):
        return False
    for name in _TEXT:
        if (text := getattr(said, name)) is not None:
            require_text(text, f"a claim's {name}")
    values: dict[str, Any] = {name: getattr(said, name) for name in _TEXT}
    values["is_deleted"] = said.is_deleted
    values["claimed_at"] = to_utc(said.claimed_at, "the time of a claim")
    used = token_hash is not None or (stored is not None and stored["is_used"])
    _write(transaction, said.connection_id, {**values, "is_used": used})
    return True


def claimed(transaction: sa.Connection, connection_id: str) -> StackClaim | None:
    """Return what a stack of the connection said last."""
    stored = _registration(transaction, connection_id)
    if stored is None or stored["stack_id"] is None:
        return None
    return _from_row(stored)


def claims(transaction: sa.Connection) -> list[StackClaim]:
    """Return what stacks said last, oldest first."""
    said = sa.select(table).where(table.c.stack_id.is_not(None)).order_by(table.c.claimed_at, table.c.connection_id)
    return [_from_row(row) for row in transaction.execute(said).mappings()]


def _from_row(stored: sa.RowMapping) -> StackClaim:
    return StackClaim(**{field.name: stored[field.name] for field in fields(StackClaim)})


def _proves(stored: sa.RowMapping | None, said: StackClaim, token_hash: str) -> bool:
    if stored is None or stored["token_hash"] is None:
        return False
    is_it = hmac.compare_digest(stored["token_hash"].encode(), token_hash.encode())
    if not is_it or said.claimed_at >= stored["expires_at"]:
        return False
    # Used: then by this very stack, with this very role, or not at all.
    same = (stored["stack_id"], stored["role_arn"]) == (said.stack_id, said.role_arn)
    return same or not stored["is_used"]


def _connection(transaction: sa.Connection, connection_id: str) -> str | None:
    """The connection's status, and its row for this transaction alone; None where there is no such connection."""
    one = sa.select(connections.c.status).where(connections.c.id == connection_id).with_for_update()
    found: str | None = transaction.execute(one).scalar_one_or_none()
    return found


def _registration(transaction: sa.Connection, connection_id: str) -> sa.RowMapping | None:
    one = sa.select(table).where(table.c.connection_id == connection_id)
    return transaction.execute(one).mappings().one_or_none()


def _write(transaction: sa.Connection, connection_id: str, values: Mapping[str, Any]) -> None:
    if _registration(transaction, connection_id) is None:
        transaction.execute(sa.insert(table).values({"connection_id": connection_id, **values}))
    else:
        transaction.execute(sa.update(table).where(table.c.connection_id == connection_id).values(values))
