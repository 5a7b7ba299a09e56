"""A pending ExternalId, taken back: only while the role opens with the present one, and it is never issued again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import AccessDenied, AwsError, ConnectionConflict, Throttled, UnknownConnection, UsageError
from byoaws.flows.external_id.cancel import Cancelled, cancel
from byoaws.flows.external_id.rotate import begin
from byoaws.flows.stored import disconnect
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.sql import open_store
from byoaws.vendor_model import Vendor

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"


class Door:
    """The vendor's side of AWS: a role that takes these ExternalIds, or answers something else."""

    def __init__(self, *takes: str, errors: dict[str, AwsError] | None = None) -> None:
        self.takes = takes
        self.errors = errors or {}
        self.calls: list[str] = []
        self.happens: Callable[[], object] = lambda: None

    def __call__(self, sts_region: str) -> "Door":
        return self

    def assume_role(self, *, external_id: str, **request: Any) -> str:
        self.calls.append(external_id)
        if len(self.calls) == 1:
            self.happens()
        if external_id in self.errors:
            raise self.errors[external_id]
        if external_id not in self.takes:
            raise AccessDenied("refused", operation="sts:AssumeRole", aws_message="not authorized")
        return "session"


@pytest.fixture
def real(tmp_path: Path, pending: Connection) -> Iterator[Any]:
    opened = open_store(f"sqlite:///{tmp_path}/s.sqlite3", key=None, key_file=tmp_path / "key")
    opened.add(pending)
    opened.update(replace(pending, role_arn=ROLE, status=ConnectionStatus.VERIFIED))
    yield opened
    opened.close()


@pytest.fixture
def old(pending: Connection) -> str:
    return pending.external_id


@pytest.fixture
def new(real: Any, pending: Connection, vendor: Vendor, now: Any) -> str:
    return begin(real, pending.id, vendor, now).new


@pytest.fixture
def take_back(real: Any, pending: Connection, vendor: Vendor, now: Any) -> Callable[[Door], Cancelled]:
    return lambda door: cancel(real, pending.id, vendor, door, now)  # type: ignore[arg-type]


def test_it_is_dropped_and_stays_on_record(
    real: Any, pending: Connection, old: str, new: str, take_back: Any, vendor: Vendor, now: Any
) -> None:
    done = take_back(Door(old))
    assert (done.cancelled, done.opens_with_it) == (new, False)
    kept = real.get(pending.id)
    assert (kept.external_id, kept.pending_external_id) == (old, None)
    assert real.external_ids(pending.id) == [old, new]
    # Never again, to this connection or another.
    with pytest.raises(ConnectionConflict, match="issued to connection"):
        real.exchange(replace(kept, pending_external_id=new))
    with pytest.raises(ConnectionConflict, match="was issued to"):
        real.add(replace(pending, id="con_" + "c" * 20, external_id=new, role_arn=None))
    assert begin(real, pending.id, vendor, now).new not in (old, new)


def test_the_stack_has_the_new_one_already(real: Any, pending: Connection, old: str, new: str, take_back: Any) -> None:
    door = Door(new)
    with pytest.raises(UsageError, match="opens with the pending one") as caught:
        take_back(door)
    assert f"byoaws verify --connection {pending.id} finishes" in caught.value.hint
    assert real.get(pending.id).pending_external_id == new
    assert door.calls == [old, new]


@pytest.mark.parametrize("error", [None, Throttled("slow")], ids=["neither", "new-unknown"])
def test_a_role_that_opens_with_neither_is_no_reason(
    real: Any, pending: Connection, new: str, take_back: Any, error: AwsError | None
) -> None:
    with pytest.raises(UsageError, match="refuses the present ExternalId") as caught:
        take_back(Door(errors={new: error} if error else {}))
    assert "byoaws verify" in caught.value.hint
    assert real.get(pending.id).pending_external_id == new


def test_a_role_that_opens_with_both(real: Any, pending: Connection, old: str, new: str, take_back: Any) -> None:
    """The one that is dropped is of use to nobody: it is issued to none but this connection. But it is told."""
    assert take_back(Door(old, new)).opens_with_it is True
    assert real.get(pending.id).pending_external_id is None


def test_whether_it_opens_with_the_new_one_as_well_may_be_unknown(old: str, new: str, take_back: Any) -> None:
    assert take_back(Door(old, errors={new: Throttled("slow")})).opens_with_it is None


@pytest.mark.parametrize(
    "error",
    [
        Throttled("slow down"),
        AwsError("odd"),
        AccessDenied(
            "refused",
            operation="sts:AssumeRole",
            aws_message="not authorized to perform: sts:AssumeRole because no identity-based policy allows it",
        ),
    ],
    ids=["throttled", "odd", "our-own-policy"],
)
def test_what_could_not_be_told_changes_nothing(
    real: Any, pending: Connection, old: str, new: str, take_back: Any, error: AwsError
) -> None:
    with pytest.raises(type(error)):
        take_back(Door(new, errors={old: error}))
    assert real.get(pending.id).pending_external_id == new


@pytest.mark.parametrize("what", ["finished", "cancelled", "disconnected"])
def test_meanwhile(
    real: Any, pending: Connection, old: str, new: str, take_back: Any, now: Any, vendor: Vendor, what: str
) -> None:
    """The race: while the role is asked, another command finishes the exchange, cancels it, or ends the connection."""
    door = Door(old)
    stored = real.get(pending.id)
    happens: dict[str, Callable[[], object]] = {
        "finished": lambda: real.exchange(replace(stored, external_id=new, pending_external_id=None)),
        "cancelled": lambda: cancel(real, pending.id, vendor, Door(old), now),  # type: ignore[arg-type]
        "disconnected": lambda: disconnect(real, pending.id, now),
    }
    door.happens = happens[what]
    with pytest.raises(ConnectionConflict, match="by another command"):
        take_back(door)
    kept = real.get(pending.id)
    assert (kept.external_id, kept.pending_external_id) == (new if what == "finished" else old, None)
    assert kept.status is (ConnectionStatus.DISCONNECTED if what == "disconnected" else ConnectionStatus.VERIFIED)


def test_nothing_to_take_back(real: Any, pending: Connection, old: str, take_back: Any) -> None:
    door = Door(old)
    with pytest.raises(UsageError, match=f"is pending; its ExternalId is {old}"):
        take_back(door)
    assert door.calls == []


def test_refused_before_aws_is_asked(real: Any, vendor: Vendor, pending: Connection, new: str, now: Any) -> None:
    door = Door()
    with pytest.raises(UnknownConnection):
        cancel(real, "con_none", vendor, door, now)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="belongs to vendor"):
        cancel(real, pending.id, replace(vendor, name="another"), door, now)  # type: ignore[arg-type]
    disconnect(real, pending.id, now)
    with pytest.raises(UsageError, match="is disconnected"):
        cancel(real, pending.id, vendor, door, now)  # type: ignore[arg-type]
    assert door.calls == []
