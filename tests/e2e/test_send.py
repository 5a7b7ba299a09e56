"""`byoaws verify --send` on a real stack: three messages to the simulator, and their events at the receiver."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from byoaws.cli import main
from byoaws.flows.check import Verifier
from byoaws.flows.send import SendRequest, that_sends
from byoaws.model import Ability, ProbeResult, Status, VerificationReport
from byoaws.quickcreate import external_id
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Target
from byoaws.webhooks import Certificates, append_event, parse_event
from byoaws.webhooks.asgi import sns_endpoint

REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A stack, and `verify --send` of it."""

    stack: Any
    verify: Callable[..., VerificationReport]
    type_it: Callable[..., Any]
    """The command, as the operator types it."""
    events: Path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def trial(
    mailmark_stack: Callable[..., Any],
    operator: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    verifier: Verifier,
    vendor: Vendor,
    events: Path,
) -> Trial:
    """A stack whose role may look, and a receiver that writes down what it took; verifies as `--send` does."""
    looks = replace(
        vendor,
        packs=(*vendor.packs, "drift-read", "health-read"),
        probes=(*vendor.probes, "stack", "events"),
        sending_webhook_url=None,
    )
    right = external_id.mint()
    stack = mailmark_stack(vendor=looks, ExternalId=right)
    # Where the embedded AWS makes events of what is sent, as `byoaws fake-aws` says to set it.
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", stack.aws.mail.ses_endpoint)

    async def handle_message(message: Any) -> None:
        append_event(events, parse_event(message.message))

    receiver = stack.receiver
    certificates = Certificates(receiver.fetch)
    receiver.serve(
        "/sending",
        sns_endpoint(receiver._connection_of, handle_message, certificates=certificates, confirm=receiver._confirm),
    )
    resources = stack.client("cloudformation").describe_stack_resources(StackName=stack.stack_id)["StackResources"]
    for one in resources:
        if one["ResourceType"] == "AWS::SNS::Topic":  # confirmed from here on
            stack.aws.mail.sns.ask(one["PhysicalResourceId"])
    role = next(one["PhysicalResourceId"] for one in resources if one["LogicalResourceId"] == "AccessRole")
    # The embedded AWS asks IAM for SendEmail on "*", and not on the identity and the configuration set as AWS does.
    allowed = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    stack.client("iam").put_role_policy(RoleName=role, PolicyName="send", PolicyDocument=policy)
    target = Target(role_arn=stack.outputs["RoleArn"], external_id=right, region=REGION, vendor=looks)

    def verify(wait: float = 20.0) -> VerificationReport:
        sends = that_sends(verifier, SendRequest(events=events, sender=None, wait=wait), looks)
        return sends.check(target)

    def type_it(*more: str) -> Any:
        line = ["verify", target.role_arn, "--external-id", right, "--send", "--events", str(events), *more]
        return CliRunner().invoke(main, [*line, "--format", "json"])

    return Trial(stack=stack, verify=verify, type_it=type_it, events=events)


def _of(report: VerificationReport) -> ProbeResult:
    return next(one for one in report.probes if one.name == "send")


def test_all_come_back_then_one_does_not_then_ses_takes_none(trial: Trial) -> None:
    """One stack, since to make one takes longest."""
    report = trial.verify()
    assert (_of(report).status, _of(report).evidence["from"]) == (Status.PASS, "byoaws@customer.example")
    lines = [json.loads(line) for line in trial.events.read_text().splitlines()]
    sent = _of(report).evidence["messages"]
    assert isinstance(sent, dict)
    assert set(sent.items()) <= {(line["type"], line["message_id"]) for line in lines}
    assert "simulator" not in trial.events.read_text()
    assert {one.name: one.ability for one in report.capabilities}["events"] is Ability.YES

    done = trial.type_it("--send-from", "news@customer.example", "--vendor", "mailmark")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["probes"][-1]
    assert (told["code"], told["status"], told["evidence"]["from"]) == ("V601", "PASS", "news@customer.example")

    sns = trial.stack.client("sns")
    found = sns.get_paginator("list_topics").paginate()
    topic = next(one["TopicArn"] for page in found for one in page["Topics"] if "-ComplaintTopic-" in one["TopicArn"])
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    report = trial.verify(wait=2)
    assert _of(report).status is Status.FAIL
    missing = _of(report).evidence["missing"]
    assert isinstance(missing, list)
    assert "Complaint" in missing
    assert {one.name: one.ability for one in report.capabilities}["events"] is Ability.NO
    assert {one.name: one.ability for one in report.capabilities}["send"] is Ability.YES

    before = trial.events.read_bytes()
    trial.stack.client("sesv2").delete_email_identity(EmailIdentity=trial.stack.domain)
    report = trial.verify()
    assert _of(report).summary == "there is no verified domain or address to send from"
    assert trial.events.read_bytes() == before
