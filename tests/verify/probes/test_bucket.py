"""The stack's bucket, spoilt in one way at a time: whose it is, who gets in, who hears of mail, what takes it away."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.aws import bucket_questions as questions
from byoaws.aws.bucket_questions import BLOCKS, Lifecycle, Notice
from byoaws.aws.inbound_questions import ActiveRules, ReceiptRule
from byoaws.aws.stack_questions import StackResource, StackState
from byoaws.errors import AccessDenied, AwsError, InvalidRequest, NotFound, Throttled, Unreachable
from byoaws.model import Status
from byoaws.templates.names import FORWARDER, INBOUND_BUCKET
from byoaws.vendor_model import Inbound
from byoaws.vendors.file import load_vendor

OWNER = "444455556666"
BUCKET = "mailmark-x-444455556666-eu-west-1-an"
ARN = f"arn:aws:s3:::{BUCKET}"
VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
STORE = {
    "Sid": "SesMayStoreMail",
    "Effect": "Allow",
    "Principal": {"Service": "ses.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": f"{ARN}/inbound/*",
    "Condition": {
        "StringEquals": {"aws:SourceAccount": OWNER},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ses:eu-west-1:{OWNER}:receipt-rule-set/*:receipt-rule/mailmark-x"},
    },
}
TLS = {
    "Sid": "OnlyOverTls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [ARN, f"{ARN}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
TOLD = Notice(
    function=f"arn:aws:lambda:eu-west-1:{OWNER}:function:fn",
    events=frozenset({"s3:ObjectCreated:*"}),
    keys=(("prefix", "inbound/"),),
)
RULES = ActiveRules(
    name="main",
    rules=(ReceiptRule(name="mailmark-x", enabled=True, recipients=(), places=((BUCKET, "inbound/"),), stops=False),),
)
EXPIRES = Lifecycle(name="tidy\x1b[2J", enabled=True, prefix="", ends=("Expiration",))


def part(name: str, physical_id: str) -> StackResource:
    return StackResource(name=name, kind="x", physical_id=physical_id, status="CREATE_COMPLETE")


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements, TLS]})


SOUND = {
    "cloudformation:DescribeStacks": StackState(
        stack_id="arn:stack", status="CREATE_COMPLETE", outputs={}, parameters={}, drift_status=None
    ),
    "cloudformation:ListStackResources": (part(INBOUND_BUCKET, BUCKET), part(FORWARDER, "fn")),
    "ses:DescribeActiveReceiptRuleSet": RULES,
    "s3:GetBucketPolicy": policy(STORE),
    "s3:GetBucketPublicAccessBlock": frozenset(BLOCKS),
    "s3:GetEncryptionConfiguration": ("AES256",),
    "s3:GetBucketNotification": (TOLD,),
    "s3:GetLifecycleConfiguration": (),
}


def none_of(code: str) -> AwsError:
    return NotFound("x", operation="s3:Get", code=code)


@pytest.fixture
def judged(new_scene: Any) -> Any:
    def judge(changes: dict[str, Any] | None = None, vendor: Any = VENDOR) -> Any:
        made = new_scene(vendor=vendor)
        made.answers = SOUND | (changes or {})
        judge.asked = made.questions
        return made.ask("bucket")

    return judge


def test_all_of_it(judged: Any) -> None:
    result = judged()
    assert (result.status, result.evidence["expires"], result.evidence["problems"]) == (Status.PASS, False, [])


def test_each_call_names_the_account_that_must_own_it(judged: Any) -> None:
    """A bucket that somebody else holds under that name must not be taken for the customer's."""
    judged()
    asked = [question.request for question in judged.asked if question.service == "s3"]
    assert len(asked) == 5
    assert all(request == {"Bucket": BUCKET, "ExpectedBucketOwner": OWNER} for request in asked)


ELSEWHERE = {
    "nobody": replace(TOLD, events=frozenset({"s3:ObjectRemoved:*"})),
    "another function": replace(TOLD, function=f"{TOLD.function}2"),
    "a function of that name elsewhere": replace(TOLD, function="arn:aws:lambda:eu-west-1:999999999999:function:fn"),
    "some of it": replace(TOLD, keys=(("prefix", "inbound/x"),)),
    "what ends so": replace(TOLD, keys=(("suffix", ".eml"),)),
}
NAMED = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{ARN}/*"}
STRANGERS = {
    "anyone": {**NAMED, "Principal": "*"},
    "any account": {**NAMED, "Principal": {"AWS": "*"}},
    "another account": {**NAMED, "Principal": {"AWS": "arn:aws:iam::999999999999:root"}},
    "the vendor": {**NAMED, "Principal": {"AWS": "111122223333"}},
    "a role of another": {**NAMED, "Principal": {"AWS": "arn:aws:iam::999999999999:role/x"}},
    "a writer": {**NAMED, "Principal": "*", "Action": "s3:PutObject"},
    "who lists": {**NAMED, "Principal": "*", "Action": "s3:ListBucket", "Resource": ARN},
    "a service": {**NAMED, "Principal": {"Service": "cloudtrail.amazonaws.com"}},
    "all but one": {**{key: NAMED[key] for key in ("Effect", "Resource")}, "Principal": "*", "NotAction": "s3:x"},
    "an organization": {**NAMED, "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}},
    "an address": {**NAMED, "Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
}
BROKEN = {
    "no bucket": ({"cloudformation:ListStackResources": ()}, "has no bucket"),
    "bucket is gone": ({"s3:GetBucketPolicy": NotFound("x", operation="o", code="NoSuchBucket")}, "is gone"),
    "no policy": ({"s3:GetBucketPolicy": none_of("NoSuchBucketPolicy")}, "SES may not store"),
    "policy without ses": ({"s3:GetBucketPolicy": policy()}, "SES may not store"),
    "ses of another account": (
        {"s3:GetBucketPolicy": policy({**STORE, "Condition": {"StringEquals": {"aws:SourceAccount": "9" * 12}}})},
        "SES may not store",
    ),
    "ses for another rule": (
        {"ses:DescribeActiveReceiptRuleSet": replace(RULES, rules=(replace(RULES.rules[0], name="renamed"),))},
        "SES may not store",
    ),
    "ses below another prefix": (
        {"s3:GetBucketPolicy": policy({**STORE, "Resource": f"{ARN}/mail/*"})},
        "SES may not store",
    ),
    "ses denied": (
        {"s3:GetBucketPolicy": policy(STORE, {**STORE, "Effect": "Deny", "Sid": "x", "Condition": {}})},
        "SES may not store",
    ),
    **{f"tells {name}": ({"s3:GetBucketNotification": (one,)}, "not tell") for name, one in ELSEWHERE.items()},
    "tells nobody": ({"s3:GetBucketNotification": ()}, "not tell"),
    **{f"open to {name}": ({"s3:GetBucketPolicy": policy(STORE, one)}, "others") for name, one in STRANGERS.items()},
    **{
        code: ({"s3:GetEncryptionConfiguration": InvalidRequest("x", operation="s3:G", code=code)}, "not in eu-west-1")
        for code in ("PermanentRedirect", "AuthorizationHeaderMalformed", "301")
    },
}


@pytest.mark.parametrize(("changes", "words"), BROKEN.values(), ids=BROKEN)
def test_what_breaks_it_is_named(judged: Any, changes: dict[str, Any], words: str) -> None:
    result = judged(changes)
    assert (result.status, result.opens_for_others) == (Status.FAIL, False)
    assert words in result.summary
    assert result.fix


HARM = {
    "no block": ({"s3:GetBucketPublicAccessBlock": none_of("NoSuchPublicAccessBlockConfiguration")}, "BlockPublicAcls"),
    "half a block": ({"s3:GetBucketPublicAccessBlock": frozenset(BLOCKS[1:])}, "not blocked (BlockPublicAcls)"),
    "a key of its own": ({"s3:GetEncryptionConfiguration": ("aws:kms",)}, "encrypted by aws:kms"),
    "mail goes away": ({"s3:GetLifecycleConfiguration": (EXPIRES,)}, "takes mail away"),
    "mail of others": (
        {"s3:GetBucketPolicy": policy({key: value for key, value in STORE.items() if key != "Condition"})},
        "mail of other accounts",
    ),
}


@pytest.mark.parametrize(("changes", "words"), HARM.values(), ids=HARM)
def test_what_works_and_does_harm_is_a_warning(judged: Any, changes: dict[str, Any], words: str) -> None:
    result = judged(changes)
    assert result.status is Status.WARN
    assert words in result.summary
    assert result.fix
    assert result.evidence["expires"] is ("s3:GetLifecycleConfiguration" in changes)
    assert "\x1b" not in str(result)


HARMLESS = {
    "another prefix": {"s3:GetLifecycleConfiguration": (replace(EXPIRES, prefix="logs/"),)},
    "a rule that is off": {"s3:GetLifecycleConfiguration": (replace(EXPIRES, enabled=False),)},
    "only tidying": {"s3:GetLifecycleConfiguration": (replace(EXPIRES, ends=()),)},
    "no lifecycle": {"s3:GetLifecycleConfiguration": none_of("NoSuchLifecycleConfiguration")},
    "s3's own encryption": {"s3:GetEncryptionConfiguration": none_of("ServerSideEncryptionConfigurationNotFoundError")},
    "every key": {"s3:GetBucketNotification": (replace(TOLD, keys=()), replace(TOLD, function="arn:x"))},
    "the customer's own role": {
        "s3:GetBucketPolicy": policy(STORE, {**NAMED, "Principal": {"AWS": f"arn:aws:iam::{OWNER}:role/audit"}})
    },
    "the outdated condition": {
        "s3:GetBucketPolicy": policy({**STORE, "Condition": {"StringEquals": {"aws:Referer": OWNER}}})
    },
    "no forwarder": {
        "cloudformation:ListStackResources": (part(INBOUND_BUCKET, BUCKET),),
        "s3:GetBucketNotification": (),
    },
    "no rule, which another probe says": {"ses:DescribeActiveReceiptRuleSet": ActiveRules(name=None, rules=())},
}


@pytest.mark.parametrize("changes", HARMLESS.values(), ids=HARMLESS)
def test_what_does_no_harm(judged: Any, changes: dict[str, Any]) -> None:
    assert judged(changes).status is Status.PASS


def test_mail_manager_writes_by_a_role_of_its_own(judged: Any) -> None:
    result = judged({"s3:GetBucketPolicy": policy()}, vendor=replace(VENDOR, inbound=Inbound.MAIL_MANAGER))
    assert result.status is Status.PASS
    assert "ses:DescribeActiveReceiptRuleSet" not in [question.action for question in judged.asked]


@pytest.mark.parametrize(
    "document",
    ["{", '{"Statement": 1}', policy({**STORE, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}})],
    ids=["no json", "no policy", "a condition nobody knows"],
)
def test_a_policy_that_cannot_be_judged_is_no_pass(judged: Any, document: str) -> None:
    assert judged({"s3:GetBucketPolicy": document}).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("error", "packs", "status"),
    [
        (AccessDenied, (), Status.UNKNOWN),
        (AccessDenied, ("drift-read",), Status.UNKNOWN),
        (Throttled, ("drift-read",), Status.UNKNOWN),
        (Unreachable, ("drift-read",), Status.UNKNOWN),
    ],
)
@pytest.mark.parametrize("action", SOUND)
def test_what_aws_does_not_say_is_no_pass(
    judged: Any, action: str, error: type[AwsError], packs: tuple[str, ...], status: Status
) -> None:
    vendor = replace(VENDOR, packs=(*VENDOR.packs, *packs))
    result = judged({action: error("x", operation=action)}, vendor=vendor)
    assert result.status is status
    if error is AccessDenied and action.startswith("s3:"):
        assert "took its name" in result.causes[-1]  # S3 says no more than that of another's bucket


# What S3 answers ------------------------------------------------------------------------------------------------------

ASK = {
    "policy": questions.bucket_policy,
    "block": questions.public_access_block,
    "encryption": questions.encryption,
    "notices": questions.notices,
    "lifecycles": questions.lifecycles,
}


def read(name: str, answer: dict[str, Any]) -> Any:
    question = ASK[name]("b", OWNER)
    return question.read(answer, question.action)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("policy", {}),
        ("block", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": "true"}}),
        ("encryption", {"ServerSideEncryptionConfiguration": {"Rules": ["x"]}}),
        ("encryption", {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": 1}]}}),
        ("notices", {"LambdaFunctionConfigurations": [{"Events": []}]}),
        ("notices", {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": "a", "Events": [1]}]}),
        ("lifecycles", {"Rules": [{"Expiration": {"Days": 1}}]}),
    ],
)
def test_an_odd_answer_is_no_answer(name: str, answer: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        read(name, answer)


def test_what_s3_says_of_a_sound_bucket() -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    told = {
        "LambdaFunctionArn": "a",
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "inbound/"}]}},
    }
    assert read("block", {"PublicAccessBlockConfiguration": dict.fromkeys(BLOCKS, True)}) == frozenset(BLOCKS)
    assert read("block", {}) == frozenset()
    assert read("encryption", {"ServerSideEncryptionConfiguration": {"Rules": [rule, {}]}}) == ("AES256",)
    assert read("notices", {"LambdaFunctionConfigurations": [told]}) == (
        Notice(function="a", events=frozenset({"s3:ObjectCreated:*"}), keys=(("prefix", "inbound/"),)),
    )


@pytest.mark.parametrize(
    ("rule", "prefix", "ends"),
    [
        ({"Expiration": {"Days": 3}, "Filter": {"Prefix": "a/"}}, "a/", ("Expiration",)),
        ({"Expiration": {"Days": 3}, "Prefix": "b/"}, "b/", ("Expiration",)),
        ({"Transitions": [{"Days": 3}], "Filter": {"And": {"Prefix": "c/"}}}, "c/", ("Transitions",)),
        ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, "", ()),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Filter": {}}, "", ()),
    ],
    ids=["filter", "rule", "and", "markers only", "uploads only"],
)
def test_what_a_rule_takes_away(rule: dict[str, Any], prefix: str, ends: tuple[str, ...]) -> None:
    (found,) = read("lifecycles", {"Rules": [{"Status": "Enabled", **rule}]})
    assert (found.prefix, found.ends, found.enabled) == (prefix, ends, True)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("encryption", {}),
        ("encryption", {"ServerSideEncryptionConfiguration": {}}),
        ("lifecycles", {}),
        ("lifecycles", {"Rules": []}),
    ],
)
def test_attack_an_answer_without_rules_is_not_a_bucket_without_rules(name: str, answer: dict[str, Any]) -> None:
    """S3 says by an error that a bucket has none. An empty 200 is not S3's, and passed for mail that is kept."""
    with pytest.raises(Unreachable):
        read(name, answer)


def test_attack_a_404_that_aws_did_not_say_fails_nobody(judged: Any, bare_404: Callable[[str], NotFound]) -> None:
    assert judged({"s3:GetBucketPolicy": bare_404("s3:GetBucketPolicy")}).status is Status.UNKNOWN
