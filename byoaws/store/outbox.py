"""Messages to be delivered: each is written with the change that it tells of, so none is lost, and none made twice."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from byoaws.store.interface import Notice, Result, Waiting
from byoaws.store.schema import notices as table


def add(transaction: sa.Connection, results: Sequence[Result]) -> None:
    """Put the results' notices in the box; each is due at once."""
    entries = [
        {
            "message_id": notice.message_id,
            "connection_id": result.connection.id,
            "channel": notice.channel,
            "body": notice.body,
            "created_at": result.report.checked_at,
            "next_try_at": result.report.checked_at,
        }
        for result in results
        for notice in result.notices
    ]
    if entries:
        transaction.execute(sa.insert(table), entries)


def claim(
    transaction: sa.Connection, *, channels: Collection[str], now: datetime, until: datetime, limit: int
) -> list[Waiting]:
    """Take what is due, oldest first; it comes back after `until`, unless it is settled by then."""
    due = sa.select(table).where(table.c.next_try_at <= now, table.c.channel.in_(channels))
    asked = due.order_by(table.c.next_try_at, table.c.id).limit(limit).with_for_update(skip_locked=True)
    found = transaction.execute(asked).mappings().all()
    if not found:
        return []
    ids = [row["id"] for row in found]
    transaction.execute(sa.update(table).where(table.c.id.in_(ids)).values(next_try_at=until))
    return [
        Waiting(
            id=row["id"],
            notice=Notice(message_id=row["message_id"], channel=row["channel"], body=row["body"]),
            tries=row["tries"],
        )
        for row in found
    ]


def settle(
    transaction: sa.Connection, notice_id: int, *, next_try_at: datetime | None, delivered_at: datetime | None
) -> None:
    """Say what came of a delivery."""
    # Counted here, and not when it is claimed: one that nobody got round to was not tried.
    values = {"next_try_at": next_try_at, "delivered_at": delivered_at, "tries": table.c.tries + 1}
    transaction.execute(sa.update(table).where(table.c.id == notice_id).values(values))
