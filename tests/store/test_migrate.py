"""The tables: built by migrations, equal to the metadata, built once whoever comes first."""

import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from byoaws.errors import StoreError
from byoaws.store import migrate
from byoaws.store.schema import HEAD, REVISION_TABLE, connections, metadata

REVISIONS = sa.table(REVISION_TABLE, sa.column("version_num"))


def set_revision(store, revision):
    with store._database.writing("change") as transaction:
        transaction.execute(sa.update(REVISIONS).values(version_num=revision))


def test_the_migrations_are_one_line_that_ends_at_head():
    config = Config()
    config.set_main_option("script_location", "byoaws.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    assert len(scripts.get_bases()) == 1
    assert not any(script.is_merge_point for script in scripts.walk_revisions())


def test_the_migrations_build_what_the_metadata_says(store):
    options = {"version_table": REVISION_TABLE, "compare_type": True, "compare_server_default": True}
    with store._database.reading("read") as transaction:
        context = MigrationContext.configure(transaction, opts=options)
        assert compare_metadata(context, metadata) == []
        columns = {table: len(sa.inspect(transaction).get_columns(table)) for table in metadata.tables}
    assert columns == {name: len(table.columns) for name, table in metadata.tables.items()}


def test_the_comparison_can_fail(store):
    with store._database.writing("break") as transaction:
        transaction.execute(sa.text("DROP INDEX ix_connections_role_arn"))
        context = MigrationContext.configure(transaction, opts={"version_table": REVISION_TABLE})
        assert compare_metadata(context, metadata)


def test_opening_again_changes_nothing_and_needs_no_alembic(opened, make_connection, monkeypatch):
    connection = make_connection()
    opened().add(connection)
    monkeypatch.setattr(migrate, "_upgrade", lambda *_: pytest.fail("migrated again"))
    for _ in range(2):
        assert list(opened().list()) == [connection]


@pytest.mark.parametrize("found", ["9999", "0006", "1", ""])
def test_a_newer_store_is_refused_and_left_alone(opened, make_connection, found):
    store = opened()
    store.add(make_connection())
    set_revision(store, found)
    with pytest.raises(StoreError, match=f"made by a newer byoaws: its tables are at revision '{found}'") as caught:
        opened()
    assert "upgrade" in caught.value.hint
    with store._database.reading("read") as transaction:
        assert transaction.execute(sa.select(REVISIONS.c.version_num)).scalars().all() == [found]


def test_a_migration_that_fails_leaves_nothing(opened, url, monkeypatch):
    real = migrate._upgrade

    def fail(connection, found, shown):
        real(connection, found, shown)
        raise sa.exc.OperationalError("CREATE", {}, Exception("power cut"))

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_upgrade", fail)
        with pytest.raises(StoreError, match=r"cannot prepare store .*: power cut"):
            opened()
    driver = url.replace("postgresql:", "postgresql+psycopg:")
    engine = sa.create_engine(driver)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    assert list(opened().list()) == []


def test_unique_indexes_are_the_databases_own(store):
    """Two processes at once cannot get past them; a check in Python alone could be."""
    with store._database.reading("read") as transaction:
        found = {
            index["column_names"][0]: index["unique"] for index in sa.inspect(transaction).get_indexes(connections.name)
        }
    assert {name: bool(unique) for name, unique in found.items()} == {
        "external_id": True,
        "role_arn": True,
        "vendor": False,
        "next_check_at": False,
        "checked_at": False,
    }


# Processes of their own, forked once everything is imported; all begin when the last of them is there.
RACERS = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
import alembic.command, alembic.ddl.postgresql, alembic.ddl.sqlite, cryptography.fernet
import psycopg, sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.dialects.sqlite
from byoaws.errors import ByoawsError
from byoaws.model import Connection
from byoaws.store.sql import open_store

def run(url, key_file, number):
    at = datetime(2026, 11, 21, tzinfo=UTC)
    connection = Connection(id=number, alias="", vendor="v", region="r", external_id=number, webhook_secret="secret",
                            created_at=at, updated_at=at)
    try:
        store = open_store(url, key=None, key_file=Path(key_file))
        store.add(connection)
        assert store.get(number) == connection
        store.close()
    except ByoawsError as error:
        return f"{type(error).__name__} {error}"
    return "done"

url, *key_files = sys.argv[1:]
go, all_there = os.pipe()
racers = []
for number, key_file in enumerate(key_files):
    answer, said = os.pipe()
    racers.append((os.fork(), answer))
    if not racers[-1][0]:
        os.close(all_there)
        os.read(go, 1)
        os.write(said, run(url, key_file, f"con_{number}").encode())
        os._exit(0)
    os.close(said)
os.close(all_there)
for racer, answer in racers:
    with os.fdopen(answer) as said:
        print(said.read())
    assert os.waitpid(racer, 0)[1] == 0
"""


def race(url, key_files):
    command = [sys.executable, "-W", "error", "-c", RACERS, url, *map(str, key_files)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


def test_processes_that_open_a_fresh_store_at_once_all_succeed(url, opened, key_file):
    assert race(url, [key_file] * 4) == ["done"] * 4
    assert [connection.webhook_secret for connection in opened().list()] == ["secret"] * 4


def test_of_machines_that_bring_a_key_each_one_wins(url, tmp_path, opened):
    key_files = [tmp_path / f"machine {number}" / "key" for number in range(3)]
    results = race(url, key_files)
    assert results.count("done") == 1
    assert all(result == "done" or result.startswith("KeyMissing") for result in results)
    winner = results.index("done")
    assert [connection.id for connection in opened(key_file=key_files[winner]).list()] == [f"con_{winner}"]
