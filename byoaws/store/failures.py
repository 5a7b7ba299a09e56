"""The one place where errors of databases, drivers and files become `StoreError`.

A message says what was tried, on which store, why it failed and what to do. It never holds a statement's parameters
(the engine hides them) or the password (`Address.shown` has none, and a driver's words are searched for it).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from byoaws.errors import StoreError
from byoaws.store.address import Address

BUSY_SECONDS = 5
"""How long SQLite waits for another process's transaction to end."""

_DEFAULT_HINT = "check that the store is there and that you may read and write it"

# Result codes by the beginning of their name: reason, hint. Source: https://sqlite.org/rescode.html
_SQLITE = (
    ("SQLITE_NOTADB", "the file is not a SQLite database", "name another file, or move this one away"),
    ("SQLITE_CORRUPT", "the database is damaged", "restore the file from a backup"),
    (
        "SQLITE_CANTOPEN",
        "the file cannot be opened",
        "it must be a file, in a directory that you may read, write and enter",
    ),
    ("SQLITE_READONLY", "it is read-only", "make the file and its directory writable for you; reading needs that too"),
    (
        "SQLITE_BUSY",
        f"another process has held it locked for {BUSY_SECONDS} seconds",
        "try again when that process has finished; for many processes use PostgreSQL",
    ),
    ("SQLITE_FULL", "the disk is full", "make room"),
    ("SQLITE_IOERR", "the disk, or the network file system, failed", "keep the file on a local disk"),
)
# By SQLSTATE, or its first two characters. Source: PostgreSQL manual, appendix A.
_POSTGRESQL = (
    ("28", "the server refused the user or the password", "check the URL's user and password, or PGPASSWORD"),
    ("3D", "the server has no such database", "create it, for example with `createdb`"),
    ("42501", "the user lacks a permission", "grant the user CREATE and USAGE on the schema, and own the tables"),
    ("42P07", "it already has a table of that name that is not ours", "give byoaws a database or schema of its own"),
    ("40", "it collided with another transaction", "try again"),
    ("55P03", "another process has held it locked for too long", "try again when that process has finished"),
    ("25006", "the database is read-only", "connect to the primary server, not to a replica"),
)


class Duplicate(StoreError):
    """A constraint of the database refused a row; the caller finds out which."""


@contextmanager
def translated(address: Address, doing: str) -> Iterator[None]:
    """Turn what fails inside into a `StoreError`: "cannot `doing` store ...".

    Raises:
        Duplicate: a constraint refused a row.
        StoreError: anything else.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        reason, hint = _explain(error)
        if password := address.url.password:
            reason = reason.replace(str(password), "***")
        kind = Duplicate if isinstance(error, IntegrityError) else StoreError
        raise kind(f"cannot {doing} store '{address.shown}': {reason}", hint=hint) from error


def _explain(error: Exception) -> tuple[str, str]:
    """Reason and hint."""
    driver = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(driver, OSError):
        place = f" '{driver.filename}'" if driver.filename else ""
        return f"{(driver.strerror or str(driver)).lower()}{place}", _DEFAULT_HINT
    code = getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None) or ""
    for prefix, reason, hint in (*_SQLITE, *_POSTGRESQL):
        if code.startswith(prefix):
            return reason, hint
    # First line only: PostgreSQL puts the row's values into the second.
    return str(driver).strip().partition("\n")[0] or type(driver).__name__, _DEFAULT_HINT
