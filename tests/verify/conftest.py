"""An AWS that is a script: what each kind of call answers, one answer after the other, the last one for ever.

`scene` puts it behind the ports, under the real facts, probes and runner, with a clock that only sleeping moves.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import pytest

from byoaws.aws.interface import Caller, SendQuota, SesAccount, Session, VendorPort
from byoaws.aws.question import Question
from byoaws.errors import AccessDenied, AwsError, NotFound
from byoaws.iam.trust import trust_policy
from byoaws.model import ProbeResult, VerificationReport
from byoaws.registry import PROBES
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor
from byoaws.verify.clock import AsyncClock
from byoaws.verify.facts import LiveFacts
from byoaws.verify.interface import Probe, Sending, Target, TrustTrial
from byoaws.verify.keys import KeyFacts
from byoaws.verify.runner import run

VENDOR, CUSTOMER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/byoaws/mailmark/stack-Role-1A2B3C"
EXTERNAL_ID = "0123456789abcdef" * 3

Answer = Any
"""What a call returns, or the AwsError that it raises; or, of a question, a function of the request that says which."""


def refusal(message: str = f"User: x is not authorized to perform: sts:AssumeRole on resource: {ROLE}") -> AccessDenied:
    """AWS's one answer to a missing role, a wrong principal and a wrong ExternalId."""
    return AccessDenied(
        f"sts:AssumeRole: aws refused the call (AccessDenied: {message})",
        operation="sts:AssumeRole",
        code="AccessDenied",
        aws_message=message,
    )


def in_production(**changes: Any) -> SesAccount:
    """SES in good order, but for `changes`."""
    return SesAccount(
        **{
            "production_access": True,
            "sending_enabled": True,
            "enforcement_status": "HEALTHY",
            "max_24_hour_send": 50_000.0,
            "max_send_rate": 14.0,
            "sent_last_24_hours": 3.0,
            "review_status": None,
            "review_case_id": None,
            **changes,
        }
    )


T = TypeVar("T")

SAID_BY = {
    "sts:GetCallerIdentity": "session_caller",
    "ses:GetAccount": "ses",
    "ses:GetAccountSendingEnabled": "sending_enabled",
    "ses:GetSendQuota": "quota",
    "iam:GetRole": "trust",
}
"""By a question's action, the attribute of the scene that answers it; any other is in `Scene.answers`."""


async def _say(answer: Answer) -> Any:
    await asyncio.sleep(0)  # others go on meanwhile, as they would
    if isinstance(answer, AwsError):
        raise answer
    return answer


@dataclass
class FakeCustomer(Session):
    """The session under the customer's role."""

    scene: "Scene"

    async def ask(self, question: Question[T]) -> T:
        self.scene.questions.append(question)
        action = question.action
        if action == "iam:GetRole":
            self.scene.read.append(question.request["RoleName"])
        answer = getattr(self.scene, SAID_BY[action]) if action in SAID_BY else self.scene.answer_to(action)
        try:
            found: T = await _say(answer(question.request) if callable(answer) else answer)
        except AwsError as error:
            raise question.meant(error, self.scene.region) from None  # as every edge does
        return found


@dataclass
class FakeVendor(VendorPort):
    """The vendor's own credentials."""

    scene: "Scene"

    async def caller(self) -> Caller:
        self.scene.callers += 1
        found: Caller = await _say(self.scene.caller)
        return found

    async def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> Session:
        scene = self.scene
        kind = {None: "without", scene.external_id: "right"}.get(external_id, "wrong")
        answers = {"without": scene.without, "wrong": scene.wrong, "right": scene.right}[kind]
        before = [asked for asked, _ in scene.asked].count(kind)
        answer = answers[min(before, len(answers) - 1)]
        scene.asked.append((kind, external_id))
        scene.now += scene.call_takes
        assert not scene.assuming, "AssumeRole calls must not overlap"
        scene.assuming = True
        try:
            await _say(answer)
        finally:
            scene.assuming = False
        scene.opened.append(kind)
        return FakeCustomer(scene)


@cache
def _mailmark() -> Vendor:
    return load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": VENDOR})


@dataclass
class Scene:
    """One account to verify; a sound one until a test changes something."""

    role_arn: str = ROLE
    external_id: str = EXTERNAL_ID
    region: str = "eu-west-1"
    wait: float = 0
    sending: Sending | None = None
    vendor: Vendor = field(default_factory=_mailmark)

    caller: Answer = field(default_factory=lambda: Caller(account_id=VENDOR, arn=f"arn:aws:iam::{VENDOR}:user/ops"))
    without: Sequence[AwsError | None] = field(default_factory=lambda: [refusal()])
    """Answers to AssumeRole without an ExternalId; None opens the role."""
    wrong: Sequence[AwsError | None] = field(default_factory=lambda: [refusal()])
    right: Sequence[AwsError | None] = (None,)
    session_caller: Answer = field(
        default_factory=lambda: Caller(
            account_id=CUSTOMER, arn=f"arn:aws:sts::{CUSTOMER}:assumed-role/stack-Role-1A2B3C/mailmark"
        )
    )
    trust: Answer = field(
        default_factory=lambda: trust_policy(principal=f"arn:aws:iam::{VENDOR}:root", external_id=EXTERNAL_ID)
    )
    ses: Answer = field(default_factory=in_production)
    sending_enabled: Answer = True
    quota: Answer = field(
        default_factory=lambda: SendQuota(max_24_hour_send=50_000.0, max_send_rate=14.0, sent_last_24_hours=3.0)
    )
    answers: dict[str, Answer] = field(
        default_factory=lambda: {
            "ses:SendEmail": AwsError("rejected", operation="ses:SendEmail", code="MessageRejected"),
            "ses:GetEmailIdentity": NotFound("none", operation="ses:GetEmailIdentity", code="NotFoundException"),
        }
    )
    """What any other question is answered, by its action."""
    call_takes: float = 0
    """Seconds that one AssumeRole takes."""

    now: float = 1000.0
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Every AssumeRole call: without, wrong or right, and the ExternalId it carried."""
    assuming: bool = False
    """An AssumeRole call is under way."""
    callers: int = 0
    """How often we asked who we are."""
    questions: list[Question[Any]] = field(default_factory=list)
    """All that the customer's session was asked."""
    opened: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    """Roles whose trust policy was asked for."""
    slept: list[float] = field(default_factory=list)
    told: list[tuple[str, Any]] = field(default_factory=list)
    """What the progress was told."""
    sts_regions: list[str] = field(default_factory=list)

    def answer_to(self, action: str) -> Answer:
        """What the scene says, else AWS's refusal of an action that the role does not have."""
        message = f"User: {ROLE} is not authorized to perform: {action} because no identity-based policy allows it"
        refused = AccessDenied(message, operation=action, code="AccessDenied", aws_message=message)
        return self.answers.get(action, refused)

    def facts(self) -> LiveFacts:
        """The real facts, on this scene."""
        target = Target(
            role_arn=self.role_arn,
            external_id=self.external_id,
            region=self.region,
            vendor=self.vendor,
            wait=self.wait,
            sending=self.sending,
        )

        def vendor_aws(region: str) -> VendorPort:
            self.sts_regions.append(region)
            return FakeVendor(self)

        return LiveFacts(target, vendor_aws, self.clock(), self)

    def clock(self) -> AsyncClock:
        """Time that only sleeping moves."""
        return AsyncClock(lambda: self.now, self._sleep)

    def ask(self, probe: str) -> ProbeResult:
        """What one probe says, by itself, through the runner."""
        return self.run([PROBES.load(probe)]).probes[0]

    def run(self, probes: Sequence[Probe] | None = None) -> VerificationReport:
        """Verify, by the vendor's probes or by some."""
        chosen = [PROBES.load(name) for name in PROBES if name in self.vendor.probes] if probes is None else probes
        return asyncio.run(run(self.facts(), chosen, self, lambda: datetime(2026, 11, 21, 12, tzinfo=UTC)))

    def run_by_keys(self) -> VerificationReport:
        """Verify by the vendor's probes, where access is by keys."""
        facts = KeyFacts(Target(region=self.region, vendor=self.vendor), FakeCustomer(self))
        chosen = [PROBES.load(name) for name in PROBES if name in self.vendor.probes]
        return asyncio.run(run(facts, chosen, self, lambda: datetime(2026, 11, 21, 12, tzinfo=UTC)))

    def trial(self) -> TrustTrial:
        """What the AssumeRole calls came to."""
        return asyncio.run(self.facts().trial())

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def started(self, probe: Probe) -> None:
        self.told.append(("started", probe.name))

    def finished(self, result: ProbeResult) -> None:
        self.told.append(("finished", result.name))

    def waiting(self, seconds: float) -> None:
        self.told.append(("waiting", seconds))


@pytest.fixture(scope="session")
def finish() -> Callable[[Coroutine[Any, Any, T]], T]:
    """Runs what is to be awaited, and returns what it comes to."""
    return asyncio.run


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture(scope="session")
def new_scene() -> Callable[..., Scene]:
    """Makes scenes, for properties that need one for each example."""
    return Scene


@pytest.fixture(scope="session")
def refused() -> Callable[..., AccessDenied]:
    """Makes AWS's refusals of AssumeRole."""
    return refusal


@pytest.fixture(scope="session")
def ses_account() -> Callable[..., SesAccount]:
    """Makes SES accounts in good order, but for what is given."""
    return in_production


BARE = {
    "a page of a proxy's": {"code": "404", "aws_message": "<html>Not here</html>"},
    "no more than a status": {"code": "404", "aws_message": "Not Found"},
    "xml that says nothing": {"code": "", "aws_message": ""},
    "a code of somebody else's": {"code": "route_not_found", "aws_message": "no"},
}


@pytest.fixture(params=BARE.values(), ids=BARE)
def bare_404(request: pytest.FixtureRequest) -> Callable[[str], NotFound]:
    """What botocore makes of a 404 that is not AWS's, as the answer to an operation."""
    said: dict[str, str] = request.param
    return lambda operation: NotFound("x", operation=operation, **said)
