"""The store of connections in SQLite or PostgreSQL. Nothing above this package sees SQLAlchemy."""

import builtins
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from byoaws.errors import ConnectionConflict
from byoaws.model import Connection, ConnectionStatus, StackClaim, Verdict, VerificationReport
from byoaws.store import issued, marks, refusals, registrations, reports, rows
from byoaws.store.address import parse
from byoaws.store.database import Database, open_database
from byoaws.store.failures import Duplicate
from byoaws.store.keycheck import check_key, place_of_secret, require_key
from byoaws.store.migrate import bring_up_to_date
from byoaws.store.schema import connections as table
from byoaws.store.schema import reports as reports_table
from byoaws.store.vault import Vault


def open_store(url: str, *, key: str | None, key_file: Path) -> "SqlStore":
    """Open a store, making or upgrading it where needed.

    Args:
        url: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/DATABASE`.
        key: the value of `BYOAWS_KEY`; None if it is not set.
        key_file: where the key is without `key`; the file is made when the first secret is stored.

    Raises:
        UsageError, StoreError: as `parse`; the store cannot be opened, a newer byoaws made it, the key is malformed.
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
                self._require_key(transaction, connection)
                transaction.execute(sa.insert(table).values({**row, **self._sealed(connection)}))
                for external_id in filter(None, (connection.external_id, connection.pending_external_id)):
                    issued.issue(transaction, connection.id, external_id, connection.created_at)
        except Duplicate as error:
            if conflict := self._conflict(connection, new=True):
                raise conflict from error
            raise

    def get(self, connection_id: str) -> Connection:
        """Return one connection; raises UnknownConnection."""
        found = self._find(table.c.id == connection_id)
        if found is None:
            raise refusals.unknown(connection_id)
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
        row = rows.to_row(connection)
        with self._changing(connection) as (transaction, stored):
            if stored["keys_version"] != connection.keys_version:
                raise refusals.overtaken(connection)
            refusals.refuse_changes(stored, row)
            self._write(transaction, {**row, **self._sealed(connection, stored)})

    def record(self, connection: Connection, report: VerificationReport) -> None:
        """Write back a connection together with the report that changed it, in one transaction."""
        entry = {
            "connection_id": connection.id,
            "checked_at": report.checked_at,
            "verdict": report.verdict.value,
            "report": reports.dump(report),
        }
        row = rows.to_row(connection)
        with self._changing(connection) as (transaction, stored):
            if stored["status"] == ConnectionStatus.DISCONNECTED.value != row["status"]:
                raise refusals.ended(connection)
            if stored["keys_version"] == connection.keys_version:
                refusals.refuse_changes(stored, row)
                row |= self._sealed(connection, stored)
            else:
                refusals.refuse_changes(stored, row, issued=False)
                row |= {name: stored[name] for name in rows.KEYS}
            if report.verdict is not Verdict.VERIFIED:
                row |= {name: stored[name] for name in rows.PROVEN}
            self._write(transaction, row)
            transaction.execute(sa.insert(reports_table).values(entry))

    def exchange(self, connection: Connection) -> Connection:
        """Write back a connection whose ExternalIds or webhook secrets change; raises as the port says."""
        exchanged = replace(connection, keys_version=connection.keys_version + 1)
        row = rows.to_row(exchanged)
        with self._changing(connection) as (transaction, stored):
            ended = ConnectionStatus.DISCONNECTED.value
            if stored["keys_version"] != connection.keys_version or (stored["status"] == ended != row["status"]):
                raise refusals.overtaken(connection)
            if row["status"] != ended:  # else what was found since it was read, such as insecure, would be forgotten
                row |= {name: stored[name] for name in rows.JUDGED}
                exchanged = replace(exchanged, **rows.judged(stored))
            refusals.refuse_changes(stored, row, issued=False)
            refusals.refuse_strange(connection, stored)
            pending = connection.pending_external_id
            if pending is not None and pending != stored["pending_external_id"]:
                issued.issue(transaction, connection.id, pending, row["updated_at"])
            self._write(transaction, {**row, **self._sealed(connection, stored)})
        return exchanged

    def fail(self, seen: Connection, error: str, at: datetime) -> bool:
        """Mark a verified connection as failed, unless it was written since it was seen."""
        with self._database.writing("write to") as transaction:
            return marks.mark_failed(transaction, seen, error, at)

    def external_ids(self, connection_id: str) -> builtins.list[str]:
        """Every ExternalId that was ever issued to a connection, oldest first."""
        with self._database.reading("read") as transaction:
            return issued.issued_to(transaction, connection_id)

    def issue_token(self, connection_id: str, token_hash: str, expires_at: datetime) -> None:
        """Let one stack prove by a token that it is of a connection; a token of before is void."""
        with self._database.writing("add a token to") as transaction:
            registrations.issue_token(transaction, connection_id, token_hash, expires_at)

    def claim(self, claim: StackClaim, *, token_hash: str | None) -> bool:
        """Keep what a stack says of itself; False where its token does not prove it."""
        with self._database.writing("write to") as transaction:
            return registrations.claim(transaction, claim, token_hash)

    def claimed(self, connection_id: str) -> StackClaim | None:
        """Return what a stack of the connection said last, if any ever did."""
        with self._database.reading("read") as transaction:
            return registrations.claimed(transaction, connection_id)

    def claims(self) -> builtins.list[StackClaim]:
        """What stacks said last, of every connection of which one did."""
        with self._database.reading("read") as transaction:
            return registrations.claims(transaction)

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

    @contextmanager
    def _changing(self, connection: Connection) -> Iterator[tuple[sa.Connection, sa.RowMapping]]:
        """A transaction that has the connection's row to itself, and the row.

        Raises:
            UnknownConnection: there is none by that id.
            ConnectionConflict: what was written is held by another connection.
        """
        try:
            with self._database.writing("write to") as transaction:
                self._require_key(transaction, connection)
                one = sa.select(table).where(table.c.id == connection.id).with_for_update()
                stored = transaction.execute(one).mappings().one_or_none()
                if stored is None:
                    raise refusals.unknown(connection.id)
                yield transaction, stored
        except Duplicate as error:
            if conflict := self._conflict(connection, new=False):
                raise conflict from error
            raise

    def _write(self, transaction: sa.Connection, row: Mapping[str, Any]) -> None:
        transaction.execute(sa.update(table).where(table.c.id == row["id"]).values(row))

    def _find(self, condition: sa.ColumnElement[bool]) -> Connection | None:
        with self._database.reading("read") as transaction:
            row = transaction.execute(sa.select(table).where(condition)).mappings().one_or_none()
        return None if row is None else self._from_row(row)

    def _from_row(self, row: sa.RowMapping) -> Connection:
        places = {name: place_of_secret(row["id"], name) for name in rows.SECRETS if row[name] is not None}
        secrets = {name: self._vault.open(row[name], place) for name, place in places.items()}
        return rows.from_row(row, secrets)

    def _require_key(self, transaction: sa.Connection, connection: Connection) -> None:
        if any(getattr(connection, name) is not None for name in rows.SECRETS):
            require_key(transaction, self._vault)

    def _sealed(self, connection: Connection, stored: sa.RowMapping | None = None) -> dict[str, str | None]:
        """Tokens of the secrets, by column; the stored one is kept as long as the secret is the same."""
        return {name: self._token(connection, name, stored[name] if stored else None) for name in rows.SECRETS}

    def _token(self, connection: Connection, name: str, token: str | None) -> str | None:
        secret, place = getattr(connection, name), place_of_secret(connection.id, name)
        if secret is None:
            return None
        if token is not None and self._vault.open(token, place) == secret:
            return token
        return self._vault.seal(secret, place)

    def _conflict(self, connection: Connection, *, new: bool) -> ConnectionConflict | None:
        with self._database.reading("read") as transaction:
            return refusals.conflict(transaction, connection, new=new)
