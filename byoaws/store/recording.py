"""What came of many checks, written in a handful of statements, whatever their number.

Rows are locked in the order of their ids, so that two batches cannot wait for each other. Only the columns that a check
changes are written: all others may be changed meanwhile by whoever likes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from byoaws.model import ConnectionStatus, Verdict
from byoaws.store import outbox, reports
from byoaws.store.interface import Result
from byoaws.store.schema import connections as table
from byoaws.store.schema import reports as reports_table
from byoaws.store.values import to_utc

_FREE: Mapping[str, Any] = {"lease_owner": None, "lease_until": None}
_CHECKED = ("status", "sandbox", "last_error", "updated_at", "checked_at")
# As `rows.PROVEN`; a check learns of no bucket.
_PROVEN = ("role_arn", "account_id", "verified_at")
_JUDGED = ("status", "role_arn", "checked_at", "keys_version")
"""What a check is about: where one is another than when it was claimed, somebody else has judged the connection."""
_STANDING = ("same_result", "same_result_count", "unknown_count")


def record(transaction: sa.Connection, owner: str, results: Sequence[Result]) -> set[str]:
    """Write down those results that still count, and return their connections' ids."""
    stored = _locked(transaction, [result.connection.id for result in results])
    kept = [result for result in results if _counts(result, stored.get(result.connection.id), owner)]
    ids = {result.connection.id for result in kept}
    release(transaction, owner, stored.keys() - ids)
    if not kept:
        return ids
    transaction.execute(sa.insert(reports_table), [_report(result) for result in kept])
    for proven in (True, False):
        written = [result for result in kept if (result.report.verdict is Verdict.VERIFIED) is proven]
        if written:
            values = [_values(result, proven=proven) for result in written]
            one = table.c.id == sa.bindparam("key")
            names = values[0].keys() - {"key"}
            transaction.execute(
                sa.update(table).where(one).values({name: sa.bindparam(name) for name in names}), values
            )
    outbox.add(transaction, kept)
    return ids


def release(transaction: sa.Connection, owner: str, connection_ids: Collection[str]) -> None:
    """End these leases, where they are the owner's."""
    if connection_ids:
        ours = table.c.id.in_(connection_ids) & (table.c.lease_owner == owner)
        transaction.execute(sa.update(table).where(ours).values(_FREE))


def postpone(transaction: sa.Connection, owner: str, moments: Mapping[str, datetime]) -> None:
    """Have claims that came to nothing looked at later; their leases go on to their end."""
    ours = (table.c.id == sa.bindparam("key")) & (table.c.lease_owner == owner)
    later = {"next_check_at": sa.bindparam("moment"), "unknown_count": table.c.unknown_count + 1}
    rows = [{"key": key, "moment": to_utc(moments[key], "the time of the next check")} for key in sorted(moments)]
    if rows:
        transaction.execute(sa.update(table).where(ours).values(later), rows)


def _locked(transaction: sa.Connection, ids: Collection[str]) -> dict[str, sa.RowMapping]:
    columns = table.c
    asked = sa.select(columns.id, columns.lease_owner, *(columns[name] for name in _JUDGED))
    locked = asked.where(columns.id.in_(ids)).order_by(columns.id).with_for_update()
    return {row["id"]: row for row in transaction.execute(locked).mappings()}


def _counts(result: Result, stored: sa.RowMapping | None, owner: str) -> bool:
    """Whether the connection's state is still the worker's to say; the port says when it is not."""
    if stored is None or stored["lease_owner"] != owner or stored["status"] == ConnectionStatus.DISCONNECTED.value:
        return False
    # Not by whose time is later: a check may have begun before what it would write over, and clocks differ.
    return all(stored[name] == getattr(result.claim.connection, name) for name in _JUDGED)


def _report(result: Result) -> dict[str, Any]:
    return {
        "connection_id": result.connection.id,
        "checked_at": result.report.checked_at,
        "verdict": result.report.verdict.value,
        "report": reports.dump(result.report),
    }


def _values(result: Result, *, proven: bool) -> dict[str, Any]:
    after, standing = result.connection, result.standing
    values = {name: getattr(after, name) for name in (_CHECKED + _PROVEN if proven else _CHECKED)}
    values |= {name: getattr(standing, name) for name in _STANDING}
    return values | {
        **_FREE,
        "key": after.id,
        "status": after.status.value,
        "last_error": after.last_error and _storable(after.last_error),
        "same_result": standing.same_result and standing.same_result.value,
        "told_status": standing.told and standing.told.value,
        "next_check_at": to_utc(result.next_check_at, "the time of the next check"),
    }


def _storable(text: str) -> str:
    """AWS's words as any database can keep them: one odd character must not cost a batch its results."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
