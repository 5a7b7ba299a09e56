"""The tables as this version of byoaws knows them. A change here needs a migration beside it.

See `byoaws/store/migrations/__init__.py`; a test holds the two against each other on every database.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

HEAD = "0005"
"""The newest migration. Kept here so that opening a store that is up to date need not import Alembic."""

REVISION_TABLE = "byoaws_revision"
"""A name of our own: every other program that uses Alembic has an `alembic_version`, perhaps in this database."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC with microseconds and returned in UTC; SQLite itself knows no time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware time to UTC; SQLite's text form then sorts as time does."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC, where the database could not."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

HAS_ROLE = sa.text("(role_arn IS NOT NULL OR checked_at IS NOT NULL)")
"""A role is kept once it verified; before, the last report names it. Text, so as to be the indexes' very condition."""

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("alias", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("customer", sa.Text),
    sa.Column("webhook_secret", sa.Text, comment="a Fernet token"),
    sa.Column("stack_name", sa.Text),
    sa.Column("template_url", sa.Text),
    sa.Column("role_arn", sa.Text),
    sa.Column("account_id", sa.Text),
    sa.Column("bucket_name", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("sandbox", sa.Boolean),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("checked_at", UtcDateTime),
    sa.Column("verified_at", UtcDateTime),
    sa.Column("pending_external_id", sa.Text),
    sa.Column("next_webhook_secret", sa.Text, comment="a Fernet token"),
    sa.Column("secret_spread_at", UtcDateTime),
    sa.Column("secret_overlap", sa.Integer),
    sa.Column("secret_arn", sa.Text),
    sa.Column("keys_version", sa.Integer, nullable=False, server_default=sa.text("0")),
    # Of the fleet's checks only, and no part of a `Connection`: see `interface.Standing` and `interface.Claim`.
    sa.Column("next_check_at", UtcDateTime),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("lease_owner", sa.Text),
    sa.Column("same_result", sa.Text),
    sa.Column("same_result_count", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("unknown_count", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("told_status", sa.Text),
    sa.Index(None, "external_id", unique=True),
    # NULLs do not collide, on either database: many connections may still wait for their role.
    sa.Index(None, "role_arn", unique=True),
    sa.Index(None, "vendor", "status"),
    # In which order connections are checked: by when they are due, or the longest unchecked first. Only those of which
    # a role is known are in them, so that no claim wades through links that nobody has used yet.
    sa.Index("ix_connections_due", "next_check_at", "id", sqlite_where=HAS_ROLE, postgresql_where=HAS_ROLE),
    sa.Index("ix_connections_unchecked", "checked_at", "id", sqlite_where=HAS_ROLE, postgresql_where=HAS_ROLE),
)

SCHEDULE = (
    "next_check_at",
    "lease_until",
    "lease_owner",
    "same_result",
    "same_result_count",
    "unknown_count",
    "told_status",
)
"""Columns of `connections` that only the fleet's checks read and write."""

external_ids = sa.Table(
    "external_ids",
    metadata,
    # Every one that was ever issued, whatever became of it: none is used twice.
    sa.Column("external_id", sa.Text, primary_key=True),
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Index(None, "connection_id", "issued_at"),
)

registrations = sa.Table(
    "registrations",
    metadata,
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), primary_key=True),
    # Of the newest one-time token: a hash, and until when; None while no link carries one.
    sa.Column("token_hash", sa.Text),
    sa.Column("expires_at", UtcDateTime),
    # Whether the claim below was proven by that very token.
    sa.Column("is_used", sa.Boolean, nullable=False),
    # What a stack last said of itself, and proved to be of this connection; None until one did.
    sa.Column("stack_id", sa.Text),
    sa.Column("role_arn", sa.Text),
    sa.Column("bucket_name", sa.Text),
    sa.Column("secret_arn", sa.Text),
    sa.Column("claimed_at", UtcDateTime),
    sa.Column("template_version", sa.Text),
    sa.Column("is_deleted", sa.Boolean, nullable=False, server_default=sa.false()),
)

reports = sa.Table(
    "reports",
    metadata,
    # SQLite counts up by itself only in a column declared INTEGER.
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("checked_at", UtcDateTime, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    # Text, not JSON: PostgreSQL's jsonb refuses the escaped NUL that AWS's words might hold.
    sa.Column("report", sa.Text, nullable=False),
    sa.Index(None, "connection_id", "checked_at"),
)

notices = sa.Table(
    "notices",
    metadata,
    # What is to be told, a row for each way of telling; kept after it was delivered, as a record of it.
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("connection_id", sa.Text, sa.ForeignKey("connections.id"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
    # None once nothing more is to be done: it was delivered, or given up.
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("delivered_at", UtcDateTime),
    sa.Index(None, "next_try_at"),
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
