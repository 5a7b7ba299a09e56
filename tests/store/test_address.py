from pathlib import Path

import pytest

from byoaws.errors import StoreError
from byoaws.store.address import parse


def everything(error):
    return f"{error} {error!r} {error.hint} {error.__cause__!r}"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////var/lib/byoaws/a.sqlite3", "/var/lib/byoaws/a.sqlite3"),
        ("sqlite+pysqlite:////a", "/a"),
        ("sqlite:////a b/%20/ü", "/a b/%20/ü"),
        ("sqlite:////a/../b", "/b"),
    ],
)
def test_sqlite(url, path):
    address = parse(url)
    assert address.path == Path(path)
    assert address.url.database == path
    assert address.url.drivername == "sqlite"


def test_a_relative_path_does_not_move_with_the_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse("sqlite:///x.sqlite3").path == tmp_path / "x.sqlite3"


def test_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse("sqlite:///~/x.sqlite3").path == tmp_path / "x.sqlite3"


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql(scheme):
    address = parse(f"{scheme}://ann:hush@db.example.com:5433/byoaws?sslmode=verify-full")
    assert address.path is None
    assert address.url.drivername == "postgresql+psycopg"
    assert address.url.password == "hush"
    assert address.url.query == {"sslmode": "verify-full"}
    assert address.shown == f"{scheme}://ann:***@db.example.com:5433/byoaws"
    assert "hush" not in repr(address)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "cannot be read"),
        ("store.sqlite3", "cannot be read"),
        ("/hush/store.sqlite3", "cannot be read"),
        ("postgresql://ann:hush@host:port/x", "cannot be read"),
        ("postgresql://ann:hu/hush@host:1:2/x", "cannot be read"),
        ("mysql://ann:hush@host/x", "no store for 'mysql' databases"),
        ("postgres://ann:hush@host/x", "no store for 'postgres' databases"),
        ("postgresql+psycopg2://ann:hush@host/x", "no store for 'postgresql+psycopg2' databases"),
        ("sqlite+aiosqlite:///x", "no store for 'sqlite+aiosqlite' databases"),
        ("sqlite://", "in memory"),
        ("sqlite:///", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite://host/x", "not the URL of a SQLite file"),
        ("sqlite:///x?mode=memory&token=hush", "not the URL of a SQLite file"),
        ("sqlite:///x\0y", "does not name a file"),
        ("postgresql://ann@host/x?password=hush", "holds a secret in its query ('password')"),
        ("postgresql://ann@host/x?sslpassword=hush", "holds a secret in its query ('sslpassword')"),
    ],
)
def test_urls_that_are_refused(url, said):
    with pytest.raises(StoreError) as caught:
        parse(url)
    assert said in str(caught.value)
    assert caught.value.hint
    assert "hush" not in everything(caught.value)
