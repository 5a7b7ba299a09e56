"""Runs that are under way, so that one that was interrupted goes on where it stopped."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from byoaws.store.schema import meta

_FORGOTTEN = timedelta(days=1)
"""Whoever asks for a run a day later means a new one."""


def begin(transaction: sa.Connection, key: str, now: datetime, *, fresh: bool) -> datetime:
    """Return when the unfinished run by that key began, if that is not too long ago, or else begin one now."""
    name = _name(key)
    found = transaction.execute(sa.select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()
    if found is not None and not fresh:
        began = datetime.fromisoformat(found)
        if now - began < _FORGOTTEN:
            return began
    transaction.execute(sa.delete(meta).where(meta.c.name == name))
    transaction.execute(sa.insert(meta).values(name=name, value=now.astimezone(UTC).isoformat()))
    return now


def end(transaction: sa.Connection, key: str) -> None:
    """Forget the run."""
    transaction.execute(sa.delete(meta).where(meta.c.name == _name(key)))


def _name(key: str) -> str:
    return f"run:{key}"
