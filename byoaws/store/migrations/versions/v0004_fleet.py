"""When each connection is checked next, by whom just now, how it went of late, and what is to be told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns, their indexes and the table; connections of before are due at once."""
    time = sa.DateTime(timezone=True)
    none = sa.text("0")
    for column in (
        sa.Column("next_check_at", time),
        sa.Column("lease_until", time),
        sa.Column("lease_owner", sa.Text),
        sa.Column("same_result", sa.Text),
        sa.Column("same_result_count", sa.Integer, nullable=False, server_default=none),
        sa.Column("unknown_count", sa.Integer, nullable=False, server_default=none),
        sa.Column("told_status", sa.Text),
    ):
        op.add_column("connections", column)
    has_role = sa.text("(role_arn IS NOT NULL OR checked_at IS NOT NULL)")
    for name, at in (("ix_connections_due", "next_check_at"), ("ix_connections_unchecked", "checked_at")):
        op.create_index(name, "connections", [at, "id"], sqlite_where=has_role, postgresql_where=has_role)
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default=none),
        sa.Column("next_try_at", time),
        sa.Column("delivered_at", time),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_notices_connection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_next_try_at", "notices", ["next_try_at"])
