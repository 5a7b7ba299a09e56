"""A `Connection` as a row of the table, and back. Webhook secrets go their own way, through the vault."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from byoaws.errors import StoreError
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.values import require_text, to_utc

_INDEXED = ("id", "vendor", "external_id", "pending_external_id", "role_arn")
_TEXT = (
    "alias",
    "region",
    "customer",
    "webhook_secret",
    "next_webhook_secret",
    "secret_arn",
    "stack_name",
    "template_url",
    "account_id",
    "bucket_name",
    "last_error",
)
_TIMES = ("created_at", "updated_at", "checked_at", "verified_at", "secret_spread_at")
_PLAIN = ("sandbox", "secret_overlap", "keys_version")
SECRETS = ("webhook_secret", "next_webhook_secret")
"""Columns that hold tokens."""
KEYS = (
    *SECRETS,
    "external_id",
    "pending_external_id",
    "secret_spread_at",
    "secret_overlap",
    "secret_arn",
    "keys_version",
)
"""Columns that only somebody who knows their newest state may write."""

PROVEN = ("role_arn", "account_id", "bucket_name", "verified_at")
"""Columns that only a verification that succeeded changes."""

JUDGED = (*PROVEN, "status", "sandbox", "last_error", "checked_at")
"""Columns that only a verification changes, and the end of the connection."""


def to_row(connection: Connection) -> dict[str, Any]:
    """Columns of a connection, without its webhook secrets.

    Raises:
        UsageError: a text or a time that cannot be stored; the message names the field.
    """
    for name in (*_INDEXED, *_TEXT):
        if (text := getattr(connection, name)) is not None:
            require_text(text, f"a connection's {name}", indexed=name in _INDEXED)
    plain = (*_INDEXED, *_TEXT, *_PLAIN)
    row: dict[str, Any] = {name: getattr(connection, name) for name in plain if name not in SECRETS}
    for name in _TIMES:
        value: datetime | None = getattr(connection, name)
        row[name] = value and to_utc(value, f"a connection's {name}")
    return row | {"status": connection.status.value}


def judged(row: RowMapping) -> dict[str, Any]:
    """What a row's connection was found to be, as values of `Connection`; of a row that `from_row` takes."""
    return {**{name: row[name] for name in JUDGED}, "status": ConnectionStatus(row["status"])}


def from_row(row: RowMapping, secrets: Mapping[str, str | None]) -> Connection:
    """Return the connection that a row holds; `secrets` by column, opened.

    Raises:
        StoreError: a status that this version does not know.
    """
    try:
        status = ConnectionStatus(row["status"])
    except ValueError as error:
        raise StoreError(
            f"connection '{row['id']}' has the unknown status '{row['status']}'",
            hint="a newer byoaws may have written it: upgrade; or restore the store from a backup",
        ) from error
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(Connection)}
    return Connection(**{**values, "status": status, **secrets})
