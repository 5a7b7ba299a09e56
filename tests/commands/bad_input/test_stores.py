"""A store or a key that cannot be used."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from byoaws.model import Connection

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"
OTHER_KEY = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktMTI="
LIST = "connections list"

CASES: dict[str, dict[str, Any]] = {
    "store-directory": {
        "args": LIST,
        "env": {"BYOAWS_STORE": "sqlite:///{cwd}"},
        "code": 3,
        "words": ("cannot open store",),
    },
    "store-below-a-file": {
        "args": LIST,
        "env": {"BYOAWS_STORE": "sqlite:///{cwd}/f/s"},
        "files": {"f": b""},
        "code": 3,
        "words": ("cannot open store",),
    },
    "store-no-database": {
        "args": LIST,
        "env": {"BYOAWS_STORE": "sqlite:///{cwd}/f"},
        "files": {"f": b"hello"},
        "code": 3,
        "words": ("is not a SQLite database", "name another file"),
    },
    "store-unknown-scheme": {
        "args": f"{LIST} --store mysql://me:hunter2@host/db",
        "words": ("no store named 'mysql'", "sqlite"),
        "never": ("hunter2",),
    },
    "store-no-scheme": {"args": f"{LIST} --store store.db", "words": ("no store named", "sqlite")},
    "store-for-recheck-no-scheme": {
        "args": "recheck --store /tmp/x",
        "words": ("URL cannot be read", "sqlite:///PATH"),
    },
    "store-for-recheck-unknown-scheme": {
        "args": "recheck --store mysql://me:hunter2@host/db",
        "words": ("no store for 'mysql' databases", "sqlite:///PATH"),
        "never": ("hunter2",),
    },
    "store-for-worker-unknown-scheme": {
        "args": "worker --store mysql://x",
        "words": ("no store for 'mysql' databases",),
    },
    **{
        f"store-mistyped-{number}-{args.split()[0]}": {
            "args": args,
            "env": {"BYOAWS_STORE": "sqlite:///{cwd}/typo/s.sqlite3"},
            "code": 3,
            "words": ("there is no store at", "typo/s.sqlite3", "byoaws connect"),
        }
        for number, args in enumerate(
            (
                LIST,
                "connections show con_1",
                "connections new-link con_1",
                "connections settle",
                "connections drift con_1",
                "connections upgrade con_1",
                "connections rotate-secret con_1",
                "connections rotate-external-id con_1",
                "connections disconnect con_1 --yes",
                "verify --connection con_1",
                f"verify {ROLE}",
                "recheck",
                "schedule",
                "runbook verification-failed --connection con_1",
            )
        )
    },
    "store-in-memory": {"args": f"{LIST} --store sqlite://", "words": ("would forget", "sqlite:///PATH")},
    "store-empty": {"args": f"{LIST} --store ''", "words": ("--store", "empty")},
    "store-unreachable": {
        "args": f"{LIST} --store postgresql://me:hunter2@127.0.0.1:1/db",
        "code": 3,
        "words": ("cannot open store", "me:***@127.0.0.1"),
        "never": ("hunter2",),
    },
    "store-for-connect": {
        "args": "connect --alias A",
        "env": {"BYOAWS_STORE": "sqlite:///{cwd}"},
        "code": 3,
        "words": ("cannot open store",),
    },
    "key-malformed": {
        "args": LIST,
        "env": {"BYOAWS_KEY": "hunter2"},
        "code": 3,
        "words": ("malformed",),
        "never": ("hunter2",),
    },
    "key-empty": {
        "args": LIST,
        "env": {"BYOAWS_KEY": ""},
        "code": 3,
        "words": ("BYOAWS_KEY is empty", "make a key with"),
    },
    "key-wrong": {
        "args": "connections show {connection}",
        "env": {"BYOAWS_KEY": OTHER_KEY},
        "code": 3,
        "words": ("not the key that sealed it", "set BYOAWS_KEY"),
        "never": (OTHER_KEY,),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)


def test_a_newer_store_is_left_alone(cwd: Path, connection: Connection, run: Callable[..., Result]) -> None:
    database = sqlite3.connect(cwd.parent / "data" / "byoaws.sqlite3")
    with database:
        database.execute("UPDATE byoaws_revision SET version_num = '9999'")
    database.close()
    done = run("connections", "list")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "made by a newer byoaws" in done.stderr
    assert "hint:  upgrade" in done.stderr


def test_stored_secrets_without_their_key(cwd: Path, connection: Connection, run: Callable[..., Result]) -> None:
    (cwd.parent / "data" / "key").unlink()
    done = run("connections", "show", connection.id)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "the key for them is not here" in done.stderr
    assert "hint:  set BYOAWS_KEY" in done.stderr
    assert not (cwd.parent / "data" / "key").exists()


def test_no_home_and_no_store(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown_user() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown_user)
    nowhere = {"HOME": None, "BYOAWS_DATA_DIR": None}
    done = run("connections", "list", env=nowhere)
    assert done.exit_code == 2
    assert "hint:  set HOME or BYOAWS_DATA_DIR" in done.stderr
    # What needs no store works all the same.
    assert run("policy", "trust", env=nowhere).exit_code == 0
