"""An account in which a stack is as its template says, answered from memory; a test then changes one thing."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import AccessDenied, NotFound
from byoaws.flows.drift.run import CHECKS
from byoaws.flows.drift.world import World, world_with
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.stack import Deployed
from byoaws.model import Connection, ConnectionStatus
from byoaws.templates.stack import build
from byoaws.vendors.file import load_vendor

ACCOUNT, REGION = "444455556666", "eu-west-1"
UUID = "0123abcd-1111-2222-3333-444455556666"
STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/mail/{UUID}"
NOT_TOLD = ("ExpectedBucketOwner", "Qualifier")
DATA = Path(__file__).parents[2] / "data" / "vendors"


@dataclass
class Account:
    """Answers by operation and what is asked about; the port to an account that is only looked at."""

    answers: dict[tuple[str, ...], Any] = field(default_factory=dict)
    code: dict[str, dict[str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    refused: str = ""
    """Operation that AWS refuses."""

    def ask(self, service: str, operation: str, **parameters: Any) -> Any:
        values = [value for name, value in parameters.items() if name not in NOT_TOLD]
        key = (operation, *(item for value in values for item in ([value] if isinstance(value, str) else value)))
        key = tuple(part for part in key if part != "All")
        self.asked.append(key)
        if operation == self.refused:
            raise AccessDenied("aws refused the call", operation=f"{service}:{operation}")
        if key not in self.answers:
            raise NotFound(f"there is no {key}")
        return copy.deepcopy(self.answers[key])

    def every(self, service: str, operation: str, key: str, **parameters: Any) -> Any:
        return self.ask(service, operation, **parameters)[key]

    def function_code(self, name: str) -> Mapping[str, bytes]:
        if self.refused == "get_function":
            raise AccessDenied("aws refused the call", operation="lambda:GetFunction")
        return self.code[name]


def physical_id(name: str, resource: Mapping[str, Any]) -> str:
    service, _, kind = resource["Type"].removeprefix("AWS::").partition("::")
    if kind == "Topic":
        return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
    if kind == "Subscription":
        return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}:1"
    if kind == "Secret":
        return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"
    if (service, kind) == ("SQS", "Queue"):
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    return f"mail-{name}"


def filled(world: World, account: Account) -> None:
    """Let every resource be as the template says, in the words of each service's API."""
    for name, resource in world.template["Resources"].items():
        maker = MAKERS.get(resource["Type"])
        if maker and name in world.ids:
            maker(world, account.answers, name, world.ids[name], world.wanted(name))
        if resource["Type"] == "AWS::Lambda::Function":
            account.code[world.ids[name]] = {"index.py": world.wanted(name)["Code"]["ZipFile"].encode()}
        if resource["Type"].startswith("AWS::SES::MailManager"):
            _mail_manager(account.answers, resource["Type"], world.ids[name], world.wanted(name))


def _role(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    answers["get_role", called] = {"Role": {"RoleName": called, **wanted}}
    policies = {one["PolicyName"]: one["PolicyDocument"] for one in wanted.get("Policies", [])}
    for policy in world.of_type("AWS::IAM::Policy"):
        given = world.wanted(policy)
        if called in given["Roles"]:
            policies[given["PolicyName"]] = given["PolicyDocument"]
    for policy, document in policies.items():
        answers["get_role_policy", called, policy] = {"PolicyDocument": document}
    answers["list_role_policies", called] = {"PolicyNames": [*policies]}
    answers["list_attached_role_policies", called] = {"AttachedPolicies": []}


def _topic(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    policy = world.wanted("EventTopicPolicy")["PolicyDocument"]
    answers["get_topic_attributes", called] = {"Attributes": {**wanted, "Policy": json.dumps(policy)}}


def _subscription(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    one = {"Protocol": "https", "Endpoint": wanted["Endpoint"], "SubscriptionArn": called, "Owner": ACCOUNT}
    answers["list_subscriptions_by_topic", wanted["TopicArn"]] = {"Subscriptions": [one]}
    attributes = {"RawMessageDelivery": "false", "PendingConfirmation": "false"}
    attributes["RedrivePolicy"] = json.dumps(wanted["RedrivePolicy"])
    answers["get_subscription_attributes", called] = {"Attributes": attributes}


def _destination(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    there = answers.setdefault(
        ("get_configuration_set_event_destinations", wanted["ConfigurationSetName"]), {"EventDestinations": []}
    )
    one = wanted["EventDestination"]
    types = [item.upper() for item in one["MatchingEventTypes"]]
    topic = {"TopicArn": one["SnsDestination"]["TopicARN"]}
    there["EventDestinations"].append({**one, "MatchingEventTypes": types, "SnsDestination": topic})


def _bucket(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    answers["get_public_access_block", called] = {
        "PublicAccessBlockConfiguration": wanted["PublicAccessBlockConfiguration"]
    }
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    answers["get_bucket_encryption", called] = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    notices = [
        {
            "Id": "x",
            "LambdaFunctionArn": one["Function"],
            "Events": [one["Event"]],
            "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "inbound/"}]}},
        }
        for one in wanted.get("NotificationConfiguration", {}).get("LambdaConfigurations", [])
    ]
    answers["get_bucket_notification_configuration", called] = {"LambdaFunctionConfigurations": notices}
    answers["get_bucket_lifecycle_configuration", called] = {"Rules": []}
    policy = world.wanted("InboundBucketPolicy")["PolicyDocument"]
    answers["get_bucket_policy", called] = {"Policy": json.dumps(policy)}


def _rule(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    if name != "ReceiptRule":
        return
    settings = world.wanted("ReceiptRuleSetup")["Environment"]["Variables"]
    place = {"BucketName": settings["BUCKET"], "ObjectKeyPrefix": settings["PREFIX"]}
    rule = {"Name": settings["NAME"], "Enabled": True, "Recipients": [], "Actions": [{"S3Action": place}]}
    answers[("describe_active_receipt_rule_set",)] = {"Metadata": {"Name": "set"}, "Rules": [rule]}


def _function(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    answers["get_function", called] = {"Configuration": wanted}


def _retries(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    answers["get_function_event_invoke_config", wanted["FunctionName"]] = wanted


def _queue(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    attributes = {key: str(value).lower() for key, value in wanted.items()}
    if name == "EventDeadLetters":
        attributes["Policy"] = json.dumps(world.wanted("EventDeadLettersPolicy")["PolicyDocument"])
    answers["get_queue_attributes", called] = {"Attributes": attributes}


def _alarm(world: World, answers: Any, name: str, called: str, wanted: Any) -> None:
    one = {"AlarmActions": [], **wanted, "AlarmName": called, "ActionsEnabled": True, "Threshold": 0.0}
    answers["describe_alarms", called] = {"MetricAlarms": [one]}


def _mail_manager(answers: Any, kind: str, called: str, wanted: Any) -> None:
    part = kind.removeprefix("AWS::SES::MailManager")
    operation = "get" + "".join(f"_{char.lower()}" if char.isupper() else char for char in part)
    secret = wanted.get("IngressPointConfiguration", {}).get("SecretArn")
    more = {"IngressPointAuthConfiguration": {"SecretArn": secret}} if secret else {}
    answers[operation, called] = {**wanted, **more, "Status": "ACTIVE", "ArchiveState": "ACTIVE", f"{part}Id": called}


MAKERS: Mapping[str, Callable[..., None]] = {
    "AWS::IAM::Role": _role,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SES::ConfigurationSetEventDestination": _destination,
    "AWS::S3::Bucket": _bucket,
    "AWS::CloudFormation::CustomResource": _rule,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::EventInvokeConfig": _retries,
    "AWS::SQS::Queue": _queue,
    "AWS::CloudWatch::Alarm": _alarm,
}


@dataclass
class Looked:
    """A stack and the account that it is in."""

    account: Account
    world: World

    def id(self, name: str) -> str:
        return self.world.ids[name]

    def rows(self) -> dict[tuple[str, str], Row]:
        return {(row.what, row.resource): row for check in CHECKS for row in check(self.world)}


def looked_at(vendor_file: str) -> Looked:
    vendor = load_vendor(vendor_file, {})
    template = build(vendor)
    parameters = {
        name: str(item.get("Default", f"https://acme.example/{name}")) for name, item in template["Parameters"].items()
    }
    at = datetime(2026, 1, 1, tzinfo=UTC)
    connection = Connection(
        id="con_1",
        alias="Acme",
        vendor=vendor.name,
        external_id="x" * 40,
        region=REGION,
        account_id=ACCOUNT,
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/byoaws/x/mail-AccessRole",
        stack_name="mail",
        status=ConnectionStatus.VERIFIED,
        created_at=at,
        updated_at=at,
    )
    deployed = Deployed(template=template, version="1.0.0", from_stack=True, parameters=parameters, stack_id=STACK_ID)
    ids = {name: physical_id(name, item) for name, item in template["Resources"].items()}
    account = Account()
    world = world_with(connection, deployed, account, {}, ids)
    filled(world, account)
    return Looked(account, world)


@pytest.fixture
def mailmark() -> Looked:
    """By receipt rules, with everything but registration."""
    return looked_at("mailmark")


@pytest.fixture
def mail_manager() -> Looked:
    """By Mail Manager, with every kind of part."""
    return looked_at(str(DATA / "mail-manager.yaml"))
