"""One-time tokens by which stacks register themselves, and what those stacks say."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table; connections of before have no token, and are none the worse for it."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "registrations",
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text),
        sa.Column("expires_at", time),
        sa.Column("is_used", sa.Boolean, nullable=False),
        sa.Column("stack_id", sa.Text),
        sa.Column("role_arn", sa.Text),
        sa.Column("bucket_name", sa.Text),
        sa.Column("secret_arn", sa.Text),
        sa.Column("claimed_at", time),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_registrations_connection_id"),
        sa.PrimaryKeyConstraint("connection_id", name="pk_registrations"),
    )
