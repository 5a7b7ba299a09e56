"""Fakes for the flows: a store in memory that keeps the port's promises, and a customer's role, sound or not."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from byoaws.aws.interface import Caller, SesAccount
from byoaws.aws.question import Question
from byoaws.errors import AccessDenied, AwsError, ConnectionConflict, UnknownConnection
from byoaws.flows.check import Verifier
from byoaws.iam.trust import trust_policy
from byoaws.model import Connection, StackClaim, VerificationReport
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor
from byoaws.verify.clock import AsyncClock

START = datetime(2026, 11, 21, 4, 5, 6, tzinfo=UTC)
VENDOR_ACCOUNT, CUSTOMER_ACCOUNT = "111122223333", "444455556666"
TEMPLATE_URL = "https://templates.s3.us-east-1.amazonaws.com/mailmark.yaml"


class MemoryStore:
    """`byoaws.store.interface.Store` in memory."""

    def __init__(self) -> None:
        self.connections: dict[str, Connection] = {}
        self.issued: dict[str, str] = {}
        self.reports: dict[str, list[VerificationReport]] = {}
        self.tokens: dict[str, tuple[str, datetime, bool]] = {}
        self.said: dict[str, StackClaim] = {}
        self.opened = self.closed = 0

    def open(self) -> "MemoryStore":
        self.opened += 1
        return self

    def close(self) -> None:
        self.closed += 1

    def add(self, connection: Connection) -> None:
        self._refuse_twice(connection)
        self._issue(connection.external_id, connection)
        self.connections[connection.id] = connection

    def get(self, connection_id: str) -> Connection:
        if connection_id not in self.connections:
            raise UnknownConnection(f"no connection '{connection_id}'")
        return self.connections[connection_id]

    def find_by_role(self, role_arn: str) -> Connection | None:
        return next((item for item in self.connections.values() if item.role_arn == role_arn), None)

    def list(self) -> list[Connection]:
        return sorted(self.connections.values(), key=lambda item: (item.created_at, item.id))

    def update(self, connection: Connection) -> None:
        before = self.get(connection.id)
        if before.external_id != connection.external_id:
            raise ConnectionConflict("the ExternalId cannot change")
        self._refuse_twice(connection)
        self.connections[connection.id] = connection

    def record(self, connection: Connection, report: VerificationReport) -> None:
        self.update(connection)
        self.reports.setdefault(connection.id, []).append(report)

    def exchange(self, connection: Connection) -> Connection:
        before = self.get(connection.id)
        if before.keys_version != connection.keys_version:
            raise ConnectionConflict("changed meanwhile")
        if connection.external_id not in (before.external_id, before.pending_external_id):
            raise ConnectionConflict("was not pending")
        if connection.pending_external_id not in (None, before.pending_external_id):
            self._issue(connection.pending_external_id, connection)
        self.connections[connection.id] = replace(connection, keys_version=connection.keys_version + 1)
        return self.connections[connection.id]

    def external_ids(self, connection_id: str) -> "list[str]":
        return [external_id for external_id, holder in self.issued.items() if holder == connection_id]

    def issue_token(self, connection_id: str, token_hash: str, expires_at: datetime) -> None:
        self.get(connection_id)
        self.tokens[connection_id] = (token_hash, expires_at, False)

    def claim(self, claim: StackClaim, *, token_hash: str | None) -> bool:
        if token_hash is not None:
            kept, expires_at, used = self.tokens.get(claim.connection_id, ("", claim.claimed_at, True))
            before = self.said.get(claim.connection_id)
            same = before and (before.stack_id, before.role_arn) == (claim.stack_id, claim.role_arn)
            if kept != token_hash or claim.claimed_at >= expires_at or (used and not same):
                return False
            self.tokens[claim.connection_id] = (kept, expires_at, True)
        self.said[claim.connection_id] = claim
        return True

    def claimed(self, connection_id: str) -> StackClaim | None:
        return self.said.get(connection_id)

    def claims(self) -> "list[StackClaim]":
        return sorted(self.said.values(), key=lambda claim: claim.claimed_at)

    def last_report(self, connection_id: str) -> VerificationReport | None:
        return (self.reports.get(connection_id) or [None])[-1]

    def _issue(self, external_id: str, connection: Connection) -> None:
        if external_id in self.issued:
            raise ConnectionConflict("was issued before")
        self.issued[external_id] = connection.id

    def _refuse_twice(self, connection: Connection) -> None:
        for other in self.connections.values():
            if other.id != connection.id and other.role_arn and other.role_arn == connection.role_arn:
                raise ConnectionConflict(f"role ARN is held by '{other.id}'")


@dataclass
class FakeRole:
    """A customer's role, and AWS around it: it opens for one ExternalId, unless told otherwise."""

    external_id: str
    account_id: str = CUSTOMER_ACCOUNT
    without: bool = False
    """Opens without an ExternalId."""
    also: tuple[str, ...] = ()
    """Further ExternalIds for which it opens."""
    named: tuple[str, ...] = ()
    """Those that its trust policy names, where it is not the one."""
    any_id: bool = False
    """Opens with any ExternalId."""
    error: AwsError | None = None
    """What AWS answers to every AssumeRole, instead."""
    own: str | AwsError = VENDOR_ACCOUNT
    """The vendor's own account, or why we cannot tell."""
    production: bool = True
    calls: list[str | None] = field(default_factory=list)
    """The ExternalIds sent."""

    async def caller(self) -> Caller:
        if isinstance(self.own, AwsError):
            raise self.own
        return Caller(account_id=self.own, arn=f"arn:aws:iam::{self.own}:user/byoaws")

    async def assume_role(self, *, external_id: str | None, role_arn: str, **request: Any) -> "FakeSession":
        self.calls.append(external_id)
        if self.error is not None:
            raise self.error
        opens = self.without if external_id is None else self.any_id or external_id in (self.external_id, *self.also)
        if not opens:
            text = f"User is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
            raise AccessDenied(f"refused ({text})", operation="sts:AssumeRole", code="AccessDenied", aws_message=text)
        return FakeSession(self, role_arn)


@dataclass
class FakeSession:
    """What the role's session may do."""

    role: FakeRole
    role_arn: str

    async def ask(self, question: Question[Any]) -> Any:
        if question.action == "iam:GetRole":
            named = list(self.role.named) or self.role.external_id
            return trust_policy(principal=f"arn:aws:iam::{VENDOR_ACCOUNT}:root", external_id=named)
        return {"sts:GetCallerIdentity": self._caller, "ses:GetAccount": self._ses_account}[question.action]()

    def _caller(self) -> Caller:
        name = self.role_arn.rpartition("/")[2]
        return Caller(
            account_id=self.role.account_id, arn=f"arn:aws:sts::{self.role.account_id}:assumed-role/{name}/mailmark"
        )

    def _ses_account(self) -> SesAccount:
        return SesAccount(
            production_access=self.role.production,
            sending_enabled=True,
            enforcement_status="HEALTHY",
            max_24_hour_send=50_000.0,
            max_send_rate=14.0,
            sent_last_24_hours=0.0,
            review_status=None,
            review_case_id=None,
        )


class Silent:
    """A progress that shows nothing."""

    def started(self, probe: object) -> None: ...
    def finished(self, result: object) -> None: ...
    def waiting(self, seconds: float) -> None: ...


@pytest.fixture
def vendor() -> Vendor:
    env = {"MAILMARK_AWS_ACCOUNT_ID": VENDOR_ACCOUNT, "MAILMARK_CFN_TEMPLATE_URL": TEMPLATE_URL}
    return load_vendor("mailmark", env)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def now() -> Callable[[], datetime]:
    """A clock that goes on by a minute each time it is asked."""
    times = iter(START + timedelta(minutes=minute) for minute in range(1, 1000))
    return lambda: next(times)


@pytest.fixture
def pending(vendor: Vendor, store: MemoryStore) -> Connection:
    """A connection that was begun, in the store."""
    connection = Connection(
        id="con_aaaaaaaaaaaaaaaaaaaa",
        alias="Production",
        vendor=vendor.name,
        region="eu-west-1",
        external_id="0123456789abcdef" * 3,
        webhook_secret="whsec_c2VjcmV0",
        stack_name="mailmark-byo-aws-aaaaaa",
        created_at=START,
        updated_at=START,
    )
    store.add(connection)
    return connection


@pytest.fixture
def other(pending: Connection, store: MemoryStore) -> Connection:
    """Another customer's connection, in the same store."""
    connection = replace(
        pending, id="con_bbbbbbbbbbbbbbbbbbbb", alias="Other", external_id="fedcba9876543210" * 3, webhook_secret=None
    )
    store.add(connection)
    return connection


@pytest.fixture
def verifier(now: Callable[[], datetime]) -> Callable[[FakeRole], Verifier]:
    """A verifier that sees the role it is given; it waits in no time."""
    time = iter(range(10_000))

    async def sleep(seconds: float) -> None: ...

    return lambda role: Verifier(
        vendor_aws=lambda region: role,
        clock=AsyncClock(lambda: float(next(time)), sleep),
        progress=Silent(),
        now=now,
    )


@pytest.fixture
def fake_role(pending: Connection) -> Callable[..., FakeRole]:
    """The role of the pending connection: sound, unless told otherwise."""
    return lambda **unsound: FakeRole(external_id=unsound.pop("external_id", pending.external_id), **unsound)
