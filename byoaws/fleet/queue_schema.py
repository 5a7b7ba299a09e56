"""The queue's own tables, in a PostgreSQL schema of their own beside the store's.

They are Procrastinate's, made by its own SQL: all of it where there is none yet, else those of its migrations that the
tables lack. Which is the last one is kept as the schema's comment. All in one transaction under a lock: of workers that
start together, one does it.
"""

from importlib.resources import files
from typing import Any

from byoaws.errors import StoreError

SCHEMA = "byoaws_queue"
# Any number, the same in every byoaws: "byoq" in ASCII. The store's own migrations use another.
_LOCK = 0x62796F71
_LOCK_SECONDS = 30


async def prepare(connection: Any) -> None:
    """Make the tables, or bring them up to date, on a connection of psycopg's.

    Raises:
        StoreError: a newer Procrastinate made them.
    """
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        known = _migrations()
        found = await _reached(connection)
        if found == known[-1]:
            return
        if found is not None and found not in known:
            raise StoreError(
                f"the queue's tables were made by a newer procrastinate: they are at '{found}', and '{known[-1]}' is "
                "the newest this one knows",
                hint="upgrade: pip install --upgrade 'byoaws[fleet]'",
            )
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        await connection.execute(f"SET LOCAL search_path TO {SCHEMA}")
        for text in [_sql("schema.sql")] if found is None else map(_migration, known[known.index(found) + 1 :]):
            await connection.execute(text)
        await connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{known[-1]}'")


async def _reached(connection: Any) -> str | None:
    """The last migration; None where there are no tables yet."""
    asked = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s"
    row = await (await connection.execute(asked, (SCHEMA,))).fetchone()
    return row[0] if row else None


def _migrations() -> list[str]:
    folder = files("procrastinate.sql") / "migrations"
    return sorted(entry.name.removesuffix(".sql") for entry in folder.iterdir() if entry.name.endswith(".sql"))


def _migration(name: str) -> str:
    return _sql(f"migrations/{name}.sql")


def _sql(name: str) -> str:
    return (files("procrastinate.sql") / name).read_text(encoding="utf-8")
