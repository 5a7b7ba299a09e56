"""A PostgreSQL of the benchmark's own, filled with a fleet's connections by the database itself."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from fleet_accounts import FIRST, REGION, ROLE
from installed import ROOT

from byoaws.store.fleet import open_fleet

_ROWS = """
INSERT INTO connections (id, alias, vendor, region, external_id, role_arn, account_id, status,
                         created_at, updated_at, checked_at, verified_at, next_check_at)
SELECT 'con_' || lpad(n::text, 20, '0'), 'customer ' || n, 'mailmark', %(region)s, 'byoaws-acme-' || a,
       'arn:aws:iam::' || a || ':role/' || %(role)s || '-' || a, a, 'verified', before, before, before, before,
       before + interval '30 days'
FROM (SELECT n, (%(first)s + n)::text AS a, now() - interval '2 days' AS before
      FROM generate_series(0, %(count)s - 1) AS n) AS every
"""


@dataclass(frozen=True, slots=True)
class Store:
    """One database."""

    url: str

    def ask(self, query: str) -> tuple[float, ...]:
        """Return one row."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row: tuple[float, ...] = connection.execute(query.encode()).fetchone()  # type: ignore[assignment]
            return row

    def fill(self, count: int) -> None:
        """Add so many connections: long unchecked, and none of them due, so that what is checked is what a run asks."""
        open_fleet(self.url).close()
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_ROWS, {"region": REGION, "role": ROLE, "first": FIRST, "count": count})
            connection.execute("VACUUM ANALYZE connections")

    def recorded(self) -> int:
        """How many results there are."""
        return int(self.ask("SELECT count(*) FROM reports")[0])

    def rate(self) -> float:
        """Results a second, from the first to the last: start and end of the programs are left out."""
        count, seconds = self.ask(
            "SELECT count(*), extract(epoch FROM max(checked_at) - min(checked_at))::float FROM reports"
        )
        return count / seconds


@contextmanager
def stores() -> Iterator["Stores"]:
    """Start PostgreSQL."""
    sys.path.append(str(ROOT / "tests" / "data"))
    from postgres_server import PostgresServer, programs

    server = PostgresServer()
    try:
        server.start(programs())
        yield Stores(server)
    finally:
        server.stop()


class Stores:
    """Databases on one server."""

    def __init__(self, server: object) -> None:
        self._server = server

    def filled(self, count: int) -> Store:
        """Return a new one with so many connections."""
        store = Store(self._server.new_database())  # type: ignore[attr-defined]
        store.fill(count)
        return store
