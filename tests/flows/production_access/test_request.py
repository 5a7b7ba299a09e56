"""Production access: what each answer of AWS means, and that nothing is sent that should not be."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from byoaws.aws.interface import AccountDetails, Caller, CustomerAws, EmailIdentity, SesAccount
from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    InvalidRequest,
    RegionDisabled,
    Throttled,
    UnknownConnection,
    Unreachable,
    UsageError,
)
from byoaws.flows.production_access.request import declined, open_connection, propose, send, verdict
from byoaws.flows.production_access.standing import Standing, state_of
from byoaws.flows.production_access.use_case import Answers
from byoaws.model import Connection, ConnectionStatus, Status
from byoaws.net.interface import Visit
from byoaws.vendor_model import Vendor

REGION, ACCOUNT = "eu-west-1", "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/byoaws/mailmark/mail"
SANDBOX = SesAccount(
    production_access=False,
    sending_enabled=True,
    enforcement_status="HEALTHY",
    max_24_hour_send=200.0,
    max_send_rate=1.0,
    sent_last_24_hours=3.0,
    review_status=None,
    review_case_id=None,
)
ANSWERS = Answers(
    domain="example.com",
    website="https://www.example.com",
    mail_type="marketing",
    volume=100,
    mails="A newsletter on gardening, once a week, to readers who asked for it",
    recipients="Readers sign up on our website and confirm by a link in a first mail",
    bounces="A webhook removes addresses that bounce or complain, within seconds",
    unsubscribe="One click in every mail, and a page on our website for the rest",
    contacts=(),
)


@dataclass
class Account:
    """A customer's account, and the outside world, all in order unless told otherwise."""

    ses: SesAccount | AwsError = SANDBOX
    refusal: AwsError | None = None
    """What AWS says to PutAccountDetails."""
    page: Visit = field(default_factory=lambda: Visit(url="https://www.example.com", status=200))
    calls: list[str] = field(default_factory=list)
    sent: list[AccountDetails] = field(default_factory=list)

    def caller(self) -> Caller:
        self.calls.append("caller")
        return Caller(account_id=ACCOUNT, arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/mail/mailmark")

    def ses_account(self) -> SesAccount:
        self.calls.append("ses_account")
        if isinstance(self.ses, AwsError):
            raise self.ses
        return self.ses

    def email_identity(self, domain: str) -> EmailIdentity:
        self.calls.append("email_identity")
        return EmailIdentity(
            verified=True,
            verification_status="SUCCESS",
            dkim_enabled=True,
            dkim_status="SUCCESS",
            mail_from_domain=None,
        )

    def put_account_details(self, details: AccountDetails) -> None:
        self.calls.append("put_account_details")
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(details)

    def txt(self, name: str) -> list[str]:
        return ["v=DMARC1; p=none"] if name.startswith("_dmarc.") else ["v=spf1 include:amazonses.com ~all"]

    def visit(self, url: str) -> Visit:
        return self.page

    def propose(self, **changed: Any) -> Any:
        return propose(replace(ANSWERS, **changed), self, REGION, self, self)  # type: ignore[arg-type]


# How it stands -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "standing", "words"),
    [
        ({}, Standing.SANDBOX, ("200 e-mails a day", "byoaws production-access request")),
        ({"review_status": "PENDING", "review_case_id": "4711"}, Standing.PENDING, ("case 4711", "24 hours")),
        (
            {"review_status": "DENIED", "review_case_id": "4711"},
            Standing.DENIED,
            ("in that case (case 4711)", "agreed"),
        ),
        ({"review_status": "DENIED"}, Standing.DENIED, ("in that case in the Support Center",)),
        ({"review_status": "FAILED"}, Standing.FAILED, ("fault of its own", "again")),
        ({"review_status": "SOMETHING"}, Standing.SANDBOX, ("sandbox",)),
        ({"production_access": True}, Standing.GRANTED, ("granted",)),
        ({"production_access": True, "sending_enabled": None}, Standing.UNKNOWN, ("did not say",)),
        ({"production_access": True, "review_status": "PENDING"}, Standing.GRANTED, ("granted",)),
        ({"production_access": True, "enforcement_status": "PROBATION"}, Standing.GRANTED, ("lower bounces",)),
        ({"production_access": True, "enforcement_status": "SHUTDOWN"}, Standing.STOPPED, ("shut down", "case")),
        ({"production_access": True, "sending_enabled": False}, Standing.STOPPED, ("switched off",)),
        ({"production_access": None}, Standing.UNKNOWN, ("did not say",)),
    ],
    ids=str,
)
def test_what_an_answer_means(changed: dict[str, Any], standing: Standing, words: tuple[str, ...]) -> None:
    state = state_of(Account(ses=replace(SANDBOX, **changed)), REGION)
    assert state.standing is standing
    for word in words:
        assert word in f"{state.meaning} {state.todo}"
    shown = state.as_json()
    assert (shown["account_id"], shown["region"], shown["standing"]) == (ACCOUNT, REGION, standing.value)
    assert shown["case_id"] == changed.get("review_case_id")
    production = changed.get("production_access", False)
    assert shown["sandbox"] is (None if production is None else not production)


def test_without_the_permission_the_action_is_named() -> None:
    with pytest.raises(AccessDenied) as denied:
        state_of(Account(ses=AccessDenied("no", code="AccessDeniedException")), REGION)
    assert "ses:GetAccount" in denied.value.hint
    assert "SES console of eu-west-1" in denied.value.hint


# The request ---------------------------------------------------------------------------------------------------------


def test_a_thin_answer_ends_it_before_anybody_is_asked() -> None:
    account = Account()
    with pytest.raises(UsageError, match="--mails"):
        account.propose(mails="we send mail")
    assert account.calls == []


def test_proposing_sends_nothing() -> None:
    account = Account()
    proposal = account.propose()
    assert verdict(proposal, ignore_failed=False) is None
    assert account.sent == []
    assert "put_account_details" not in account.calls


def test_it_is_sent_once_and_says_so() -> None:
    account = Account()
    outcome = send(account, account.propose())
    assert (outcome.sent, outcome.exit_code) == (True, 0)
    assert ACCOUNT in outcome.message
    assert [details.mail_type for details in account.sent] == ["MARKETING"]
    assert "Marketing e-mail from example.com" in account.sent[0].use_case


@pytest.mark.parametrize(
    ("changed", "code", "asked"),
    [
        ({"production_access": True}, 0, False),
        ({"production_access": True, "sending_enabled": False}, 1, False),
        ({"review_status": "PENDING"}, 1, False),
        ({"production_access": None}, 3, False),
        ({"review_status": "DENIED"}, None, True),
        ({"review_status": "FAILED"}, None, True),
        ({}, None, True),
    ],
    ids=str,
)
def test_there_is_nothing_to_send_where_it_stands_otherwise(
    changed: dict[str, Any], code: int | None, asked: bool
) -> None:
    account = Account(ses=replace(SANDBOX, **changed))
    proposal = account.propose()
    outcome = verdict(proposal, ignore_failed=True)
    assert (outcome.exit_code if outcome else None) == code
    assert ("email_identity" in account.calls) == asked == proposal.may_be_sent
    assert account.sent == []


def test_a_failed_prerequisite_stops_it_unless_told_otherwise() -> None:
    proposal = Account(page=Visit(url="https://www.example.com", status=404)).propose()
    assert [item.name for item in proposal.prerequisites if item.status is Status.FAIL] == ["website"]
    stopped = verdict(proposal, ignore_failed=False)
    assert stopped is not None
    assert (stopped.sent, stopped.exit_code) == (False, 1)
    assert "--ignore-failed" in stopped.todo
    assert verdict(proposal, ignore_failed=True) is None


def test_what_could_not_be_told_does_not_stop_it() -> None:
    proposal = Account(page=Visit(url="https://www.example.com", status=500)).propose()
    assert proposal.prerequisites[-1].status is Status.UNKNOWN
    assert verdict(proposal, ignore_failed=False) is None


@pytest.mark.parametrize(
    ("refusal", "sent", "code", "words"),
    [
        (AwsError("x", code="ConflictException"), False, 1, ("under review already", "status")),
        (
            AccessDenied("x", code="AccessDeniedException", aws_message="User is not authorized"),
            False,
            1,
            ("ses:PutAccountDetails", "User is not authorized", "SES console of eu-west-1", "ses-production-access"),
        ),
        (InvalidRequest("x", aws_message="WebsiteURL is odd"), False, 1, ("WebsiteURL is odd",)),
        (InvalidRequest("x"), False, 1, ("no reason given",)),
        (Throttled("slow down"), False, 3, ("not sent: slow down",)),
        (BadCredentials("expired", hint="sign in"), False, 3, ("not sent: expired", "sign in")),
        (RegionDisabled("off"), False, 3, ("not sent",)),
        (Unreachable("time-out"), None, 3, ("could not tell whether AWS got it", "do not send it again")),
        (AwsError("odd"), None, 3, ("could not tell",)),
    ],
    ids=lambda value: type(value).__name__ + getattr(value, "code", "") if isinstance(value, AwsError) else "",
)
def test_what_aws_says_to_it(refusal: AwsError, sent: bool | None, code: int, words: tuple[str, ...]) -> None:
    account = Account(refusal=refusal)
    outcome = send(account, account.propose())
    assert (outcome.sent, outcome.exit_code) == (sent, code)
    for word in words:
        assert word in f"{outcome.message} {outcome.todo}"


def test_a_no_is_no_error() -> None:
    assert (declined().sent, declined().exit_code) == (False, 1)


# Through a connection's role -----------------------------------------------------------------------------------------


class Vendors:
    """The vendor's AWS; keeps how it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, sts_region: str) -> "Vendors":
        self.asked.append({"sts_region": sts_region})
        return self

    def assume_role(self, **request: Any) -> CustomerAws:
        self.asked.append(request)
        return "opened"  # type: ignore[return-value]


@pytest.fixture
def verified(pending: Connection, store: Any) -> Connection:
    connection = replace(pending, status=ConnectionStatus.VERIFIED, role_arn=ROLE, account_id=ACCOUNT)
    store.update(connection)
    return connection


def test_a_verified_connections_role_is_opened_with_its_external_id(
    verified: Connection, store: Any, vendor: Vendor
) -> None:
    aws = Vendors()
    connection, opened = open_connection(store.open, verified.id, vendor, aws)
    assert (connection.id, opened) == (verified.id, "opened")
    assert aws.asked[1] == {
        "role_arn": ROLE,
        "external_id": verified.external_id,
        "session_name": "mailmark",
        "duration": 900,
        "region": "eu-west-1",
    }
    assert aws.asked[0]["sts_region"] == "us-east-1"
    assert (store.opened, store.closed) == (1, 1)


@pytest.mark.parametrize(
    "status",
    [ConnectionStatus.PENDING, ConnectionStatus.FAILED, ConnectionStatus.INSECURE, ConnectionStatus.DISCONNECTED],
)
def test_any_other_connection_acts_for_nobody(
    status: ConnectionStatus, verified: Connection, store: Any, vendor: Vendor
) -> None:
    """An insecure role least of all: it may be anybody's."""
    store.update(replace(verified, status=status))
    aws = Vendors()
    with pytest.raises(UsageError):
        open_connection(store.open, verified.id, vendor, aws)
    assert aws.asked == []
    assert store.closed == store.opened


def test_another_vendors_connection(verified: Connection, store: Any, vendor: Vendor) -> None:
    store.update(replace(verified, vendor="other"))
    with pytest.raises(UsageError, match="belongs to vendor 'other'"):
        open_connection(store.open, verified.id, vendor, Vendors())


def test_no_such_connection(store: Any, vendor: Vendor, open_: Callable[[], Any]) -> None:
    with pytest.raises(UnknownConnection):
        open_connection(open_, "con_none", vendor, Vendors())
    assert store.closed == store.opened == 1


@pytest.fixture
def open_(store: Any) -> Callable[[], Any]:
    return store.open
