"""What is written of a connection between two verifications: that AWS refused its role."""

from datetime import datetime

import sqlalchemy as sa

from byoaws.model import Connection, ConnectionStatus
from byoaws.store.schema import connections as table
from byoaws.store.values import require_text, to_utc


def mark_failed(transaction: sa.Connection, seen: Connection, error: str, at: datetime) -> bool:
    """Mark a verified connection as failed, unless it was written since it was seen."""
    require_text(error, "an error")
    as_seen = sa.and_(
        table.c.id == seen.id,
        table.c.status == ConnectionStatus.VERIFIED.value,
        table.c.keys_version == seen.keys_version,
        table.c.role_arn == seen.role_arn,
        table.c.updated_at == seen.updated_at,
    )
    now = to_utc(at, "the time of a failure")
    failed = {"status": ConnectionStatus.FAILED.value, "last_error": error, "updated_at": now}
    failed["next_check_at"] = None  # due at once: a check says more
    return bool(transaction.execute(sa.update(table).where(as_seen).values(failed)).rowcount)
