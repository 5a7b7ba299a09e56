"""Verify and write down: which ExternalId is used, what is kept of the answer, and what never is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import AccessDenied, BadCredentials, Throttled, UnknownConnection, Unreachable, UsageError
from byoaws.flows.stored import after, disconnect
from byoaws.flows.verify import Request, verify_and_record
from byoaws.model import Connection, ConnectionStatus, Verdict, VerificationReport
from byoaws.vendor_model import Vendor

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"
OTHER_ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/another"


def request(**given: Any) -> Request:
    nothing = dict.fromkeys(("role_arn", "connection_id", "external_id", "bucket_name", "region"))
    return Request(**{**nothing, "default_region": "us-east-1", "wait": 0.0, **given})


@pytest.fixture
def verify(vendor: Vendor, store: Any, verifier: Any) -> Callable[..., VerificationReport]:
    """Verify with a fake role; keyword arguments are what was asked for."""
    return lambda role, **given: verify_and_record(request(**given), vendor, verifier(role), store.open)


def test_verified_keeps_everything(verify: Any, store: Any, pending: Connection, fake_role: Any) -> None:
    report = verify(fake_role(production=False), role_arn=ROLE, connection_id=pending.id, bucket_name="mail")
    assert report.verdict is Verdict.VERIFIED
    kept = store.get(pending.id)
    assert kept == replace(
        pending,
        role_arn=ROLE,
        account_id="444455556666",
        bucket_name="mail",
        status=ConnectionStatus.VERIFIED,
        sandbox=True,
        last_error=None,
        updated_at=report.checked_at,
        checked_at=report.checked_at,
        verified_at=report.checked_at,
    )
    assert store.last_report(pending.id) is report
    assert (store.opened, store.closed) == (1, 1)


def test_the_role_that_is_verified_is_found_by_its_arn(
    verify: Any, store: Any, pending: Connection, fake_role: Any
) -> None:
    verify(fake_role(), role_arn=ROLE, connection_id=pending.id)
    role = fake_role()
    assert verify(role, role_arn=ROLE).verdict is Verdict.VERIFIED
    # Without, the stored one, and a wrong one.
    assert {None, pending.external_id} < set(role.calls)
    assert len(store.reports[pending.id]) == 2


def test_the_connection_alone_is_enough_once_its_role_is_known(
    verify: Any, pending: Connection, fake_role: Any
) -> None:
    verify(fake_role(), role_arn=ROLE, connection_id=pending.id)
    assert verify(fake_role(), connection_id=pending.id).role_arn == ROLE


def test_a_failed_try_can_be_repeated_by_the_connection_alone(
    verify: Any, store: Any, pending: Connection, fake_role: Any
) -> None:
    verify(fake_role(external_id="of-another"), role_arn=ROLE, connection_id=pending.id)
    assert store.get(pending.id).role_arn is None
    assert verify(fake_role(), connection_id=pending.id).verdict is Verdict.VERIFIED
    assert store.get(pending.id).role_arn == ROLE


@pytest.mark.parametrize(
    ("unsound", "verdict", "status"),
    [
        ({"without": True}, Verdict.INSECURE, ConnectionStatus.INSECURE),
        ({"any_id": True}, Verdict.INSECURE, ConnectionStatus.INSECURE),
        ({"without": True, "any_id": True}, Verdict.INSECURE, ConnectionStatus.INSECURE),
        ({"external_id": "of-another-customer"}, Verdict.FAILED, ConnectionStatus.FAILED),
        ({"error": Throttled("slow down")}, Verdict.UNKNOWN, ConnectionStatus.PENDING),
        ({"error": Unreachable("no answer")}, Verdict.UNKNOWN, ConnectionStatus.PENDING),
        ({"own": BadCredentials("no credentials")}, Verdict.UNKNOWN, ConnectionStatus.PENDING),
        ({"own": "999999999999"}, Verdict.UNKNOWN, ConnectionStatus.PENDING),
    ],
    ids=["open", "any-id", "wide-open", "closed", "throttled", "unreachable", "no-credentials", "other-credentials"],
)
def test_nothing_but_verified_is_stored_as_verified(
    unsound: dict[str, Any],
    verdict: Verdict,
    status: ConnectionStatus,
    verify: Any,
    store: Any,
    pending: Connection,
    fake_role: Any,
) -> None:
    report = verify(fake_role(**unsound), role_arn=ROLE, connection_id=pending.id, bucket_name="theirs")
    assert report.verdict is verdict
    kept = store.get(pending.id)
    assert kept.status is status
    assert (kept.role_arn, kept.account_id, kept.bucket_name, kept.verified_at) == (None, None, None, None)
    assert kept.checked_at == report.checked_at
    assert kept.last_error
    assert store.find_by_role(ROLE) is None


@pytest.mark.parametrize(
    ("unsound", "status"),
    [
        ({"without": True}, ConnectionStatus.INSECURE),
        ({"external_id": "changed"}, ConnectionStatus.FAILED),
        ({"error": Throttled("slow down")}, ConnectionStatus.VERIFIED),
    ],
    ids=["opened-up", "changed", "could-not-tell"],
)
def test_a_connection_that_was_verified(
    unsound: dict[str, Any],
    status: ConnectionStatus,
    verify: Any,
    store: Any,
    pending: Connection,
    fake_role: Any,
) -> None:
    first = verify(fake_role(), role_arn=ROLE, connection_id=pending.id)
    verify(fake_role(**unsound), role_arn=ROLE)
    kept = store.get(pending.id)
    assert kept.status is status
    # It is still theirs, and it still says when it last was in order.
    assert (kept.role_arn, kept.verified_at) == (ROLE, first.checked_at)


def test_the_last_error_is_in_awss_own_words(verify: Any, store: Any, pending: Connection, fake_role: Any) -> None:
    words = "User: arn:aws:iam::111122223333:user/x is not authorized to perform: sts:AssumeRole"
    refused = AccessDenied("refused", operation="sts:AssumeRole", code="AccessDenied", aws_message=words)
    verify(fake_role(error=refused), role_arn=ROLE, connection_id=pending.id)
    assert store.get(pending.id).last_error == words
    verify(fake_role(), role_arn=ROLE, connection_id=pending.id)
    assert store.get(pending.id).last_error is None


def test_a_given_external_id_needs_no_store(verify: Any, store: Any, fake_role: Any) -> None:
    report = verify(
        fake_role(external_id="of-this-role"), role_arn=ROLE, external_id="of-this-role", region="eu-west-1"
    )
    assert (report.verdict, report.region) == (Verdict.VERIFIED, "eu-west-1")
    assert store.opened == 0


REFUSED = {
    "nothing-known": ({"role_arn": ROLE}, "no stored connection has the role"),
    "unknown-connection": ({"role_arn": ROLE, "connection_id": "con_none"}, "no connection 'con_none'"),
    "no-role-yet": ({"connection_id": "con_aaaaaaaaaaaaaaaaaaaa"}, "has no role ARN yet"),
    "other-external-id": (
        {"role_arn": ROLE, "connection_id": "con_aaaaaaaaaaaaaaaaaaaa", "external_id": "another"},
        "another ExternalId",
    ),
    "other-region": (
        {"role_arn": ROLE, "connection_id": "con_aaaaaaaaaaaaaaaaaaaa", "region": "us-east-1"},
        "is in region eu-west-1",
    ),
    "bucket-of-nobody": ({"role_arn": ROLE, "external_id": "x" * 20, "bucket_name": "mail"}, "--bucket"),
    "not-a-role": ({"role_arn": "arn:aws:s3:::b", "external_id": "x" * 20}, "not the ARN of an IAM role"),
    "not-an-external-id": ({"role_arn": ROLE, "external_id": "a*"}, "not an ExternalId"),
    "not-a-region": ({"role_arn": ROLE, "external_id": "x" * 20, "region": "moon"}, "not an AWS region"),
    "own-account": (
        {"role_arn": "arn:aws:iam::111122223333:role/r", "external_id": "x" * 20},
        "own account 111122223333",
    ),
}


@pytest.mark.parametrize(("given", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_before_any_role_is_tried(
    given: dict[str, Any], words: str, verify: Any, store: Any, pending: Connection, fake_role: Any
) -> None:
    role = fake_role()
    with pytest.raises(UsageError) as refused:
        verify(role, **given)
    assert words in refused.value.message
    assert refused.value.hint or isinstance(refused.value, UnknownConnection)
    assert role.calls == []
    assert store.get(pending.id) == pending
    assert store.reports == {}
    assert store.opened == store.closed


def test_a_role_belongs_to_one_connection(
    verify: Any, store: Any, pending: Connection, other: Connection, fake_role: Any
) -> None:
    verify(fake_role(), role_arn=ROLE, connection_id=pending.id)
    role = fake_role(external_id=other.external_id)
    with pytest.raises(UsageError, match=f"belongs to connection '{pending.id}'"):
        verify(role, role_arn=ROLE, connection_id=other.id)
    assert role.calls == []
    assert store.get(other.id) == other


def test_a_claim_that_fails_keeps_nobody_from_connecting(
    verify: Any, store: Any, pending: Connection, other: Connection, fake_role: Any
) -> None:
    # Another customer pastes the ARN of this one's role first.
    verify(fake_role(), role_arn=ROLE, connection_id=other.id)
    assert store.get(other.id).status is ConnectionStatus.FAILED
    assert verify(fake_role(), role_arn=ROLE, connection_id=pending.id).verdict is Verdict.VERIFIED
    assert store.find_by_role(ROLE).id == pending.id


def test_another_vendors_connection(verify: Any, store: Any, pending: Connection, fake_role: Any) -> None:
    store.connections[pending.id] = replace(pending, vendor="acme")
    with pytest.raises(UsageError, match="belongs to vendor 'acme', not 'mailmark'"):
        verify(fake_role(), role_arn=ROLE, connection_id=pending.id)


def test_disconnect_lets_the_role_go_and_forgets_the_secret(
    verify: Any, store: Any, now: Any, pending: Connection, other: Connection, fake_role: Any
) -> None:
    verify(fake_role(), role_arn=ROLE, connection_id=pending.id, bucket_name="mail")
    ended = disconnect(store, pending.id, now)
    assert ended == store.get(pending.id)
    assert (ended.status, ended.role_arn, ended.webhook_secret) == (ConnectionStatus.DISCONNECTED, None, None)
    assert ended.external_id == pending.external_id
    assert ended.updated_at > pending.updated_at
    # Never again by that connection,
    for given in ({"connection_id": pending.id}, {"connection_id": pending.id, "role_arn": ROLE}):
        with pytest.raises(UsageError, match="is disconnected"):
            verify(fake_role(), **given)
    # but the account can be connected anew.
    role = fake_role(external_id=other.external_id)
    assert verify(role, role_arn=ROLE, connection_id=other.id).verdict is Verdict.VERIFIED


def test_disconnect_again_is_harmless(store: Any, now: Any, pending: Connection) -> None:
    ended = disconnect(store, pending.id, now)
    assert disconnect(store, pending.id, now) == ended


def test_disconnect_of_nothing(store: Any, now: Any) -> None:
    with pytest.raises(UnknownConnection):
        disconnect(store, "con_none", now)


@pytest.mark.parametrize("verdict", Verdict)
def test_what_a_report_changes_and_what_it_never_does(verdict: Verdict, pending: Connection) -> None:
    report = VerificationReport(
        verdict=verdict,
        role_arn=ROLE,
        account_id="444455556666",
        region=pending.region,
        vendor=pending.vendor,
        sandbox=None,
        checked_at=pending.created_at,
        probes=(),
    )
    known = replace(pending, sandbox=True, bucket_name="before")
    kept = after(known, report)
    for name in ("id", "external_id", "vendor", "region", "created_at", "webhook_secret", "bucket_name", "sandbox"):
        assert getattr(kept, name) == getattr(known, name)
    assert (kept.role_arn is not None) == (verdict is Verdict.VERIFIED)
    assert (kept.status is ConnectionStatus.VERIFIED) == (verdict is Verdict.VERIFIED)
