"""Opening: what is made, with which modes; and each way it can fail, with its own words."""

import builtins
import os
import sqlite3
import stat
import traceback
from contextlib import closing

import pytest
import sqlalchemy as sa

from byoaws.errors import StoreError
from byoaws.store.sql import open_store

PASSWORD = "hush hush"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def refused(url, key_file):
    with pytest.raises(StoreError) as caught:
        open_store(url, key=None, key_file=key_file).close()
    assert type(caught.value) is StoreError
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def sqlite_store(sqlite_path, key_file):
    store = open_store(f"sqlite:///{sqlite_path}", key=None, key_file=key_file)
    yield store
    store.close()


def pragma(store, name):
    with store._database.reading("read") as transaction:
        return transaction.execute(sa.text(f"PRAGMA {name}")).scalar_one()


def test_file_and_directory_are_private(sqlite_path, sqlite_store, make_connection):
    sqlite_store.add(make_connection(webhook_secret="x"))
    files = {path.name: mode(path) for path in sqlite_path.parent.iterdir()}
    assert {"store.sqlite3", "store.sqlite3-wal", "key"} <= files.keys()
    assert set(files.values()) == {0o600}
    assert mode(sqlite_path.parent) == 0o700


def test_a_closed_store_is_one_file(sqlite_path, sqlite_store, make_connection):
    sqlite_store.add(make_connection())
    sqlite_store.close()
    assert os.listdir(sqlite_path.parent) == ["store.sqlite3"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)],
    ids=str,
)
def test_sqlite_settings(sqlite_store, name, value):
    assert pragma(sqlite_store, name) == value


def test_an_odd_path(tmp_path, key_file, make_connection):
    path = tmp_path / "100% #1 ü&=;" / "it's %20.sqlite3"
    store = open_store(f"sqlite:///{path}", key=None, key_file=key_file)
    store.add(make_connection())
    store.close()
    assert path.stat().st_size > 0


def test_an_empty_file_is_an_empty_store(sqlite_path, key_file, make_connection):
    sqlite_path.parent.mkdir()
    sqlite_path.touch()
    store = open_store(f"sqlite:///{sqlite_path}", key=None, key_file=key_file)
    store.add(make_connection())
    store.close()


def test_readers_do_not_wait_for_a_writer(sqlite_store, make_connection):
    first = make_connection()
    sqlite_store.add(first)
    with sqlite_store._database.writing("write to") as transaction:
        transaction.execute(sa.text("UPDATE connections SET alias = 'half done'"))
        assert list(sqlite_store.list()) == [first]


@pytest.mark.parametrize(
    "content", [b"no database\n" * 1000, b"my notes", b"\0" * 4096], ids=["long", "short", "zeros"]
)
def test_a_file_that_is_no_database(sqlite_path, key_file, content):
    sqlite_path.parent.mkdir()
    sqlite_path.write_bytes(content)
    assert "is not a SQLite database" in refused(f"sqlite:///{sqlite_path}", key_file)
    assert sqlite_path.read_bytes() == content


def test_another_programs_database(sqlite_path, key_file):
    sqlite_path.parent.mkdir()
    with closing(sqlite3.connect(sqlite_path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        before = connection.execute("SELECT * FROM sqlite_master").fetchall()
        connection.commit()
    assert "is another program's database" in refused(f"sqlite:///{sqlite_path}", key_file)
    with closing(sqlite3.connect(sqlite_path)) as connection:
        assert connection.execute("SELECT * FROM sqlite_master").fetchall() == before


def test_a_damaged_database(sqlite_path, key_file, sqlite_store, make_connection):
    sqlite_store.add(make_connection())
    sqlite_store.close()
    raw = bytearray(sqlite_path.read_bytes())
    raw[110:4096] = b"\xff" * (4096 - 110)
    sqlite_path.write_bytes(raw)
    assert "the database is damaged" in refused(f"sqlite:///{sqlite_path}", key_file)


def test_a_directory_in_its_place(tmp_path, key_file):
    assert "the file cannot be opened" in refused(f"sqlite:///{tmp_path}", key_file)


def test_a_file_in_place_of_its_directory(tmp_path, key_file):
    (tmp_path / "file").touch()
    message = refused(f"sqlite:///{tmp_path / 'file' / 'store.sqlite3'}", key_file)
    assert f"'{tmp_path / 'file'}'" in message


@pytest.mark.parametrize("below", ["store.sqlite3", "below/store.sqlite3"])
@pytest.mark.parametrize("closed", [0o500, 0o000], ids=["not-writable", "not-enterable"])
def test_a_directory_without_permission(open_directory, ordinary_user, closed, below):
    directory = open_directory / "closed"
    directory.mkdir(mode=closed)
    with ordinary_user():
        message = refused(f"sqlite:///{directory / below}", open_directory / "key")
    assert "permission denied" in message
    assert str(directory) in message


def test_a_file_that_cannot_be_read(open_directory, ordinary_user):
    path = open_directory / "store.sqlite3"
    path.touch(mode=0o000)
    with ordinary_user():
        assert f"permission denied '{path}'" in refused(f"sqlite:///{path}", open_directory / "key")


def test_a_read_only_file(open_directory, ordinary_user, make_connection):
    path, key_file = open_directory / "d" / "store.sqlite3", open_directory / "key"
    open_store(f"sqlite:///{path}", key=None, key_file=key_file).close()
    path.chmod(0o400)
    with ordinary_user():
        store = open_store(f"sqlite:///{path}", key=None, key_file=key_file)
        assert list(store.list()) == []
        with pytest.raises(StoreError, match="it is read-only") as caught:
            store.add(make_connection())
        store.close()
    assert "writable" in caught.value.hint


def test_a_read_only_directory(open_directory, ordinary_user):
    path, key_file = open_directory / "d" / "store.sqlite3", open_directory / "key"
    open_store(f"sqlite:///{path}", key=None, key_file=key_file).close()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    with ordinary_user():
        message = refused(f"sqlite:///{path}", key_file)
    assert "it is read-only" in message


@pytest.mark.parametrize("fresh", [True, False], ids=["opening", "writing"])
def test_a_locked_store(sqlite_path, key_file, monkeypatch, make_connection, fresh):
    monkeypatch.setattr("byoaws.store.database.BUSY_SECONDS", 0.02)
    url = f"sqlite:///{sqlite_path}"
    if fresh:
        sqlite_path.parent.mkdir()
        sqlite_path.touch()
    else:
        store = open_store(url, key=None, key_file=key_file)
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        if fresh:
            message = refused(url, key_file)
        else:
            with pytest.raises(StoreError) as caught:
                store.add(make_connection())
            message = str(caught.value)
            store.close()
    assert "another process has held it locked for 5 seconds" in message


def test_postgresql_without_its_driver(key_file, monkeypatch):
    real = builtins.__import__

    def without_psycopg(name, *arguments, **named):
        if name.partition(".")[0] == "psycopg":
            raise ImportError("no pq wrapper available")
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    with pytest.raises(StoreError, match="driver is not installed") as caught:
        open_store(f"postgresql://ann:{PASSWORD}@host/x", key=None, key_file=key_file)
    assert caught.value.hint == "pip install 'byoaws[postgres]'"
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


@pytest.mark.postgres
@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_both_names_of_postgresql(empty_database, key_file, make_connection, scheme):
    url = empty_database.replace("postgresql", scheme, 1)
    store = open_store(url, key=None, key_file=key_file)
    store.add(make_connection())
    with store._database.reading("read") as transaction:
        assert transaction.execute(sa.text("SHOW application_name")).scalar_one() == "byoaws"
    store.close()


@pytest.mark.postgres
def test_no_such_postgresql_database(postgres, key_file):
    message = refused(postgres.url("nowhere"), key_file)
    assert 'database "nowhere" does not exist' in message


@pytest.mark.postgres
def test_no_such_postgresql_user(postgres, key_file):
    message = refused(postgres.url("postgres", user="eve"), key_file)
    assert 'role "eve" does not exist' in message


@pytest.mark.postgres
def test_a_postgresql_user_who_may_not(empty_database, key_file):
    url = empty_database
    store = open_store(url, key=None, key_file=key_file)
    with store._database.writing("prepare") as transaction:
        transaction.execute(sa.text("DROP ROLE IF EXISTS guest"))
        transaction.execute(sa.text("CREATE ROLE guest LOGIN"))
    store.close()
    assert "the user lacks a permission" in refused(url.replace("postgres@", "guest@"), key_file)


@pytest.mark.postgres
def test_a_postgresql_with_a_table_of_that_name(empty_database, key_file):
    import psycopg

    url = empty_database
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE reports (x int)")
    assert "already has a table of that name" in refused(url, key_file)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('connections')").fetchone() == (None,)


def test_no_postgresql_there(tmp_path, key_file):
    pytest.importorskip("psycopg")
    url = f"postgresql://ann:{PASSWORD}@/x?host={tmp_path}"
    with pytest.raises(StoreError, match="cannot open store") as caught:
        open_store(url, key=None, key_file=key_file)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value)) + caught.value.hint
