"""The probes of a stack's parts, on a real Mailmark stack: all pass; then one thing is broken after the other."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from byoaws.flows.check import Verifier
from byoaws.iam.mail_bucket import MailBucket, is_the_stacks
from byoaws.model import Ability, Status, Verdict, VerificationReport
from byoaws.quickcreate import external_id
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Target

REGION = "us-east-1"
LOOKING = ("permissions", "identities", "stack", "bucket", "events", "inbound")


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A stack whose role may look at it."""

    stack: Any
    ids: dict[str, str]
    verifier: Verifier
    target: Target

    def client(self, service: str) -> Any:
        return self.stack.client(service)

    def check(self, **changes: Any) -> VerificationReport:
        return self.verifier.check(replace(self.target, **changes))

    def says(self, probe: str, **changes: Any) -> str:
        """The status and the line of one probe."""
        found = next(one for one in self.check(**changes).probes if one.name == probe)
        return f"{found.status.value}: {found.summary}"


@pytest.fixture
def watched(mailmark_stack: Callable[..., Any], verifier: Verifier, vendor: Vendor) -> Watched:
    looks = replace(vendor, packs=(*vendor.packs, "drift-read", "health-read"), probes=(*vendor.probes, *LOOKING))
    right = external_id.mint()
    stack = mailmark_stack(vendor=looks, ExternalId=right)
    resources = stack.client("cloudformation").describe_stack_resources(StackName=stack.stack_id)["StackResources"]
    ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
    for event in ("Bounce", "Complaint", "Delivery"):
        stack.aws.mail.sns.ask(ids[f"{event}Topic"])
    # The stack's own parameter says where its events go: to the receiver of this test.
    target = Target(
        role_arn=stack.outputs["RoleArn"],
        external_id=right,
        region=REGION,
        vendor=replace(looks, sending_webhook_url=None),
    )
    return Watched(stack=stack, ids=ids, verifier=verifier, target=target)


def test_one_thing_after_the_other(watched: Watched) -> None:
    """One stack, since to make one takes longer than to look at it a dozen times."""
    whole(watched)
    break_inbound(watched)
    break_events(watched)
    break_bucket(watched)
    break_permissions(watched)
    watched.client("sesv2").delete_email_identity(EmailIdentity=watched.stack.domain)
    assert watched.says("identities") == "WARN: there is no domain or address to send from yet"
    report = watched.check(stack_name="another")
    assert {one.name: one.status for one in report.probes if one.name in ("stack", "bucket", "events", "inbound")} == {
        "stack": Status.UNKNOWN,
        **dict.fromkeys(("bucket", "events", "inbound"), Status.SKIP),
    }


def whole(watched: Watched) -> None:
    report = watched.check()
    assert report.verdict is Verdict.VERIFIED
    others = {one.name: one.summary for one in report.probes if one.status is not Status.PASS}
    # Nobody has set the domain's DNS records.
    assert others == {"identities": "1 of 1 identities are not in order: customer.example"}
    assert {one.name: one.ability for one in report.capabilities} == dict.fromkeys(
        ("send", "identities", "events", "inbound", "archive"), Ability.YES
    )
    bucket = watched.ids["InboundBucket"]
    active = watched.client("ses").describe_active_receipt_rule_set()
    ours = MailBucket(
        name=bucket,
        prefix="inbound/",
        account=watched.stack.customer.account_id,
        region=REGION,
        partition="aws",
        rule_set=active["Metadata"]["Name"],
        rule=active["Rules"][0]["Name"],
    )
    # So that nothing is judged where the policy is what our template makes.
    assert is_the_stacks(watched.client("s3").get_bucket_policy(Bucket=bucket)["Policy"], ours)


def break_inbound(watched: Watched) -> None:
    watched.client("sqs").send_message(QueueUrl=watched.ids["ForwarderDeadLetters"], MessageBody="{}")
    assert watched.says("inbound") == "WARN: 1 message could not be posted to our webhook, and waits"
    ses = watched.client("ses")
    active = ses.describe_active_receipt_rule_set()
    rule_set, rule = active["Metadata"]["Name"], active["Rules"][0]
    ses.delete_receipt_rule(RuleSetName=rule_set, RuleName=rule["Name"])
    assert watched.says("inbound").endswith("stores mail in the stack's bucket")
    ses.create_receipt_rule(RuleSetName=rule_set, Rule={**rule, "Enabled": False})
    assert watched.says("inbound").startswith("FAIL: mail does not reach us: receipt rule ")


def break_events(watched: Watched) -> None:
    sns, topic = watched.client("sns"), watched.ids["BounceTopic"]
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    assert watched.says("events").startswith("FAIL: events do not reach us: bounce events are not posted to ")
    watched.client("sesv2").delete_configuration_set_event_destination(
        ConfigurationSetName=watched.ids["ConfigurationSet"], EventDestinationName="bounce-to-sns"
    )
    assert "sends no bounce events" in watched.says("events")


def break_bucket(watched: Watched) -> None:
    s3, bucket = watched.client("s3"), watched.ids["InboundBucket"]
    rule = {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    report = watched.check()
    assert next(one.ability for one in report.capabilities if one.name == "archive") is Ability.NO
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    reads = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": [*policy["Statement"], reads]}))
    assert watched.says("bucket").startswith("FAIL: others reach the bucket: anyone may call s3:GetObject")
    s3.delete_bucket_policy(Bucket=bucket)
    assert watched.says("bucket") == "FAIL: SES may not store mail in the bucket"


def break_permissions(watched: Watched) -> None:
    iam, role = watched.client("iam"), watched.ids["AccessRole"]
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_role_policy(RoleName=role, PolicyArn=admin)
    assert watched.says("permissions").endswith(f"declare: managed policy {admin} is attached")
    iam.detach_role_policy(RoleName=role, PolicyArn=admin)
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    for statement in policy["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != "ses:SendRawEmail"]
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
    assert watched.says("permissions") == "FAIL: the role may not call ses:SendRawEmail"
