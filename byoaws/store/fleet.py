"""The connections as a fleet, on either database: claims with leases, and results written in batches.

A claim reads a page of an index and locks what it takes; on PostgreSQL it skips what others are taking at that moment,
on SQLite there is one writer at a time.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from byoaws.model import Connection, ConnectionStatus
from byoaws.store import backlog, outbox, recording, reports, rows, runs
from byoaws.store.address import parse
from byoaws.store.database import Database, open_database
from byoaws.store.failures import Duplicate
from byoaws.store.interface import Backlog, Claim, Counts, Result, Selection, Standing, Waiting
from byoaws.store.migrate import bring_up_to_date
from byoaws.store.schema import HAS_ROLE
from byoaws.store.schema import connections as table
from byoaws.store.schema import reports as reports_table

_NO_SECRETS = dict.fromkeys(rows.SECRETS)
# PostgreSQL believes wrong things of a table that was filled a moment ago, and would sort a million rows for a page.
_PLANS = ("enable_sort", "enable_seqscan", "enable_bitmapscan")
_BY_INDEX = sa.select(*(sa.func.set_config(name, "off", sa.true()) for name in _PLANS))


def open_fleet(url: str) -> "SqlFleet":
    """Open a store's connections as a fleet. No key is needed, since no secret is opened.

    Raises:
        UsageError: the URL cannot be read.
        StoreError: the store cannot be opened, or a newer byoaws made it.
    """
    database = open_database(parse(url))
    try:
        bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return SqlFleet(database)


class SqlFleet:
    """`byoaws.store.interface.FleetStore` on a database. Threads may share it; processes after a fork may not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_due(
        self,
        owner: str,
        selection: Selection,
        *,
        now: datetime,
        until: datetime,
        limit: int,
        after: Claim | None = None,
    ) -> Sequence[Claim]:
        """Take up to `limit` connections that nobody else has."""
        lease = {"lease_owner": owner, "lease_until": until}
        while True:
            with self._database.writing("claim connections in") as transaction:
                if not self._database.is_sqlite:
                    transaction.execute(_BY_INDEX)
                found = _pages(transaction, selection, now, limit, after.connection if after else None)
                if not found:
                    return ()
                taken = [row["id"] for row in found]
                transaction.execute(sa.update(table).where(table.c.id.in_(taken)).values(lease))
                roles = _roles(transaction, found)
            if claims := [_claim(row, roles[row["id"]], until) for row in found if row["id"] in roles]:
                return claims

    def record_many(self, owner: str, results: Sequence[Result]) -> Collection[str]:
        """Write down what came of claims, in one transaction, and return the ids that were kept."""
        try:
            with self._database.writing("write to") as transaction:
                return recording.record(transaction, owner, results)
        except Duplicate:
            # A role that a connection would have for the first time is held by another: find out which.
            if len(results) > 1:
                return {kept for result in results for kept in self.record_many(owner, [result])}
            # Not at once again: it would come to the same, without end.
            self.postpone(owner, {results[0].connection.id: results[0].next_check_at})
            return ()

    def postpone(self, owner: str, moments: Mapping[str, datetime]) -> None:
        """Have these of this worker's claims, which came to nothing, looked at later; their leases go on."""
        with self._database.writing("write to") as transaction:
            recording.postpone(transaction, owner, moments)

    def release(self, owner: str, connection_ids: Collection[str]) -> None:
        """End these leases of this worker's; nothing was found."""
        if connection_ids:
            with self._database.writing("write to") as transaction:
                recording.release(transaction, owner, connection_ids)

    def count(self, selection: Selection, now: datetime) -> Counts:
        """How much there is to do."""
        ours, ended = table.c.vendor == selection.vendor, table.c.status == ConnectionStatus.DISCONNECTED.value
        leased = _eligible(selection) & _in_time(selection, now) & (table.c.lease_until > now)
        asked = {
            "selected": _eligible(selection) & _in_time(selection, now),
            "leased": leased,
            "disconnected": ours & ended,
            "without_role": ours & ~ended & table.c.role_arn.is_(None) & table.c.checked_at.is_(None),
            "other_vendors": ~ours,
        }
        with self._database.reading("read") as transaction:
            counts = {
                name: transaction.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one()
                for name, where in asked.items()
            }
        return Counts(**counts)

    def backlog(self, selection: Selection, now: datetime, *, most: int) -> Backlog:
        """How much there is to do just now, up to `most`."""
        waiting, leased = _eligible(selection) & _in_time(selection, now), ~_free(now)
        with self._database.reading("read") as transaction:
            return backlog.connections(transaction, waiting, leased, most)

    def notices_waiting(self) -> int:
        """How many notices are still to be delivered."""
        with self._database.reading("read") as transaction:
            return backlog.messages(transaction)

    def next_event(self, owner: str, selection: Selection, now: datetime, *, due: bool) -> datetime | None:
        """When another worker's lease of a selected connection ends, or with `due` the next one falls due."""
        others = (table.c.lease_until > now) & (table.c.lease_owner != owner)
        asked = [
            sa.select(sa.func.min(table.c.lease_until)).where(_eligible(selection), _in_time(selection, now), others)
        ]
        if due:
            later = sa.select(table.c.next_check_at).where(_eligible(selection), table.c.next_check_at > now)
            asked.append(later.order_by(table.c.next_check_at).limit(1))
        with self._database.reading("read") as transaction:
            moments = [transaction.execute(one).scalar_one_or_none() for one in asked]
        return min(filter(None, moments), default=None)

    def begin_run(self, key: str, now: datetime, *, fresh: bool) -> datetime:
        """Return when the unfinished run by that key began, or else begin one now."""
        with self._database.writing("write to") as transaction:
            self._database.lock_out_others(transaction)
            return runs.begin(transaction, key, now, fresh=fresh)

    def end_run(self, key: str) -> None:
        """The run by that key is complete."""
        with self._database.writing("write to") as transaction:
            runs.end(transaction, key)

    def claim_notices(
        self, *, channels: Collection[str], now: datetime, until: datetime, limit: int
    ) -> Sequence[Waiting]:
        """Take up to `limit` notices that are due by these channels."""
        with self._database.writing("write to") as transaction:
            return outbox.claim(transaction, channels=channels, now=now, until=until, limit=limit)

    def delivered(self, notice_id: int, at: datetime) -> None:
        """It was delivered."""
        with self._database.writing("write to") as transaction:
            outbox.settle(transaction, notice_id, next_try_at=None, delivered_at=at)

    def undelivered(self, notice_id: int, next_try_at: datetime | None) -> None:
        """It was not; None gives it up."""
        with self._database.writing("write to") as transaction:
            outbox.settle(transaction, notice_id, next_try_at=next_try_at, delivered_at=None)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _eligible(selection: Selection) -> sa.ColumnElement[bool]:
    statuses = sorted(status.value for status in selection.statuses - {ConnectionStatus.DISCONNECTED})
    return sa.and_(HAS_ROLE, table.c.vendor == selection.vendor, table.c.status.in_(statuses))


def _column(selection: Selection) -> sa.Column[datetime]:
    return table.c.next_check_at if selection.unchecked_since is None else table.c.checked_at


def _in_time(selection: Selection, now: datetime) -> sa.ColumnElement[bool]:
    column = _column(selection)
    return sa.or_(column.is_(None), column < (selection.unchecked_since or now))


def _free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= now)


def _pages(
    transaction: sa.Connection, selection: Selection, now: datetime, limit: int, after: Connection | None
) -> list[sa.RowMapping]:
    """Lock and return what comes next: first those without a time, then by time. Each is a walk along one index."""
    column = _column(selection)
    # What is due needs no place to go on from: what was claimed is leased, and what was checked is due no more.
    place = after if selection.unchecked_since is not None else None
    asked = sa.select(table).where(_eligible(selection), _free(now)).with_for_update(skip_locked=True)
    found: list[sa.RowMapping] = []
    if place is None or place.checked_at is None:
        # By the column as well, all of whose values are NULL here: else PostgreSQL would not see its index's order.
        never = asked.where(column.is_(None)).order_by(column, table.c.id).limit(limit)
        never = never if place is None else never.where(table.c.id > place.id)
        found += transaction.execute(never).mappings()
    if len(found) < limit:
        timed = asked.where(column < (selection.unchecked_since or now)).order_by(column, table.c.id)
        if place is not None and place.checked_at is not None:
            moment = sa.literal(place.checked_at, table.c.checked_at.type)
            timed = timed.where(sa.tuple_(column, table.c.id) > sa.tuple_(moment, sa.literal(place.id)))
        found += transaction.execute(timed.limit(limit - len(found))).mappings()
    return found


def _roles(transaction: sa.Connection, found: Sequence[sa.RowMapping]) -> dict[str, str]:
    """The role of each: the one that verified, or else the one that was tried last."""
    known = {row["id"]: row["role_arn"] for row in found if row["role_arn"]}
    missing = [row["id"] for row in found if not row["role_arn"]]
    if missing:
        columns = reports_table.c
        newest = sa.select(sa.func.max(columns.id)).where(columns.connection_id.in_(missing))
        asked = sa.select(columns.connection_id, columns.report).where(
            columns.id.in_(newest.group_by(columns.connection_id))
        )
        for connection_id, text in transaction.execute(asked):
            if role_arn := reports.load(text).role_arn:
                known[connection_id] = role_arn
    return known


def _claim(row: sa.RowMapping, role_arn: str, until: datetime) -> Claim:
    told, same = row["told_status"], row["same_result"]
    standing = Standing(
        same_result=ConnectionStatus(same) if same else None,
        same_result_count=row["same_result_count"],
        unknown_count=row["unknown_count"],
        told=ConnectionStatus(told) if told else None,
    )
    return Claim(connection=rows.from_row(row, _NO_SECRETS), role_arn=role_arn, standing=standing, until=until)
