"""`connections rotate-secret` and `rotate-external-id` on a store, with no account to ask: what is shown and kept."""

import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.model import Connection, ConnectionStatus
from byoaws.store.sql import SqlStore, open_store

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/r"
Run = Callable[..., Result]


@pytest.fixture
def store(connection: Connection, cwd: Path, vendor_env: Mapping[str, str]) -> SqlStore:
    data = cwd.parent / "data"
    opened = open_store(f"sqlite:///{data}/byoaws.sqlite3", key=None, key_file=data / "key")
    verified = replace(connection, role_arn=ROLE, account_id="444455556666", status=ConnectionStatus.VERIFIED)
    opened.update(verified)
    yield opened
    opened.close()


def secrets(store: SqlStore, connection: Connection) -> list[str]:
    found = store.get(connection.id)
    return [secret for secret in (found.next_webhook_secret, found.webhook_secret) if secret]


def test_the_new_key_is_in_the_file_and_nowhere_else(
    run: Run, store: SqlStore, connection: Connection, cwd: Path
) -> None:
    done = run("connections", "rotate-secret", connection.id, "--out", "new-key")
    new, old = secrets(store, connection)
    file = cwd / "new-key"
    assert (done.exit_code, file.read_text()) == (1, f"{new}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "<WEBHOOK_SECRET>" in done.stdout
    assert "--finish" in done.stdout
    assert not any(secret in done.output for secret in (new, old))
    # Run again, it is the same key; a file that is there is not written over.
    assert run("connections", "rotate-secret", connection.id, "--out", "new-key").exit_code == 2
    assert run("connections", "rotate-secret", connection.id, "--out", "again").exit_code == 1
    assert (cwd / "again").read_text() == f"{new}\n"


def test_finish_needs_somebody_who_knows(run: Run, store: SqlStore, connection: Connection) -> None:
    run("connections", "rotate-secret", connection.id)
    both = secrets(store, connection)
    unsure = run("connections", "rotate-secret", connection.id, "--finish", "--format", "json")
    assert (unsure.exit_code, json.loads(unsure.stdout)["state"]) == (1, "unsure")
    assert secrets(store, connection) == both
    done = run("connections", "rotate-secret", connection.id, "--finish", "--yes", "--out", "key")
    assert (done.exit_code, secrets(store, connection)) == (0, both[:1])
    assert "'key' was not written" in done.stderr
    assert not Path("key").exists()


def test_json_of_an_exchange(run: Run, store: SqlStore, connection: Connection) -> None:
    done = run("connections", "rotate-secret", connection.id, "--overlap", "7d", "--format", "json")
    found = json.loads(done.stdout)
    assert list(found) == ["connection_id", "state", "message", "todo", "overlap_ends", "console", "commands"]
    assert (done.exit_code, found["state"], found["overlap_ends"]) == (1, "customer", None)
    assert store.get(connection.id).secret_overlap == 7 * 86_400
    assert not any(secret in done.output for secret in secrets(store, connection))


def test_a_new_external_id(run: Run, store: SqlStore, connection: Connection) -> None:
    done = run("connections", "rotate-external-id", connection.id, env={"COLUMNS": "80"})
    new = store.get(connection.id).pending_external_id
    assert done.exit_code == 0
    assert done.stdout.startswith(f"minted: {new}\n")
    for part in ("The customer, in the AWS console", "aws cloudformation update-stack", "byoaws verify --connection"):
        assert part in done.stdout
    again = run("connections", "rotate-external-id", connection.id)
    assert again.stdout.startswith(f"pending already: {new}\n")
    found = json.loads(run("connections", "rotate-external-id", connection.id, "--format", "json").stdout)
    assert list(found) == [
        *("connection_id", "external_id", "pending_external_id", "begun", "console", "commands", "verify")
    ]
    shown = json.loads(run("connections", "show", connection.id, "--format", "json").stdout)
    assert (shown["external_id"], shown["pending_external_id"]) == (connection.external_id, new)
    assert shown["external_ids"] == [connection.external_id, new]


@pytest.mark.parametrize("name", ["rotate-secret", "rotate-external-id"])
def test_no_colour_where_none_is_wanted(run: Run, store: SqlStore, connection: Connection, name: str) -> None:
    assert "\x1b" not in run("connections", name, connection.id).stdout
    assert "\x1b[" in run("connections", name, connection.id, env={"FORCE_COLOR": "1"}).stdout
