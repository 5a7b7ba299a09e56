"""The store of connections in SQLite or PostgreSQL. Nothing above this package sees SQLAlchemy."""

import builtins
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from byoaws.errors import ConnectionConflict, UnknownConnection
from byoaws.model import Connection, VerificationReport
from byoaws.store import reports, rows
from byoaws.store.address import parse
from byoaws.store.database import Database, open_database
from byoaws.store.failures import Duplicate
from byoaws.store.keycheck import check_key, place_of_secret, require_key
from byoaws.store.migrate import bring_up_to_date
from byoaws.store.schema import connections as table
from byoaws.store.schema import reports as reports_table
from byoaws.store.vault import Vault

_IMMUTABLE = {"external_id": "ExternalId", "vendor": "vendor", "created_at": "time of creation"}
_UNIQUE = {"external_id": "ExternalId", "role_arn": "role ARN"}


def open_store(url: str, *, key: str | None, key_file: Path) -> "SqlStore":
    """Open a store, making or upgrading it where needed.

    Args:
        url: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/DATABASE`.
        key: the value of `BYOAWS_KEY`; None if it is not set.
        key_file: where the key is without `key`; the file is made when the first secret is stored.

    Raises:
        StoreError: the store cannot be opened, or a newer byoaws made it, or the key is malformed.
        KeyMissing: the store holds encrypted secrets, and the key that opens them is not here.
    """
    address = parse(url)
    vault = Vault(key=key, key_file=key_file, store=address.shown)
    database = open_database(address)
    try:
        bring_up_to_date(database)
        check_key(database, vault)
    except BaseException:
        database.close()
        raise
    return SqlStore(database, vault)


class SqlStore:
    """`byoaws.store.interface.Store` on a database. Threads may share it; processes after a fork may not.

    Every method raises `StoreError` as the port says, and `UsageError` for a value that no database could keep.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def add(self, connection: Connection) -> None:
        """Keep a new connection; raises ConnectionConflict."""
        row = rows.to_row(connection)
        try:
            with self._database.writing("add a connection to") as transaction:
                token = None
                if connection.webhook_secret is not None:
                    require_key(transaction, self._vault)
                    token = self._seal(connection.id, connection.webhook_secret)
                transaction.execute(sa.insert(table).values({**row, "webhook_secret": token}))
        except Duplicate as error:
            if conflict := self._conflict(connection, new=True):
                raise conflict from error
            raise

    def get(self, connection_id: str) -> Connection:
        """Return one connection; raises UnknownConnection."""
        found = self._find(table.c.id == connection_id)
        if found is None:
            raise _unknown(connection_id)
        return found

    def find_by_role(self, role_arn: str) -> Connection | None:
        """Return the connection that holds `role_arn`, if any."""
        return self._find(table.c.role_arn == role_arn)

    def list(self) -> builtins.list[Connection]:
        """All connections, oldest first."""
        with self._database.reading("read") as transaction:
            found = transaction.execute(sa.select(table).order_by(table.c.created_at, table.c.id)).mappings().all()
        return [self._from_row(row) for row in found]

    def update(self, connection: Connection) -> None:
        """Write back a connection; raises UnknownConnection and ConnectionConflict."""
        self._write_back(connection, None)

    def record(self, connection: Connection, report: VerificationReport) -> None:
        """Write back a connection together with the report that changed it, in one transaction."""
        entry = {
            "connection_id": connection.id,
            "checked_at": report.checked_at,
            "verdict": report.verdict.value,
            "report": reports.dump(report),
        }
        self._write_back(connection, entry)

    def last_report(self, connection_id: str) -> VerificationReport | None:
        """Return the newest report of a connection, if it was ever verified."""
        newest = (
            sa.select(reports_table.c.report)
            .where(reports_table.c.connection_id == connection_id)
            .order_by(reports_table.c.checked_at.desc(), reports_table.c.id.desc())
            .limit(1)
        )
        with self._database.reading("read") as transaction:
            text = transaction.execute(newest).scalar_one_or_none()
        return None if text is None else reports.load(text)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _write_back(self, connection: Connection, entry: Mapping[str, Any] | None) -> None:
        row = rows.to_row(connection)
        try:
            with self._database.writing("write to") as transaction:
                if connection.webhook_secret is not None:
                    require_key(transaction, self._vault)
                one = sa.select(table).where(table.c.id == connection.id).with_for_update()
                stored = transaction.execute(one).mappings().one_or_none()
                if stored is None:
                    raise _unknown(connection.id)
                _refuse_changes(stored, row)
                token = self._reseal(connection, stored["webhook_secret"])
                changed = sa.update(table).where(table.c.id == connection.id)
                transaction.execute(changed.values({**row, "webhook_secret": token}))
                if entry is not None:
                    transaction.execute(sa.insert(reports_table).values(entry))
        except Duplicate as error:
            if conflict := self._conflict(connection, new=False):
                raise conflict from error
            raise

    def _find(self, condition: sa.ColumnElement[bool]) -> Connection | None:
        with self._database.reading("read") as transaction:
            row = transaction.execute(sa.select(table).where(condition)).mappings().one_or_none()
        return None if row is None else self._from_row(row)

    def _from_row(self, row: sa.RowMapping) -> Connection:
        token = row["webhook_secret"]
        secret = None if token is None else self._vault.open(token, place_of_secret(row["id"]))
        return rows.from_row(row, webhook_secret=secret)

    def _seal(self, connection_id: str, secret: str) -> str:
        return self._vault.seal(secret, place_of_secret(connection_id))

    def _reseal(self, connection: Connection, token: str | None) -> str | None:
        """Keep the stored token as long as the secret is the same."""
        secret = connection.webhook_secret
        if secret is None:
            return None
        if token is not None and self._vault.open(token, place_of_secret(connection.id)) == secret:
            return token
        return self._seal(connection.id, secret)

    def _conflict(self, connection: Connection, *, new: bool) -> ConnectionConflict | None:
        """What the database refused to keep twice, and who holds it; None if that cannot be told any more."""
        with self._database.reading("read") as transaction:
            same_id = sa.select(table.c.id).where(table.c.id == connection.id)
            if new and transaction.execute(same_id).first():
                return ConnectionConflict(f"there is a connection '{connection.id}' already", hint="mint a new id")
            for name, called in _UNIQUE.items():
                value = getattr(connection, name)
                other = sa.select(table.c.id).where(table.c[name] == value, table.c.id != connection.id)
                if holder := transaction.execute(other).scalar_one_or_none():
                    return ConnectionConflict(
                        f"{called} '{value}' is held by connection '{holder}' already",
                        hint=f"look at it with: byoaws connections list; one {called} belongs to one connection",
                    )
        return None


def _refuse_changes(stored: sa.RowMapping, row: Mapping[str, Any]) -> None:
    for name, called in _IMMUTABLE.items():
        before, after = stored[name], row[name]
        if before != after:
            shown = [value.isoformat() if isinstance(value, datetime) else value for value in (before, after)]
            raise ConnectionConflict(
                f"connection '{stored['id']}': its {called} cannot change from '{shown[0]}' to '{shown[1]}'",
                hint="connect anew for a connection that differs in it",
            )


def _unknown(connection_id: str) -> UnknownConnection:
    return UnknownConnection(
        f"no connection '{connection_id}' in the store", hint="list them with: byoaws connections list"
    )
