"""Which queue a store has, and what is said where there is none."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from byoaws.errors import UsageError
from byoaws.factories import fleet
from byoaws.factories.queue import queue
from byoaws.settings import Settings, read_settings


def stored_in(url: str) -> Settings:
    return read_settings({"BYOAWS_STORE": url}, cwd=Path("/"))


def test_a_store_on_postgresql_has_a_queue_beside_it() -> None:
    shared = queue(stored_in("postgresql://me:p%40ss@db.example.com:5433/fleet?sslmode=require"), "acme")
    conninfo = shared._connector._pool_args["conninfo"]
    assert conninfo == "postgresql://me:p%40ss@db.example.com:5433/fleet?sslmode=require"
    assert "p%40ss" not in repr(shared)


def test_a_file_has_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="workers share a store on PostgreSQL") as caught:
        queue(stored_in(f"sqlite:///{tmp_path}/store.sqlite3"), "acme")
    assert caught.value.hint.startswith("run byoaws schedule")
    assert list(tmp_path.iterdir()) == []


def test_a_url_that_cannot_be_read_is_told() -> None:
    with pytest.raises(UsageError, match="no store for 'mysql' databases"):
        queue(stored_in("mysql://db.example.com/fleet"), "acme")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "byoaws.fleet.procrastinate_queue", None)
    with pytest.raises(UsageError, match="Procrastinate, which is not installed") as caught:
        queue(stored_in("postgresql://db.example.com/fleet"), "acme")
    assert caught.value.hint == "pip install 'byoaws[fleet]'"


def test_metrics_without_the_extra_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "byoaws.fleet.metrics", None)
    with pytest.raises(UsageError, match="prometheus-client, which is not installed") as caught:
        fleet.metrics(SimpleNamespace())
    assert caught.value.hint == "pip install 'byoaws[fleet]'"
