"""An AWS that is a script: what each kind of call answers, one answer after the other, the last one for ever.

`scene` puts it behind the ports, under the real facts, probes and runner, with a clock that only sleeping moves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from byoaws.aws.interface import Caller, CustomerAws, SendQuota, SesAccount, VendorAws
from byoaws.errors import AccessDenied, AwsError
from byoaws.iam.trust import trust_policy
from byoaws.model import ProbeResult, VerificationReport
from byoaws.registry import PROBES
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor
from byoaws.verify.facts import Clock, LiveFacts
from byoaws.verify.interface import Probe, Target
from byoaws.verify.runner import run

VENDOR, CUSTOMER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{CUSTOMER}:role/byoaws/mailmark/stack-Role-1A2B3C"
EXTERNAL_ID = "0123456789abcdef" * 3

Answer = Any
"""What a call returns, or the AwsError that it raises."""


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


def _say(answer: Answer) -> Any:
    if isinstance(answer, AwsError):
        raise answer
    return answer


@dataclass
class FakeCustomer(CustomerAws):
    """The session under the customer's role."""

    scene: "Scene"

    def caller(self) -> Caller:
        found: Caller = _say(self.scene.session_caller)
        return found

    def ses_account(self) -> SesAccount:
        found: SesAccount = _say(self.scene.ses)
        return found

    def sending_enabled(self) -> bool | None:
        found: bool | None = _say(self.scene.sending_enabled)
        return found

    def send_quota(self) -> SendQuota:
        found: SendQuota = _say(self.scene.quota)
        return found

    def trust_policy(self, role_name: str) -> Mapping[str, Any]:
        self.scene.read.append(role_name)
        found: Mapping[str, Any] = _say(self.scene.trust)
        return found


@dataclass
class FakeVendor(VendorAws):
    """The vendor's own credentials."""

    scene: "Scene"

    def caller(self) -> Caller:
        found: Caller = _say(self.scene.caller)
        return found

    def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> CustomerAws:
        scene = self.scene
        kind = {None: "without", scene.external_id: "right"}.get(external_id, "wrong")
        answers = {"without": scene.without, "wrong": scene.wrong, "right": scene.right}[kind]
        before = [asked for asked, _ in scene.asked].count(kind)
        answer = answers[min(before, len(answers) - 1)]
        scene.asked.append((kind, external_id))
        scene.now += scene.call_takes
        if answer is not None:
            raise answer
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
    call_takes: float = 0
    """Seconds that one AssumeRole takes."""

    now: float = 1000.0
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Every AssumeRole call: without, wrong or right, and the ExternalId it carried."""
    opened: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    """Roles whose trust policy was asked for."""
    slept: list[float] = field(default_factory=list)
    told: list[tuple[str, Any]] = field(default_factory=list)
    """What the progress was told."""
    sts_regions: list[str] = field(default_factory=list)

    def facts(self) -> LiveFacts:
        """The real facts, on this scene."""
        target = Target(
            role_arn=self.role_arn,
            external_id=self.external_id,
            region=self.region,
            vendor=self.vendor,
            wait=self.wait,
        )

        def vendor_aws(region: str) -> VendorAws:
            self.sts_regions.append(region)
            return FakeVendor(self)

        return LiveFacts(target, vendor_aws, Clock(lambda: self.now, self._sleep), self)

    def ask(self, probe: str) -> ProbeResult:
        """What one probe says, by itself, through the runner."""
        return self.run([PROBES.load(probe)]).probes[0]

    def run(self, probes: Sequence[Probe] | None = None) -> VerificationReport:
        """Verify, by the vendor's probes or by some."""
        chosen = [PROBES.load(name) for name in PROBES if name in self.vendor.probes] if probes is None else probes
        return run(self.facts(), chosen, self, lambda: datetime(2026, 11, 21, 12, tzinfo=UTC))

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def started(self, probe: Probe) -> None:
        self.told.append(("started", probe.name))

    def finished(self, result: ProbeResult) -> None:
        self.told.append(("finished", result.name))

    def waiting(self, seconds: float) -> None:
        self.told.append(("waiting", seconds))


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
