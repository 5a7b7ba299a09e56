"""Stores to test: SQLite in a fresh directory, and a real PostgreSQL with a fresh database per test."""

import contextlib
import itertools
import os
import pwd
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from byoaws.model import Connection, ProbeResult, Status, Verdict, VerificationReport
from byoaws.store.sql import open_store

START = datetime(2026, 11, 21, 4, 5, 6, 123456, tzinfo=UTC)
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=DATABASES)
def url(request, tmp_path):
    """The URL of a store that is not there yet, for each database in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'store.sqlite3'}"
        return
    yield request.getfixturevalue("empty_database")


@pytest.fixture
def sqlite_path(tmp_path):
    return tmp_path / "data" / "store.sqlite3"


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "data" / "key"


@pytest.fixture
def opened(url, key_file):
    """Open the store; each is closed when the test ends."""
    with contextlib.ExitStack() as stack:

        def open_one(at=url, *, key=None, key_file=key_file):
            store = open_store(at, key=key, key_file=key_file)
            stack.callback(store.close)
            return store

        yield open_one


@pytest.fixture
def store(opened):
    return opened()


@pytest.fixture
def make_connection():
    """Connections that differ in what must differ, each a minute younger than the last."""
    numbers = itertools.count(1)

    def make(**changes):
        number = next(numbers)
        at = START + timedelta(minutes=number)
        values = {
            "id": f"con_{number:020}",
            "alias": f"customer {number}",
            "vendor": "mailmark",
            "region": "eu-central-1",
            "external_id": f"ext-{number}",
            "created_at": at,
            "updated_at": at,
        }
        return Connection(**{**values, **changes})

    return make


@pytest.fixture
def make_report():
    def make(**changes):
        values = {
            "verdict": Verdict.VERIFIED,
            "role_arn": "arn:aws:iam::111122223333:role/byoaws/mailmark/Access",
            "account_id": "111122223333",
            "region": "eu-central-1",
            "vendor": "mailmark",
            "sandbox": True,
            "checked_at": START,
            "probes": (
                ProbeResult(
                    code="V203",
                    name="assume-role",
                    status=Status.PASS,
                    summary="the role opened",
                    evidence={"tries": 1, "waited": 0.5, "nested": {"list": [None, True, "x"]}},
                ),
            ),
        }
        return VerificationReport(**{**values, **changes})

    return make


@pytest.fixture
def open_directory():
    """A directory that any user may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="byoaws-"))
    path.chmod(0o777)
    yield path
    for closed in path.iterdir():
        if closed.is_dir():
            closed.chmod(0o700)
    shutil.rmtree(path)


@pytest.fixture
def ordinary_user(open_directory):
    """Permissions mean nothing to root: give `open_directory` to `nobody`, and be `nobody` for the length of a `with`.

    Only code that is loaded already may run inside: Python itself may lie where `nobody` cannot read.
    """

    @contextlib.contextmanager
    def drop():
        if os.geteuid() != 0:
            yield
            return
        nobody = pwd.getpwnam("nobody").pw_uid
        for path in open_directory.rglob("*"):
            os.chown(path, nobody, -1)
        os.seteuid(nobody)
        try:
            yield
        finally:
            os.seteuid(0)

    return drop
