"""What more a stack says of itself: which template it was made from, and that it is being deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns; what stacks said before says nothing of either."""
    op.add_column("registrations", sa.Column("template_version", sa.Text))
    op.add_column("registrations", sa.Column("is_deleted", sa.Boolean, nullable=False, server_default=sa.false()))
