import sqlite3

import pytest
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from byoaws.errors import StoreError
from byoaws.store.address import parse
from byoaws.store.failures import Duplicate, translated

PASSWORD = "correct horse"
ADDRESS = parse(f"postgresql://ann:{PASSWORD}@host/x")


class ServerError(Exception):
    """As psycopg's: words and a state."""

    def __init__(self, words, sqlstate=None):
        super().__init__(words)
        self.sqlstate = sqlstate


def from_server(words, sqlstate=None, kind=OperationalError):
    return kind("SELECT :secret", {"secret": PASSWORD}, ServerError(words, sqlstate), hide_parameters=True)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            from_server("password authentication failed for user", "28P01"),
            "the server refused the user or the password",
        ),
        (from_server("no pg_hba.conf entry", "28000"), "the server refused the user or the password"),
        (from_server("database x does not exist", "3D000"), "the server has no such database"),
        (from_server("deadlock detected", "40P01"), "it collided with another transaction"),
        (from_server("could not serialize", "40001"), "it collided with another transaction"),
        (from_server("lock timeout", "55P03"), "another process has held it locked for too long"),
        (from_server("cannot execute INSERT", "25006"), "the database is read-only"),
        (from_server("connection refused\n\tIs the server running?"), "connection refused"),
        (from_server("syntax error\nDETAIL: Failing row contains (hush)", "42601"), "syntax error"),
        (from_server(""), "ServerError"),
        (from_server(f"odd option {PASSWORD}"), "odd option ***"),
        (ArgumentError("what is that"), "what is that"),
        (OSError(28, "No space left on device", "/a/b"), "no space left on device '/a/b'"),
        (OSError("odd"), "odd"),
    ],
    ids=lambda value: None if isinstance(value, str) else str(getattr(value, "orig", value))[:20],
)
def test_reasons(error, reason):
    with pytest.raises(StoreError) as caught, translated(ADDRESS, "read"):
        raise error
    assert str(caught.value) == f"cannot read store 'postgresql://ann:***@host/x': {reason}"
    assert caught.value.hint
    assert caught.value.__cause__ is error


def test_a_full_disk(tmp_path):
    connection = sqlite3.connect(tmp_path / "x")
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="the disk is full"), translated(ADDRESS, "write to"):
        connection.execute("CREATE TABLE t (x)")
    connection.close()


def test_a_refused_row_is_told_apart():
    with pytest.raises(Duplicate), translated(ADDRESS, "write to"):
        raise from_server("duplicate key", "23505", IntegrityError)


def test_our_own_errors_and_bugs_pass():
    for error in (StoreError("x"), KeyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, translated(ADDRESS, "read"):
            raise error
        assert caught.value is error


def test_no_driver_error_is_without_a_driver():
    with pytest.raises(StoreError), translated(ADDRESS, "read"):
        raise DBAPIError("SELECT", {}, None)
