"""The exchange of an ExternalId: minted here alone, both tried, promoted only when the role refuses the old one."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import jmespath
import pytest

from byoaws.errors import AccessDenied, AwsError, ConnectionConflict, Throttled, UnknownConnection, UsageError
from byoaws.flows.external_id import rotate as rotate_external_id
from byoaws.flows.external_id.promotion import promote
from byoaws.flows.external_id.rotate import Exchange, begin
from byoaws.flows.role import open_role
from byoaws.flows.stored import disconnect
from byoaws.flows.verify import Request, verify_and_record
from byoaws.model import Connection, ConnectionStatus, ProbeResult, Status, Verdict, VerificationReport
from byoaws.quickcreate.update import query
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Rotation, Target

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"


@pytest.fixture
def verified(store: Any, pending: Connection) -> Connection:
    connection = replace(pending, role_arn=ROLE, account_id="444455556666", status=ConnectionStatus.VERIFIED)
    store.update(connection)
    return connection


@pytest.fixture
def rotate(store: Any, vendor: Vendor, verified: Connection, now: Any) -> Callable[[], Exchange]:
    return lambda: begin(store, verified.id, vendor, now)


@pytest.fixture
def role_of(fake_role: Any) -> Callable[..., Any]:
    """The customer's role, whose trust policy names these ExternalIds."""

    def made(*ids: str, trust: tuple[str, ...] = (), **unsound: Any) -> Any:
        return fake_role(external_id=ids[0], also=ids[1:], named=trust or ids, **unsound)

    return made


@pytest.fixture
def verify(vendor: Vendor, store: Any, verifier: Any, verified: Connection) -> Callable[..., VerificationReport]:
    def run(role: Any, **given: Any) -> VerificationReport:
        nothing = dict.fromkeys(("role_arn", "external_id", "bucket_name", "region"))
        request = Request(
            **{**nothing, "connection_id": verified.id, "default_region": "us-east-1", "wait": 0.0, **given}
        )
        return verify_and_record(request, vendor, verifier(role), store.open)

    return run


def rotation_of(report: VerificationReport) -> ProbeResult | None:
    return next((probe for probe in report.probes if probe.name == "external-id-rotation"), None)


# Begin ---------------------------------------------------------------------------------------------------------------


def test_it_is_minted_and_pending(rotate: Any, store: Any, verified: Connection) -> None:
    found = rotate()
    kept = store.get(verified.id)
    assert (kept.external_id, kept.pending_external_id) == (verified.external_id, found.new)
    assert re.fullmatch("[0-9a-f]{48}", found.new)
    assert found.new != verified.external_id
    assert store.external_ids(verified.id) == [verified.external_id, found.new]
    assert (found.begun, rotate().begun, rotate().new) == (True, False, found.new)


def test_its_shape_is_the_vendor_files(rotate: Any, store: Any, verified: Connection, vendor: Vendor, now: Any) -> None:
    other = replace(vendor, external_id_prefix="acme-", external_id_bytes=32)
    assert re.fullmatch("acme-[0-9a-f]{64}", begin(store, verified.id, other, now).new)


def test_nobody_can_hand_one_in() -> None:
    """No argument of the flow, and so none of any command."""
    assert begin.__code__.co_varnames[: begin.__code__.co_argcount] == ("store", "connection_id", "vendor", "now")


def test_one_that_was_issued_before_is_refused(
    rotate: Any, store: Any, verified: Connection, other: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack: chance, or whoever controls it, brings another connection's ExternalId back."""
    monkeypatch.setattr(rotate_external_id.external_id, "mint", lambda **_: other.external_id)
    with pytest.raises(ConnectionConflict):
        rotate()
    assert store.get(verified.id) == verified


def test_what_is_shown_keeps_every_other_parameter(rotate: Any, verified: Connection) -> None:
    found = rotate()
    text = "\n".join(found.commands)
    described = {"Stacks": [{"Parameters": [{"ParameterKey": key} for key in ("A", "ExternalId", "B")]}]}
    assert jmespath.search(query("ExternalId", found.new), described) == [
        {"ParameterKey": "A", "UsePreviousValue": True},
        {"ParameterKey": "B", "UsePreviousValue": True},
        {"ParameterKey": "ExternalId", "ParameterValue": found.new},
    ]
    assert "--use-previous-template" in text
    assert "--capabilities CAPABILITY_IAM" in text
    assert verified.external_id not in text
    assert any(f"ExternalId: {found.new}" in step for step in found.console)
    assert found.verify.startswith(f"byoaws verify --connection {verified.id}")


def test_refused(store: Any, vendor: Vendor, pending: Connection, now: Any) -> None:
    with pytest.raises(UnknownConnection):
        begin(store, "con_none", vendor, now)
    with pytest.raises(UsageError, match="never verified"):
        begin(store, pending.id, vendor, now)
    with pytest.raises(UsageError, match="belongs to vendor"):
        begin(store, pending.id, replace(vendor, name="another"), now)
    disconnect(store, pending.id, now)
    with pytest.raises(UsageError, match="is disconnected"):
        begin(store, pending.id, vendor, now)
    assert store.get(pending.id).pending_external_id is None


# Verify --------------------------------------------------------------------------------------------------------------


def test_the_role_has_the_old_one_yet(rotate: Any, verify: Any, store: Any, verified: Connection, role_of: Any) -> None:
    new, role = rotate().new, role_of(verified.external_id)
    report = verify(role)
    assert report.verdict is Verdict.VERIFIED
    found = rotation_of(report)
    assert (found.status, found.evidence["pending"]) == (Status.WARN, new)
    assert found.summary.startswith("rotation pending")
    kept = store.get(verified.id)
    assert (kept.status, kept.external_id, kept.pending_external_id) == (
        ConnectionStatus.VERIFIED,
        verified.external_id,
        new,
    )
    # All three calls with the old one as ever, and the new one besides.
    wrong = [given for given in role.calls if given not in (None, new, verified.external_id)]
    assert (role.calls.count(None), len(wrong)) == (1, 1)


def test_the_role_has_the_new_one(rotate: Any, verify: Any, store: Any, verified: Connection, role_of: Any) -> None:
    new = rotate().new
    role = role_of(new)
    report = verify(role)
    assert (report.verdict, rotation_of(report).status) == (Verdict.VERIFIED, Status.PASS)
    kept = store.get(verified.id)
    assert (kept.external_id, kept.pending_external_id) == (new, None)
    assert verified.external_id in role.calls
    assert store.external_ids(verified.id) == [verified.external_id, new]
    # Over: it is asked no more, and the old one is a stranger's.
    again = role_of(new)
    assert rotation_of(verify(again)) is None
    assert verified.external_id not in again.calls
    assert verify(role_of(new, verified.external_id)).verdict is Verdict.INSECURE


def test_the_role_has_both(rotate: Any, verify: Any, store: Any, verified: Connection, role_of: Any) -> None:
    """The attack: the old one stays good for whoever has it."""
    new = rotate().new
    report = verify(role_of(new, verified.external_id))
    found = rotation_of(report)
    assert (found.status, found.evidence["still_opens"]) == (Status.WARN, verified.external_id)
    assert report.verdict is Verdict.VERIFIED
    assert store.get(verified.id).external_id == verified.external_id
    assert store.get(verified.id).pending_external_id == new


OPEN = {
    "without one": {"without": True},
    "with any": {"any_id": True},
    "with any or none": {"without": True, "any_id": True},
}


@pytest.mark.parametrize("unsound", OPEN.values(), ids=OPEN)
@pytest.mark.parametrize("which", ["old", "new"])
def test_no_negative_probe_is_weaker(
    rotate: Any, verify: Any, store: Any, verified: Connection, role_of: Any, unsound: Any, which: str
) -> None:
    new = rotate().new
    report = verify(role_of(new if which == "new" else verified.external_id, **unsound))
    assert report.verdict is Verdict.INSECURE
    kept = store.get(verified.id)
    assert (kept.external_id, kept.pending_external_id) == (verified.external_id, new)
    assert kept.status is ConnectionStatus.INSECURE


def test_anothers_external_id_is_a_strangers(
    rotate: Any,
    verify: Any,
    store: Any,
    vendor: Vendor,
    now: Any,
    verified: Connection,
    other: Connection,
    role_of: Any,
) -> None:
    """The attack: the trust policy names what is pending for another connection."""
    new = rotate().new
    store.update(replace(other, role_arn=ROLE + "2"))
    theirs = begin(store, other.id, vendor, now).new
    report = verify(role_of(new, trust=(new, theirs)))
    assert report.verdict is Verdict.INSECURE
    assert store.get(verified.id).external_id == verified.external_id
    assert verify(role_of(theirs)).verdict is Verdict.FAILED
    assert store.get(verified.id).pending_external_id == new


def test_the_role_takes_neither(rotate: Any, verify: Any, store: Any, verified: Connection, role_of: Any) -> None:
    new = rotate().new
    report = verify(role_of("somebody-elses-entirely"))
    assert report.verdict is Verdict.FAILED
    assert rotation_of(report).status is Status.SKIP
    assert store.get(verified.id).pending_external_id == new


@pytest.mark.parametrize("error", [Throttled("slow down"), AwsError("odd")], ids=["throttled", "odd"])
def test_what_could_not_be_asked_promotes_nothing(
    rotate: Any, verify: Any, store: Any, verified: Connection, role_of: Any, error: AwsError
) -> None:
    new = rotate().new
    role = role_of(new)
    plain = role.assume_role

    def assume_role(*, external_id: str | None, **request: Any) -> Any:
        if external_id == verified.external_id:
            raise error
        return plain(external_id=external_id, **request)

    role.assume_role = assume_role
    report = verify(role)
    assert (report.verdict, rotation_of(report).status) == (Verdict.UNKNOWN, Status.UNKNOWN)
    assert store.get(verified.id).external_id == verified.external_id


def test_a_given_one_is_one_of_the_two(rotate: Any, verify: Any, verified: Connection, role_of: Any) -> None:
    new = rotate().new
    for given in (new, verified.external_id):
        verify(role_of(verified.external_id), external_id=given)
    with pytest.raises(UsageError, match="another ExternalId"):
        verify(role_of("chosen-by-a-customer"), external_id="chosen-by-a-customer")


def test_a_report_that_somebody_made_up_promotes_nothing(
    rotate: Any, store: Any, verified: Connection, verify: Any, role_of: Any
) -> None:
    new = rotate().new
    real = verify(role_of(verified.external_id))
    for evidence in ({}, {"opened_with": "chosen"}, {"opened_with": 7}, {"opened_with": verified.external_id}):
        probe = ProbeResult(code="V206", name="external-id-rotation", status=Status.PASS, summary="", evidence=evidence)
        promote(store, verified.id, replace(real, probes=(*real.probes[:-1], probe)))
    good = ProbeResult(
        code="V206", name="external-id-rotation", status=Status.PASS, summary="", evidence={"opened_with": new}
    )
    for verdict in (Verdict.UNKNOWN, Verdict.FAILED, Verdict.INSECURE):
        promote(store, verified.id, replace(real, verdict=verdict, probes=(good,)))
    assert store.get(verified.id).external_id == verified.external_id
    assert promote(store, verified.id, replace(real, probes=(good,))).external_id == new
    # A second verification that proved the same finds it done.
    assert promote(store, verified.id, replace(real, probes=(good,))).external_id == new


# Other commands ------------------------------------------------------------------------------------------------------


@dataclass
class Door:
    takes: str
    calls: list[str | None] = field(default_factory=list)

    def assume_role(self, *, external_id: str | None, **request: Any) -> str:
        self.calls.append(external_id)
        if external_id != self.takes:
            raise AccessDenied("refused", operation="sts:AssumeRole")
        return "session"


@pytest.mark.parametrize(("takes", "calls"), [("new", ["new"]), ("old", ["new", "old"])])
def test_other_commands_get_in_with_either(vendor: Vendor, takes: str, calls: list[str]) -> None:
    door = Door(takes)
    target = Target(
        role_arn=ROLE, external_id="new", region="eu-west-1", vendor=vendor, rotation=Rotation(new="new", old="old")
    )
    assert open_role(door, target) == "session"  # type: ignore[arg-type,comparison-overlap]
    assert door.calls == calls


def test_without_an_exchange_there_is_one_try(vendor: Vendor) -> None:
    door = Door("another")
    with pytest.raises(AccessDenied):
        open_role(door, Target(role_arn=ROLE, external_id="only", region="eu-west-1", vendor=vendor))  # type: ignore[arg-type]
    assert door.calls == ["only"]
