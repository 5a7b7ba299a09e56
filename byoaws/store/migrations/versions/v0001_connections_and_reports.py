"""The first tables: connections, the reports on them, and what the store knows of itself."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "connections",
        sa.Column("id", sa.Text, nullable=False),
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
        sa.Column("created_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.Column("checked_at", time),
        sa.Column("verified_at", time),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
    )
    op.create_index("ix_connections_external_id", "connections", ["external_id"], unique=True)
    op.create_index("ix_connections_role_arn", "connections", ["role_arn"], unique=True)
    op.create_index("ix_connections_vendor_status", "connections", ["vendor", "status"])
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("checked_at", time, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_reports_connection_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_connection_id_checked_at", "reports", ["connection_id", "checked_at"])
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
