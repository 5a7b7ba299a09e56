"""ExternalIds and webhook secrets that are exchanged for others, and a record of every ExternalId ever issued."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and the table; the ExternalIds that are there are the first on record."""
    time = sa.DateTime(timezone=True)
    for column in (
        sa.Column("pending_external_id", sa.Text),
        sa.Column("next_webhook_secret", sa.Text, comment="a Fernet token"),
        sa.Column("secret_spread_at", time),
        sa.Column("secret_overlap", sa.Integer),
        sa.Column("secret_arn", sa.Text),
        sa.Column("keys_version", sa.Integer, nullable=False, server_default=sa.text("0")),
    ):
        op.add_column("connections", column)
    op.create_table(
        "external_ids",
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("issued_at", time, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_external_ids_connection_id"),
        sa.PrimaryKeyConstraint("external_id", name="pk_external_ids"),
    )
    op.create_index("ix_external_ids_connection_id_issued_at", "external_ids", ["connection_id", "issued_at"])
    op.execute(
        "INSERT INTO external_ids (external_id, connection_id, issued_at) "
        "SELECT external_id, id, created_at FROM connections"
    )
