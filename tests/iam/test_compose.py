"""Packs put together, judged by the evaluator: what the vendor's role may do, and above all what it may not."""

import json
from dataclasses import replace

import pytest

from byoaws.errors import PolicyError, UnknownName
from byoaws.flows.policy import Where, permissions
from byoaws.iam import compose
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import aws_principal
from byoaws.packs import Grant, Pack, PackStatement
from byoaws.vendor_model import Inbound
from byoaws.vendors.file import load_vendor

ACCOUNT, REGION = "444455556666", "eu-west-1"
MAILMARK = load_vendor("mailmark", {})
VENDOR = replace(MAILMARK, packs=(*MAILMARK.packs, "webhook-secret-read"))
DOCUMENT = permissions(VENDOR, Where(region=REGION, account_id=ACCOUNT))
BUCKET, OTHER = f"mailmark-1a2b3c4d-{ACCOUNT}-{REGION}-an", f"acme-1a2b3c4d-{ACCOUNT}-{REGION}-an"
SES = f"arn:aws:ses:{REGION}:{ACCOUNT}:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
OURS = {"aws:ResourceTag/byoaws:vendor": "mailmark"}

ALLOWED = {
    "account": ("ses:GetAccount", "*", {}),
    "send": ("ses:SendEmail", f"{SES}identity/example.com", {}),
    "send through its set": ("ses:SendRawEmail", f"{SES}configuration-set/mailmark-1a2b3c4d", {}),
    "new domain": ("ses:CreateEmailIdentity", f"{SES}identity/example.com", {}),
    "remove own domain": ("ses:DeleteEmailIdentity", f"{SES}identity/example.com", OURS),
    "read mail": ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/inbound/x", {}),
    "list mail": ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", {}),
    "read itself": ("iam:GetRole", f"{ROLE}/byoaws/mailmark/mailmark-byo-aws-AccessRole-A1", {}),
    "read its secret": ("secretsmanager:GetSecretValue", f"{SECRET}WebhookSigningSecret-A1-XyZ123", {}),
}
REFUSED = {
    "another stack's mail": ("s3:GetObject", f"arn:aws:s3:::{OTHER}/inbound/x", {}),
    "what is no mail": ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/private/x", {}),
    "write mail": ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/inbound/x", {}),
    "delete mail": ("s3:DeleteObject", f"arn:aws:s3:::{BUCKET}/inbound/x", {}),
    "change the bucket's policy": ("s3:PutBucketPolicy", f"arn:aws:s3:::{BUCKET}", {}),
    "list another bucket": ("s3:ListBucket", "arn:aws:s3:::payroll", {}),
    "another secret": ("secretsmanager:GetSecretValue", f"{SECRET}payroll-XyZ123", {}),
    "another region's secret": (
        "secretsmanager:GetSecretValue",
        f"{SECRET.replace(REGION, 'us-east-1')}WebhookSigningSecret-A1-XyZ123",
        {},
    ),
    "change its secret": ("secretsmanager:PutSecretValue", f"{SECRET}WebhookSigningSecret-A1-XyZ123", {}),
    "pass a role": ("iam:PassRole", f"{ROLE}/byoaws/mailmark/functions/x", {}),
    "change itself": ("iam:PutRolePolicy", f"{ROLE}/byoaws/mailmark/mailmark-byo-aws-AccessRole-A1", {}),
    "open itself": ("iam:UpdateAssumeRolePolicy", f"{ROLE}/byoaws/mailmark/mailmark-byo-aws-AccessRole-A1", {}),
    "read another role": ("iam:GetRole", f"{ROLE}/Administrator", {}),
    "make a user": ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/x", {}),
    "become another role": ("sts:AssumeRole", f"{ROLE}/Administrator", {}),
    "remove a domain that it did not make": ("ses:DeleteEmailIdentity", f"{SES}identity/example.com", {}),
    "remove another vendor's domain": (
        "ses:DeleteEmailIdentity",
        f"{SES}identity/example.com",
        {"aws:ResourceTag/byoaws:vendor": "acme"},
    ),
    "another configuration set": ("ses:SendEmail", f"{SES}configuration-set/payroll", {}),
    "another region's identity": ("ses:SendEmail", f"arn:aws:ses:us-east-1:{ACCOUNT}:identity/example.com", {}),
    "another account's identity": ("ses:SendEmail", f"arn:aws:ses:{REGION}:999999999999:identity/example.com", {}),
    "receipt rules": ("ses:SetActiveReceiptRuleSet", "*", {}),
    "production access": ("ses:PutAccountDetails", "*", {}),
    "the function": ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:mailmark-x", {}),
    "the stack": ("cloudformation:UpdateStack", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/mailmark/1", {}),
}


def outcome(action: str, resource: str, context: dict[str, str]) -> Outcome:
    caller = aws_principal(f"{ROLE}/byoaws/mailmark/x")
    return evaluate(
        parse(DOCUMENT), Request(principal=caller, action=action, resource=resource, context=context, may_have=())
    ).outcome


@pytest.mark.parametrize(("action", "resource", "context"), ALLOWED.values(), ids=ALLOWED)
def test_the_role_may(action: str, resource: str, context: dict[str, str]) -> None:
    assert outcome(action, resource, context) is Outcome.ALLOW


@pytest.mark.parametrize(("action", "resource", "context"), REFUSED.values(), ids=REFUSED)
def test_the_role_may_not(action: str, resource: str, context: dict[str, str]) -> None:
    assert outcome(action, resource, context) is Outcome.IMPLICIT_DENY


def test_the_document_survives_being_read_and_written() -> None:
    read = parse(json.dumps(DOCUMENT))
    assert parse(read.to_json()) == read


def test_a_name_that_the_stack_does_not_make() -> None:
    with pytest.raises(PolicyError, match="needs 'stack:bucket', which no block of this stack makes"):
        compose.substitute("arn:aws:s3:::${stack:bucket}", {})


def test_an_unknown_pack() -> None:
    with pytest.raises(UnknownName, match="no permission pack named 'ses-sned'"):
        compose.load_pack("ses-sned")
    with pytest.raises(UnknownName):
        compose.load_pack("../vendors/mailmark")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ({"a": "b c"}, len('{"a":"bc"}')),
        ({"a": ["b", "c"]}, len('{"a":["b","c"]}')),
        ({"a": "\u00a0"}, len('{"a":"\\u00a0"}')),
    ],
)
def test_white_space_does_not_count(text: dict, size: int) -> None:
    assert compose.policy_size(text) == size


def test_a_policy_at_the_limit_and_one_character_over() -> None:
    room = compose.INLINE_LIMIT - compose.policy_size({"a": ""})
    compose.check_size({"a": "x" * room})
    with pytest.raises(PolicyError, match=r"has 10,241 characters without white space; AWS allows 10,240"):
        compose.check_size({"a": "x" * (room + 1)})


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"action": "s3:*", "reason": "r"}, "wildcards are not allowed"),
        ({"action": "*", "reason": "r"}, "wildcards are not allowed"),
        ({"action": "s3:Get?bject", "reason": "r"}, "wildcards are not allowed"),
        ({"reason": "r"}, "'' is not one action"),
        ({"action": "s3:GetObject"}, "has no reason"),
        ({"action": "s3:GetObject", "reason": " "}, "has no reason"),
    ],
)
def test_a_pack_that_breaks_our_rules(entry: dict[str, str], why: str) -> None:
    with pytest.raises(PolicyError, match=why.replace("*", r"\*")):
        compose._statement("p", {"sid": "S", "actions": [entry], "resources": ["*"]})


def _own(sid: str) -> Pack:
    grant = Grant(action="cloudwatch:GetMetricData", reason="Draw.")
    statement = PackStatement(sid=sid, grants=(grant,), resources=("*",), condition=None)
    return Pack(name="metrics-read", title="Read metrics", statements=(statement,))


def test_a_pack_of_the_vendors_own_is_put_beside_the_others() -> None:
    document = compose.permission_policy(["self-read", _own("ReadMetrics")], lambda text: text)
    assert [statement["Sid"] for statement in document["Statement"]] == ["ReadOwnTrustPolicy", "ReadMetrics"]
    assert compose.actions([_own("ReadMetrics")]) == {"cloudwatch:GetMetricData": "Draw."}


def test_two_statements_of_one_sid_are_refused() -> None:
    """IAM would refuse the policy, but only while the customer creates the stack."""
    with pytest.raises(PolicyError, match="another statement has the sid 'ReadOwnTrustPolicy' as well"):
        compose.permission_policy(["self-read", _own("ReadOwnTrustPolicy")], lambda text: text)


@pytest.mark.parametrize(
    ("way", "kept", "left"),
    [
        (Inbound.RECEIPT_RULES, {"ReadReceiptRules", "ReadSetupFunction"}, {"ReadMailManager"}),
        (Inbound.MAIL_MANAGER, {"ReadMailManager"}, {"ReadReceiptRules", "ReadSetupFunction"}),
    ],
)
def test_a_statement_about_one_way_of_receiving_is_left_out_with_the_other(
    way: Inbound, kept: set[str], left: set[str]
) -> None:
    vendor = replace(load_vendor("mailmark", {}), packs=("drift-read",), inbound=way)
    sids = {statement.sid for pack in compose.packs_of(vendor) for statement in pack.statements}
    assert kept <= sids
    assert not left & sids
    assert "ReadRegistrationFunction" not in sids
