"""Bring a store's tables up to this version of byoaws, once, whoever comes first.

The whole way up is one transaction under a lock: a second process waits and finds the work done, and a failure leaves
everything as it was.
"""

import threading

import sqlalchemy as sa

from byoaws.errors import StoreError
from byoaws.store.database import Database
from byoaws.store.schema import HEAD, REVISION_TABLE

# Alembic keeps the migration it runs in global variables.
_ONE_THREAD = threading.Lock()


def bring_up_to_date(database: Database) -> None:
    """Create the tables in an empty database, or run the migrations that an older one lacks.

    Raises:
        StoreError: a newer byoaws made the store, the file is another program's, or a migration failed.
    """
    with database.reading("open") as connection:
        if _revision(connection) == HEAD:
            return
    with _ONE_THREAD, database.writing("prepare") as connection:
        database.lock_out_others(connection)
        # Another process may have been first; Alembic then finds nothing left to do.
        found = _revision(connection)
        if found is None and database.is_sqlite and sa.inspect(connection).get_table_names():
            raise StoreError(
                f"'{database.address.shown}' is another program's database",
                hint="name another file; byoaws keeps its store in a file of its own",
            )
        _upgrade(connection, found, database.address.shown)


def _revision(connection: sa.Connection) -> str | None:
    """The migration that the store has reached; None before the first."""
    if not sa.inspect(connection).has_table(REVISION_TABLE):
        return None
    found = connection.execute(sa.text(f"SELECT version_num FROM {REVISION_TABLE}")).scalar_one_or_none()  # noqa: S608
    return None if found is None else str(found)


def _upgrade(connection: sa.Connection, found: str | None, shown: str) -> None:
    # 100 ms that an up-to-date store never pays.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "byoaws.store:migrations")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"store '{shown}' was made by a newer byoaws: its tables are at revision '{found}', and '{HEAD}' is the "
            "newest this one knows",
            hint="upgrade: pip install --upgrade byoaws",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
