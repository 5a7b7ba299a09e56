"""The engine behind the store: how each database is opened, and how transactions begin and end.

SQLite runs with a write-ahead log, because a fleet check writes for minutes while the console reads, and with it
neither waits for the other. Every commit is still flushed to disk: an ExternalId that a customer was shown must not be
lost. The log does not work over network file systems; a store that several machines share belongs on PostgreSQL.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text

from byoaws.errors import StoreError
from byoaws.store.address import Address
from byoaws.store.failures import BUSY_SECONDS, translated
from byoaws.store.files import private_directory, publish

_CONNECT_SECONDS = 10
_LOCK_SECONDS = 30
# Source: https://sqlite.org/fileformat.html#the_database_header
_MAGIC = b"SQLite format 3\0"
# Any number, the same in every byoaws: "byoa" in ASCII.
_MIGRATION_LOCK = 0x62796F61


class Database:
    """One store's database."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._engine = _sqlite(address) if address.path else _postgresql(address)
        # Both share one pool; the option only says which BEGIN the SQLite listener sends.
        self._writer = self._engine.execution_options(byoaws_writes=True)

    @property
    def is_sqlite(self) -> bool:
        """True for a file of this machine's own."""
        return self.address.path is not None

    @contextmanager
    def reading(self, doing: str) -> Iterator[Connection]:
        """A transaction that reads one state of the store; raises StoreError ("cannot `doing` store ...")."""
        with translated(self.address, doing), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, doing: str) -> Iterator[Connection]:
        """A transaction that is committed at the end, or rolled back on any error; raises StoreError."""
        with translated(self.address, doing), self._writer.begin() as connection:
            yield connection

    def lock_out_others(self, connection: Connection) -> None:
        """Let no other process migrate until this transaction ends. SQLite's writers are alone anyway."""
        if not self.is_sqlite:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION_LOCK})

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def open_database(address: Address) -> Database:
    """Make the SQLite file where there is none, and the engine.

    Raises:
        StoreError: the file or its directory cannot be made, another kind of file is there, or the driver is missing.
    """
    with translated(address, "open"):
        if address.path is not None:
            private_directory(address.path.parent)
            if not address.path.exists():
                publish(address.path, _empty_database)
            _refuse_other_files(address)
    return Database(address)


def _refuse_other_files(address: Address) -> None:
    """SQLite itself takes a file shorter than a page for an empty database, and would write over it."""
    if address.path and address.path.is_file():
        with address.path.open("rb") as file:
            head = file.read(len(_MAGIC))
        if head not in (b"", _MAGIC):
            raise StoreError(
                f"'{address.path}' is not a SQLite database", hint="name another file, or move this one away"
            )


def _empty_database(path: Path) -> None:
    """Switch to the write-ahead log before anyone else sees the file.

    SQLite does not wait for a lock here: of several processes that switch a shared file, most are told "locked".
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _sqlite(address: Address) -> Engine:
    # The pool lends a connection to one thread at a time, though not always to the one that opened it.
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(address.url, hide_parameters=True, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # Left alone, Python's driver would begin transactions late, and commit them before a CREATE TABLE.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later is refused at once, without waiting, if another wrote between.
        immediate = connection.get_execution_options().get("byoaws_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgresql(address: Address) -> Engine:
    defaults = {"connect_timeout": _CONNECT_SECONDS, "application_name": "byoaws"}
    try:
        return create_engine(
            address.url,
            hide_parameters=True,
            # A console that lives for weeks outlives restarts of its server.
            pool_pre_ping=True,
            connect_args={name: value for name, value in defaults.items() if name not in address.url.query},
        )
    except ImportError as error:
        raise StoreError(
            f"cannot open store '{address.shown}': the PostgreSQL driver is not installed",
            hint="pip install 'byoaws[postgres]'",
        ) from error
