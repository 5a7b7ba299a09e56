"""How much waits: counted up to a limit, so that a million waiting cost no more than that limit."""

import sqlalchemy as sa

from byoaws.store.interface import Backlog
from byoaws.store.schema import notices


def connections(
    transaction: sa.Connection, waiting: sa.ColumnElement[bool], leased: sa.ColumnElement[bool], most: int
) -> Backlog:
    """Count those that wait, and of those the leased ones."""
    some = sa.select(leased.label("leased")).where(waiting).limit(most).subquery()
    total = sa.func.count()
    row = transaction.execute(sa.select(total, total.filter(some.c.leased)).select_from(some)).one()
    return Backlog(free=row[0] - row[1], leased=row[1])


def messages(transaction: sa.Connection) -> int:
    """Count those that are neither delivered nor given up."""
    asked = sa.select(sa.func.count()).select_from(notices).where(notices.c.next_try_at.is_not(None))
    return int(transaction.execute(asked).scalar_one())
