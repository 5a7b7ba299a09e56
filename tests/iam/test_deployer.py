"""The deployer's policy against AWS's own tables: the handlers' permissions in the resource schemas and the actions of
the Service Authorization Reference, both as cfn-lint ships them; and who may do what, by the evaluator.
"""

import functools
import importlib.resources
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from byoaws import libyaml
from byoaws.errors import PolicyError
from byoaws.flows import policy
from byoaws.iam.compose import actions, load_pack, pack_names, substitute
from byoaws.iam.deployer import actions_by_type, deployer_policy
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import aws_principal
from byoaws.templates.stack import build
from byoaws.vendor_model import SecretMode
from byoaws.vendors.file import load_vendor

TABLE = actions_by_type()
TYPES = sorted(name for name in TABLE if name.startswith("AWS::"))
ACTIONS = json.loads(importlib.resources.files("cfnlint").joinpath("data/AdditionalSpecs/Policies.json").read_text())
UNUSED = libyaml.load((Path(__file__).parents[1] / "data" / "deployer_unused.yaml").read_text())
VENDOR = load_vendor("mailmark", {"MAILMARK_CFN_TEMPLATE_URL": "https://acme-cfn.s3.us-east-1.amazonaws.com/a/t.yaml"})
ACCOUNT, REGION = "444455556666", "eu-west-1"
WHERE = policy.Where(region=REGION, account_id=ACCOUNT)
NAMES = policy.names_on_paper(VENDOR, WHERE)
TEMPLATE = build(VENDOR)
DOCUMENT = policy.deployer(VENDOR, WHERE)


NO_HANDLERS = {"AWS::CloudFormation::CustomResource", "AWS::IAM::AccessKey"}
"""Types whose schemas publish no permissions."""
WORD_FOR_WORD = {"sendfleet-byoc", "selfmx-send-only", "selfmx-full"}
"""Packs that are what these vendors' pages tell customers to paste, `Resource: *` included."""


def granted(kind: str) -> set[str]:
    return {action for entry in TABLE[kind] for action in entry["actions"]}


def handlers(kind: str) -> dict[str, set[str]]:
    """What AWS's handlers of a resource type may call, by handler; empty for what has none."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return {name: set(handler.get("permissions", [])) for name, handler in schema.get("handlers", {}).items()}


def known(action: str) -> dict[str, Any] | None:
    service, _, name = action.partition(":")
    found: dict[str, Any] | None = ACTIONS[service]["Actions"].get(name.lower())
    return found


@pytest.mark.parametrize("kind", sorted({*TYPES} - NO_HANDLERS))
def test_the_policy_is_what_the_handlers_call_less_what_our_properties_never_use(kind: str) -> None:
    published = handlers(kind)
    assert granted(kind) <= set().union(*published.values())
    needed = set().union(*(published.get(name, set()) for name in ("create", "update", "delete")))
    unused = {action for actions in UNUSED.get(kind, {}).values() for action in actions}
    # PassRole stands in an entry of its own, limited to the functions' roles.
    passed = {"iam:PassRole"} if kind == "AWS::Lambda::Function" else set()
    assert needed - granted(kind) - passed == unused


@pytest.mark.parametrize("kind", UNUSED)
def test_no_template_uses_a_property_that_would_need_more(kind: str) -> None:
    for mode in SecretMode:
        for item in build(variant(mode))["Resources"].values():
            if item["Type"] == kind:
                for path in UNUSED[kind]:
                    assert not reaches(item.get("Properties", {}), path), path


def variant(mode: SecretMode) -> Any:
    from dataclasses import replace

    stack = replace(VENDOR.stack, blocks=(*VENDOR.stack.blocks, "identity"))
    return replace(VENDOR, webhook_secret=mode, packs=(*VENDOR.packs, "webhook-secret-read"), stack=stack)


def reaches(properties: Any, path: str) -> bool:
    for key in path.split("."):
        if key not in properties:
            return False
        properties = properties[key]
    return True


def every_action() -> Iterator[tuple[str, list[str]]]:
    """Every action of the deployer's table, the packs and the functions' own roles, with its resources."""
    for entries in TABLE.values():
        for entry in entries:
            yield from ((action, entry["resources"]) for action in entry["actions"])
    for name in sorted({*pack_names()} - WORD_FOR_WORD):
        for statement in load_pack(name).statements:
            yield from ((grant.action, list(statement.resources)) for grant in statement.grants)
    for item in TEMPLATE["Resources"].values():
        for inline in item.get("Properties", {}).get("Policies", []):
            for statement in inline["PolicyDocument"]["Statement"]:
                named = statement["Action"]
                resource = "*" if statement["Resource"] == "*" else "narrow"
                yield from ((action, [resource]) for action in ([named] if isinstance(named, str) else named))


@functools.cache
def operations(service: str) -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_service_model(service).operation_names)


@pytest.mark.parametrize(
    "action", sorted({action for action, _ in every_action()} | {*actions(WORD_FOR_WORD), "sts:AssumeRole"})
)
def test_the_action_exists(action: str) -> None:
    assert known(action) is not None
    # Spelt as the API spells it, too, where it is a call and not a permission alone.
    service, _, name = action.partition(":")
    models = {"ses": ("ses", "sesv2", "mailmanager"), "s3": ("s3", "s3control")}.get(service, (service,))
    if name not in {name for model in models for name in operations(model)}:
        assert action in PERMISSION_ONLY


# Actions that are no API call by that name. Source: Service Authorization Reference; S3 user guide, "Required
# permissions for Amazon S3 API operations".
PERMISSION_ONLY = {
    "s3:GetBucketPublicAccessBlock",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "iam:PassRole",
    "lambda:InvokeFunction",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:PutBucketNotification",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
}


def test_an_action_that_does_not_exist_would_have_been_found() -> None:
    assert known("ses:GetAcount") is None


def test_actions_that_take_no_resource_are_allowed_on_all_and_no_others_are() -> None:
    """A list call narrowed to a resource is refused by AWS; a narrow one left wide is a gift."""
    both_apis = operations("ses")
    for action, resources in every_action():
        takes = bool((known(action) or {}).get("Resources"))
        if resources == ["*"] and takes:
            # SES's v1 API takes no resource for names that both APIs have; a stack that does not exist has no ARN.
            assert action == "cloudformation:GetTemplateSummary" or action.removeprefix("ses:") in both_apis, action
        if not takes:
            assert resources == ["*"], action


# Calls that CloudFormation makes for the Mailmark stack, on names that AWS gives: logical name and a random end.
STACK = "mailmark-byo-aws"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/byoaws/mailmark/"
CALLS = {
    "stack": ("cloudformation:CreateStack", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/1a2b"),
    "summary": ("cloudformation:GetTemplateSummary", "*"),
    "template": ("s3:GetObject", "arn:aws:s3:::acme-cfn/a/t.yaml"),
    "role": ("iam:CreateRole", f"{ROLE}{STACK}-AccessRole-A1B2"),
    "function's role": ("iam:CreateRole", f"{ROLE}functions/{STACK}-ForwarderRole-A1B2"),
    "role's policy": ("iam:PutRolePolicy", f"{ROLE}{STACK}-AccessRole-A1B2"),
    "pass role": ("iam:PassRole", f"{ROLE}functions/{STACK}-ForwarderRole-A1B2"),
    "function": ("lambda:CreateFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-Setup-A1"),
    "permission": ("lambda:AddPermission", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-Forwarder-A1"),
    "retries": ("lambda:PutFunctionEventInvokeConfig", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-F-A1"),
    "custom resource": ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-Setup-A1"),
    "log group": ("logs:CreateLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{STACK}-Logs-A1"),
    # The ARN in AWS's own refusals: no log group in it.
    "log groups": ("logs:DescribeLogGroups", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group::log-stream:"),
    "bucket": ("s3:CreateBucket", f"arn:aws:s3:::mailmark-1a2b3c4d-{ACCOUNT}-{REGION}-an"),
    "bucket policy": ("s3:PutBucketPolicy", f"arn:aws:s3:::mailmark-1a2b3c4d-{ACCOUNT}-{REGION}-an"),
    "configuration set": ("ses:CreateConfigurationSet", "*"),
    "its options": (
        "ses:PutConfigurationSetSuppressionOptions",
        f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/mailmark-1a2b3c4d",
    ),
    "event destination": ("ses:CreateConfigurationSetEventDestination", "*"),
    "event destinations": (
        "ses:GetConfigurationSetEventDestinations",
        f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/mailmark-1a2b3c4d",
    ),
    "topic": ("sns:CreateTopic", f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-BounceTopic-A1"),
    "topic policy": ("sns:SetTopicAttributes", f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-BounceTopic-A1"),
    "subscription": ("sns:Subscribe", f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-BounceTopic-A1"),
    "queue": ("sqs:CreateQueue", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{STACK}-Dead-A1"),
    "alarm": ("cloudwatch:PutMetricAlarm", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{STACK}-ForwarderAlarm-A1"),
    "queue policy": ("sqs:SetQueueAttributes", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{STACK}-Dead-A1"),
    "secret": (
        "secretsmanager:CreateSecret",
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:WebhookSigningSecret-A1b2-XyZ123",
    ),
    "generated secret": ("secretsmanager:GetRandomPassword", "*"),
}


def outcome(document: dict[str, Any], action: str, resource: str) -> Outcome:
    caller = aws_principal(f"arn:aws:iam::{ACCOUNT}:user/deployer")
    context = {"iam:PassedToService": "lambda.amazonaws.com"} if action == "iam:PassRole" else {}
    request = Request(principal=caller, action=action, resource=resource, context=context, may_have=())
    return evaluate(parse(document), request).outcome


@pytest.mark.parametrize(("action", "resource"), CALLS.values(), ids=CALLS)
def test_what_the_stack_needs_is_allowed(action: str, resource: str) -> None:
    assert outcome(DOCUMENT, action, resource) is Outcome.ALLOW


def test_every_statement_is_needed() -> None:
    """Negative control of the list of calls, and of the policy: without any one statement, one call is refused."""
    doubled = {"sns:SetTopicAttributes", "sqs:SetQueueAttributes", "iam:GetRolePolicy"}  # two types need them
    for index, statement in enumerate(DOCUMENT["Statement"]):
        if set(statement["Action"]) & doubled:
            continue
        less = {**DOCUMENT, "Statement": [one for place, one in enumerate(DOCUMENT["Statement"]) if place != index]}
        refused = [name for name, call in CALLS.items() if outcome(less, *call) is not Outcome.ALLOW]
        assert refused, statement


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/Administrator"),
        ("iam:PassRole", f"{ROLE}{STACK}-AccessRole-A1B2"),
        ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/Administrator"),
        ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/byoaws/another/x"),
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/x"),
        ("sts:AssumeRole", f"{ROLE}{STACK}-AccessRole-A1B2"),
        ("s3:GetObject", f"arn:aws:s3:::mailmark-1a2b3c4d-{ACCOUNT}-{REGION}-an/inbound/x"),
        ("s3:GetObject", "arn:aws:s3:::acme-cfn/a/another.yaml"),
        ("s3:DeleteBucket", "arn:aws:s3:::somebody-elses"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:WebhookSigningSecret-A-X"),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/another/1a2b"),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:another"),
        ("ses:SendEmail", f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com"),
        ("sns:DeleteTopic", f"arn:aws:sns:{REGION}:{ACCOUNT}:another"),
    ],
)
def test_what_is_not_of_this_stack_is_refused(action: str, resource: str) -> None:
    assert outcome(DOCUMENT, action, resource) is Outcome.IMPLICIT_DENY


def test_a_role_may_be_passed_to_lambda_alone() -> None:
    caller = aws_principal(f"arn:aws:iam::{ACCOUNT}:user/deployer")
    request = Request(
        principal=caller,
        action="iam:PassRole",
        resource=f"{ROLE}functions/x",
        context={"iam:PassedToService": "ec2.amazonaws.com"},
        may_have=(),
    )
    assert evaluate(parse(DOCUMENT), request).outcome is Outcome.IMPLICIT_DENY


def test_a_type_that_nobody_knows_is_refused() -> None:
    with pytest.raises(PolicyError, match="no deployer permissions are known for AWS::EC2::Instance"):
        deployer_policy({"Resources": {"X": {"Type": "AWS::EC2::Instance"}}}, NAMES, template_url=None)


def test_only_what_the_template_makes_is_granted() -> None:
    document = deployer_policy({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}, NAMES, template_url=None)
    services = {action.partition(":")[0] for one in document["Statement"] for action in one["Action"]}
    assert services == {"cloudformation", "sns"}


def test_the_table_has_the_types_of_every_template() -> None:
    every = load_vendor(str(Path(__file__).parents[1] / "data" / "vendors" / "mail-manager.yaml"), {})
    templates = [TEMPLATE, *(build(load_vendor(name, {})) for name in ("sendfleet", "selfmx")), build(every)]
    templates.append(build(variant(SecretMode.GENERATED)))
    assert {item["Type"] for template in templates for item in template["Resources"].values()} == set(TYPES)


@pytest.mark.parametrize("kind", TABLE)
def test_every_name_in_the_table_stands_for_something(kind: str) -> None:
    for entry in TABLE[kind]:
        for resource in entry["resources"]:
            assert "${" not in substitute(resource, NAMES)
        assert "*" not in "".join(entry["actions"])
        assert len(set(entry["actions"])) == len(entry["actions"])


@pytest.mark.parametrize(
    ("url", "actions", "resource"),
    [
        ("https://acme-cfn.s3.us-east-1.amazonaws.com/a/t.yaml", ["s3:GetObject"], "acme-cfn/a/t.yaml"),
        ("https://s3.us-east-1.amazonaws.com/acme-cfn/a/t.yaml", ["s3:GetObject"], "acme-cfn/a/t.yaml"),
        ("https://s3-eu-west-1.amazonaws.com/acme-cfn/t", ["s3:GetObject"], "acme-cfn/t"),
        ("https://s3-cfn.s3.eu-west-1.amazonaws.com/t", ["s3:GetObject"], "s3-cfn/t"),
        ("https://acme-cfn.s3-eu-west-1.amazonaws.com/t", ["s3:GetObject"], "acme-cfn/t"),
        ("https://acme-cfn.s3.amazonaws.com/a%20b/t", ["s3:GetObject"], "acme-cfn/a b/t"),
        ("https://acme-cfn.s3.amazonaws.com/*", ["s3:GetObject"], "acme-cfn/${*}"),
        ("https://acme-cfn.s3.amazonaws.com/t?versionId=1", ["s3:GetObject", "s3:GetObjectVersion"], "acme-cfn/t"),
    ],
)
def test_the_template_and_nothing_else_may_be_read(url: str, actions: list[str], resource: str) -> None:
    document = deployer_policy({"Resources": {}}, NAMES, template_url=url)
    assert document["Statement"][-1] == {"Effect": "Allow", "Action": actions, "Resource": [f"arn:aws:s3:::{resource}"]}
