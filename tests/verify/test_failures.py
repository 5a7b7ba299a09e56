"""Every failure of the catalogue, met wherever AWS can answer with it, by the real runner and every probe there is.

The account is never judged worse than the entry says, nothing that AWS did not say is taken for good, and the evidence
names the entry.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError

from byoaws.aws.bucket_questions import BLOCKS, Notice
from byoaws.aws.errors import as_credentials_error, translated
from byoaws.aws.events_questions import EventDestination, Subscription, SubscriptionSettings
from byoaws.aws.identity_questions import Identities, IdentityState
from byoaws.aws.inbound_questions import ActiveRules, FunctionState, ReceiptRule
from byoaws.aws.permission_questions import Simulated
from byoaws.aws.question import Home, known_there
from byoaws.aws.stack_questions import StackResource, StackState
from byoaws.errors import AwsError
from byoaws.facts.failures import Failure, failures
from byoaws.iam.compose import packs_of, permission_policy
from byoaws.model import Status, Verdict, VerificationReport
from byoaws.registry import PROBES
from byoaws.templates.names import ACCESS_POLICY, FORWARDER, FORWARDER_DEAD_LETTERS, INBOUND_BUCKET, TOPICS
from byoaws.vendors.file import load_vendor
from byoaws.vendors.names import ON_REQUEST, REQUIRED_KEY_PROBES
from byoaws.verify.evidence import failure_of

REGION, OWNER = "eu-west-1", "444455556666"
MAILMARK = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
OF_KEYS = {*REQUIRED_KEY_PROBES, "key-lifetime"}
VENDOR = replace(
    MAILMARK,
    packs=(*MAILMARK.packs, "drift-read", "health-read", "self-simulate"),
    probes=tuple(name for name in PROBES.builtins if name not in (*OF_KEYS, *ON_REQUEST)),
)
SELFMX = load_vendor("selfmx", {})
ARNS = {event: f"arn:aws:sns:{REGION}:{OWNER}:{name}" for event, name in TOPICS.items()}
PARTS = {INBOUND_BUCKET: "b", FORWARDER: "fn", FORWARDER_DEAD_LETTERS: "https://q"}
PARTS |= {name: ARNS[event] for event, name in TOPICS.items()}
# The stack's own to the letter: to judge any other takes longer than all else here.
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "SesMayStoreMail",
            "Effect": "Allow",
            "Principal": {"Service": "ses.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::b/inbound/*",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": OWNER},
                "ArnLike": {"aws:SourceArn": f"arn:aws:ses:{REGION}:{OWNER}:receipt-rule-set/*:receipt-rule/r"},
            },
        },
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ],
}
ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/stack-Role-1A2B3C"
SOUND = {
    "cloudformation:DescribeStacks": StackState(
        stack_id="arn:stack",
        status="CREATE_COMPLETE",
        outputs={"ConfigurationSetName": "set", "RoleArn": ROLE},
        parameters={},
        drift_status=None,
    ),
    "cloudformation:ListStackResources": tuple(
        StackResource(name=name, kind="x", physical_id=called, status="CREATE_COMPLETE")
        for name, called in PARTS.items()
    ),
    "iam:ListRolePolicies": (ACCESS_POLICY,),
    "iam:ListAttachedRolePolicies": (),
    "iam:GetRolePolicy": permission_policy(packs_of(VENDOR), lambda text: text.replace("${", "").replace("}", "")),
    "iam:SimulatePrincipalPolicy": (
        Simulated(action="ses:SendEmail", decision="allowed", organization=True, boundary=None, guessed=False),
    ),
    "lambda:GetFunction": FunctionState(state="Active", last_update="Successful", reserved=None),
    "s3:GetBucketNotification": (
        Notice(
            function=f"arn:aws:lambda:{REGION}:{OWNER}:function:fn", events=frozenset({"s3:ObjectCreated:*"}), keys=()
        ),
    ),
    "s3:GetBucketPolicy": json.dumps(POLICY),
    "s3:GetBucketPublicAccessBlock": frozenset(BLOCKS),
    "s3:GetEncryptionConfiguration": ("AES256",),
    "s3:GetLifecycleConfiguration": (),
    "ses:DescribeActiveReceiptRuleSet": ActiveRules(
        name="s", rules=(ReceiptRule(name="r", enabled=True, recipients=(), places=(("b", "inbound/"),), stops=False),)
    ),
    "ses:GetConfigurationSetEventDestinations": tuple(
        EventDestination(name=event, enabled=True, event_types=frozenset({event.upper()}), topic_arn=arn)
        for event, arn in ARNS.items()
    ),
    "ses:GetEmailIdentity": IdentityState(
        verified=True, dkim="SUCCESS", signs=True, mail_from=None, mail_from_status=None
    ),
    "ses:ListEmailIdentities": Identities(names=("a.example",), more=False),
    "sns:GetSubscriptionAttributes": SubscriptionSettings(pending=False, raw=False, filtered=False),
    "sns:ListSubscriptionsByTopic": (
        Subscription(protocol="https", endpoint=str(MAILMARK.sending_webhook_url), owner=OWNER, arn="arn:s"),
    ),
    "sqs:GetQueueAttributes": 0,
}
OF_THE_SCENE = {
    "sts:GetCallerIdentity": "session_caller",
    "ses:GetAccount": "ses",
    "ses:GetAccountSendingEnabled": "sending_enabled",
    "ses:GetSendQuota": "quota",
    "iam:GetRole": "trust",
}
OURS = ("credentials", "sts:GetCallerIdentity as ourselves", "sts:AssumeRole")
BY_KEYS = ("ses:SendEmail by keys", "ses:GetEmailIdentity by keys", "sts:GetCallerIdentity by keys")
PLACES = (*OURS, *SOUND, *OF_THE_SCENE, *BY_KEYS)

NOT_TOLD: set[tuple[str, str]] = {
    # Removed since it was listed, which is no failure of the account.
    ("F143", "ses:GetEmailIdentity"),
    # That there is no such identity shows that the keys may ask for it; that SES would not send, that they may send.
    ("F143", "ses:GetEmailIdentity by keys"),
    ("F132", "ses:SendEmail by keys"),
}
"""Where an answer is what the probe hopes for, or needs no telling."""
HARMLESS = {*NOT_TOLD, *((code, "iam:GetRole") for code in ("F123", "F124", "F125"))}
"""Where the account may be verified all the same: that the trust policy cannot be read is a warning."""

OF_THE_KEYS = {(code, "sts:GetCallerIdentity by keys") for code in ("F122", "F153")}
"""Where keys are what is verified: that AWS does not take them is an answer, and not a fault of ours."""

# What an entry without a code of AWS's is met by.
WITHOUT_CODE = {
    "F115": NoCredentialsError(),
    "F151": ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "x"),
    "F152": ConnectTimeoutError(endpoint_url="https://sts.amazonaws.com"),
    "F153": ClientError({"Error": {"Code": "InvalidIdentityToken", "Message": "x"}}, "x"),
    "F154": ClientError({"Error": {"Code": "ValidationError", "Message": "1 validation error detected"}}, "x"),
}


def met(failure: Failure, aws_code: str, place: str) -> AwsError:
    """What the edge makes of the failure's example there."""
    operation = place.partition(" ")[0]
    answer = {"Error": {"Code": aws_code, "Message": failure.example}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    error = translated(operation, WITHOUT_CODE.get(failure.code) or ClientError(answer, "x"))
    if place == "credentials":
        return as_credentials_error(error)
    home = Home.STS if operation.startswith(("sts:", "iam:", "credentials")) else Home.REGION
    return known_there(error, REGION) if home is Home.REGION else error


@cache
def cases() -> tuple[tuple[Failure, str, str], ...]:
    return tuple(_cases())


def _cases() -> Iterator[tuple[Failure, str, str]]:
    for failure in failures():
        for place in PLACES:
            for aws_code in sorted(failure.aws_codes) or [""]:
                found = failure_of(met(failure, aws_code, place))
                if found is not None and found.code == failure.code:
                    yield failure, aws_code, place
                    break  # the codes of an entry are of one kind, and tests/facts tries each


@pytest.fixture
def verified(new_scene: Callable[..., Any]) -> Callable[..., VerificationReport]:
    """Verify a sound account of which one answer is an error."""

    def verify(place: str = "", error: AwsError | None = None) -> VerificationReport:
        by_keys = place.endswith("by keys")
        scene = new_scene(vendor=SELFMX if by_keys else VENDOR)
        operation = place.partition(" ")[0]
        if not by_keys:
            scene.answers = dict(SOUND)
        if place == "sts:AssumeRole":
            scene.without = scene.wrong = scene.right = [error]
        elif place in OURS:
            scene.caller = error
        elif operation in OF_THE_SCENE:
            setattr(scene, OF_THE_SCENE[operation], error)
        elif place:
            scene.answers[operation] = error
        report: VerificationReport = scene.run_by_keys() if by_keys else scene.run()
        return report

    return verify


def test_the_account_is_sound_and_every_place_is_asked(verified: Any, new_scene: Any) -> None:
    report = verified()
    assert {probe.status for probe in report.probes} == {Status.PASS}
    scene = new_scene(vendor=VENDOR)
    scene.answers = dict(SOUND)
    scene.run()
    assert {question.action for question in scene.questions} == {*SOUND, *OF_THE_SCENE}


def test_every_entry_is_met_somewhere() -> None:
    assert {failure.code for failure, _, _ in cases()} == {failure.code for failure in failures()}


WORST = {"unknown": {Verdict.UNKNOWN}, "failed": {Verdict.UNKNOWN, Verdict.FAILED}}


@pytest.mark.parametrize("failure", failures(), ids=lambda failure: failure.code)
def test_the_account_is_judged_no_worse_than_the_entry_says(verified: Any, failure: Failure) -> None:
    for _, aws_code, place in (case for case in cases() if case[0] is failure):
        report = verified(place, met(failure, aws_code, place))
        where = f"{aws_code or failure.kinds} at {place}: {report.verdict}"
        allowed = WORST["failed" if (failure.code, place) in OF_THE_KEYS else failure.verdict]
        allowed = allowed | ({Verdict.VERIFIED} if (failure.code, place) in HARMLESS else set())
        assert report.verdict in allowed, where
        told = {probe.evidence.get("failure") for probe in report.probes}
        assert failure.code in told or (failure.code, place) in NOT_TOLD, f"{where}, {told}"


def test_a_failure_of_the_vendors_own_fails_nobody(verified: Any) -> None:
    """Whatever the catalogue says: what byoaws could not do itself is UNKNOWN, and every other probe is skipped."""
    for failure, aws_code, place in cases():
        if place in OURS[:2]:
            report = verified(place, met(failure, aws_code, place))
            assert not [probe for probe in report.probes if probe.status in (Status.FAIL, Status.WARN)], place
