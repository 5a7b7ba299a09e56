"""The probes of keys, for vendors whose software runs with a user's own."""

from datetime import UTC, datetime

import pytest

from byoaws.aws.interface import Caller
from byoaws.errors import AccessDenied, AwsError, BadCredentials, NotFound, RegionDisabled, Throttled, UsageError
from byoaws.model import Status
from byoaws.registry import PROBES
from byoaws.vendors.file import load_vendor
from byoaws.verify.interface import Target
from byoaws.verify.keys import KeyFacts
from byoaws.verify.runner import run

USER = "arn:aws:iam::444455556666:user/byoaws/selfmx/selfmx-User-1"
DENIED = AccessDenied("no", operation="ses:SendEmail", code="AccessDeniedException", aws_message="not authorized")
REJECTED = AwsError("no", operation="ses:SendEmail", code="MessageRejected")
NONE = NotFound("no", operation="ses:GetEmailIdentity", code="NotFoundException")


class Account:
    """A customer's account, as its own keys see it."""

    def __init__(self, ses):
        self.arn, self.send, self.identity, self.ses = USER, REJECTED, NONE, ses

    def _say(self, answer):
        if isinstance(answer, AwsError):
            raise answer
        return answer

    async def ask(self, question):
        return self._say(getattr(self, f"_{question.operation}")(question.request))

    def _GetCallerIdentity(self, request):
        return self.arn if isinstance(self.arn, AwsError) else Caller(account_id="4" * 12, arn=self.arn)

    def _SendEmail(self, request):
        assert request["FromEmailAddress"].endswith(".invalid")
        assert request["Destination"] == {"ToAddresses": ["success@simulator.amazonses.com"]}
        return self.send

    def _GetEmailIdentity(self, request):
        assert request["EmailIdentity"].endswith(".invalid")
        return self.identity

    def _GetAccount(self, request):
        return self.ses


@pytest.fixture
def account(ses_account):
    return Account(ses_account())


@pytest.fixture
def verify(account, scene, finish):
    def go(**changes):
        for name, value in changes.items():
            setattr(account, name, value)
        vendor = load_vendor("selfmx", {})
        facts = KeyFacts(Target(region="eu-west-1", vendor=vendor), account)
        probes = [PROBES.load(name) for name in PROBES if name in vendor.probes]
        return finish(run(facts, probes, scene, lambda: datetime(2026, 11, 21, tzinfo=UTC)))

    return go


def status(report, name):
    return next(probe.status for probe in report.probes if probe.name == name)


def test_a_user_s_key(verify):
    report = verify()
    assert (report.verdict.value, report.role_arn, report.account_id) == ("verified", None, "4" * 12)
    assert status(report, "key-lifetime") is Status.WARN
    permissions = next(probe for probe in report.probes if probe.name == "key-permissions")
    assert permissions.evidence["tried"] == ["ses:SendEmail", "ses:GetEmailIdentity"]
    assert "ses:CreateEmailIdentity" in permissions.evidence["not_tried"]


def test_a_role_s_key_ends_by_itself(verify):
    report = verify(arn="arn:aws:sts::444455556666:assumed-role/instance/i-1")
    assert (report.verdict.value, status(report, "key-lifetime")) == ("verified", Status.PASS)


@pytest.mark.parametrize(
    ("changes", "probe", "wanted", "verdict"),
    [
        ({"arn": "arn:aws:iam::444455556666:root"}, "key-identity", Status.FAIL, "failed"),
        ({"arn": BadCredentials("no", code="InvalidClientTokenId")}, "key-identity", Status.FAIL, "failed"),
        ({"arn": BadCredentials("unable to locate credentials")}, "key-identity", Status.UNKNOWN, "unknown"),
        ({"arn": Throttled("slow")}, "key-identity", Status.UNKNOWN, "unknown"),
        ({"send": DENIED}, "key-permissions", Status.FAIL, "failed"),
        ({"identity": DENIED}, "key-permissions", Status.FAIL, "failed"),
        ({"send": Throttled("slow")}, "key-permissions", Status.UNKNOWN, "unknown"),
        ({"send": RegionDisabled("off")}, "key-permissions", Status.UNKNOWN, "unknown"),
        ({"send": AwsError("paused", code="SendingPausedException")}, "key-permissions", Status.UNKNOWN, "unknown"),
        ({"send": AwsError("no", code="AccountSuspendedException")}, "key-permissions", Status.UNKNOWN, "unknown"),
        ({"send": AwsError("odd", code="BadRequestException")}, "key-permissions", Status.UNKNOWN, "unknown"),
        ({"ses": DENIED}, "ses-account", Status.FAIL, "failed"),
    ],
)
def test_what_is_not_verified(verify, changes, probe, wanted, verdict):
    report = verify(**changes)
    assert (status(report, probe), report.verdict.value) == (wanted, verdict)


def test_words_are_of_keys_and_not_of_a_role(verify):
    report = verify(ses=DENIED, send=DENIED)
    said = " ".join(f"{probe.summary} {probe.fix} {' '.join(probe.causes)}" for probe in report.probes)
    assert "the role opens" not in said
    assert "ExternalId" not in said


@pytest.mark.parametrize("fact", ["vendor_caller", "trial"])
def test_there_is_no_role_to_ask_about(account, fact, finish):
    facts = KeyFacts(Target(region="eu-west-1", vendor=load_vendor("selfmx", {})), account)
    with pytest.raises(UsageError, match="no role to ask about"):
        finish(getattr(facts, fact)())
    with pytest.raises(UsageError, match="no role to ask about"):
        _ = facts.role


def test_what_ses_says_of_its_own_is_botocore_s():
    import botocore.session

    from byoaws.verify.probes.key_permissions import _LET_THROUGH

    model = botocore.session.get_session().get_service_model("sesv2")
    names = {
        shape.name for operation in model.operation_names for shape in model.operation_model(operation).error_shapes
    }
    assert names >= _LET_THROUGH
