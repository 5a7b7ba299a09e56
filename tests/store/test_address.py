from pathlib import Path

import pytest

from byoaws.errors import StoreMissing, UsageError
from byoaws.store.address import parse, require_store


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
    with pytest.raises(UsageError) as caught:
        parse(url)
    assert said in str(caught.value)
    assert caught.value.hint
    assert "hush" not in everything(caught.value)


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite"])
@pytest.mark.parametrize("name", ["typo.sqlite3", "no/such/folder/s.sqlite3", "leads-nowhere"])
def test_a_file_that_is_not_there_is_told_and_not_made(scheme, name, tmp_path):
    (tmp_path / "leads-nowhere").symlink_to(tmp_path / "gone")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreMissing) as caught:
        require_store(f"{scheme}:///{tmp_path}/{name}")
    place = tmp_path / ("gone" if name == "leads-nowhere" else name)
    assert str(caught.value) == f"there is no store at '{place}'"
    assert "byoaws connect" in caught.value.hint
    assert caught.value.exit_code == 3
    assert sorted(tmp_path.rglob("*")) == before


def test_where_there_may_be_a_store_nothing_is_said(tmp_path):
    """Who opens it says what is wrong with a place that cannot be looked at, and a server knows its own databases."""
    (tmp_path / "file").touch()
    for url in (f"sqlite:///{tmp_path}/file", f"sqlite:///{tmp_path}/file/below", "postgresql://nowhere/x", "other:x"):
        require_store(url)


def test_a_url_that_cannot_be_read_is_no_store_that_is_missing():
    with pytest.raises(UsageError, match="in memory"):
        require_store("sqlite://")
