"""The set-up function under AWS's own runtime client: whatever happens, CloudFormation is answered."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from byoaws.fakeaws.console.stacks import wait_created
from byoaws.fakeaws.interface import Account
from byoaws.templates.stack import build
from byoaws.vendors.file import load_vendor

REGION = "eu-west-1"
OWN = "acme-1a2b3c4d"
SETTINGS = {"NAME": OWN, "BUCKET": "acme-mail", "PREFIX": "inbound/"}
# What it waits for SES's sake is proven elsewhere.
EDITS = {"PAUSE = 1.1": "PAUSE = 0.01", "time.sleep(2 * attempt)": "time.sleep(0)"}
RESERVE = 60
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})


@pytest.fixture(scope="module")
def stack_id(fake_aws: Any, account: Account) -> str:
    """A stack that is there, since the function asks of it."""
    cfn = fake_aws.client(account, "cloudformation", REGION)
    made: str = cfn.create_stack(StackName="acme", TemplateBody=TEMPLATE)["StackId"]
    wait_created(cfn, made)
    return made


@pytest.fixture
def ses(fake_aws: Any, account: Account) -> Iterator[Any]:
    client = fake_aws.client(account, "ses", REGION)
    yield client
    client.set_active_receipt_rule_set()
    for one in client.list_receipt_rule_sets()["RuleSets"]:
        client.delete_receipt_rule_set(RuleSetName=one["Name"])


@pytest.fixture
def event(stack_id: str, receiver: Any) -> Callable[[str], dict[str, Any]]:
    return lambda kind: {
        "RequestType": kind,
        "ResponseURL": f"{receiver.url}/answer",
        "StackId": stack_id,
        "RequestId": "request-1",
        "LogicalResourceId": "ReceiptRule",
        "ResourceProperties": {"Recipients": ["example.com"]},
    }


@pytest.fixture
def answered(receiver: Any) -> Callable[[], tuple[str, str]]:
    """The one answer that there is, and no other."""

    def one() -> tuple[str, str]:
        (request,) = receiver.received
        receiver.received.clear()
        body = json.loads(request.body)
        assert (request.method, body["RequestId"], body["LogicalResourceId"]) == ("PUT", "request-1", "ReceiptRule")
        return body["Status"], body["Reason"]

    return one


def test_the_rule_comes_and_goes(deploy: Any, event: Any, answered: Any, ses: Any) -> None:
    function = deploy("receipt_rule", SETTINGS, EDITS)
    function.invoke(event("Create"), timeout=180)
    assert answered() == ("SUCCESS", "done")
    active = ses.describe_active_receipt_rule_set()
    assert (active["Metadata"]["Name"], [rule["Name"] for rule in active["Rules"]]) == (OWN, [OWN])
    function.invoke(event("Delete"), timeout=180)
    assert answered() == ("SUCCESS", "done")
    assert ses.list_receipt_rule_sets()["RuleSets"] == []
    assert function.starts == 1
    # And all of that in the memory that its template gives it.
    given = build(load_vendor("mailmark", {}))["Resources"]["ReceiptRuleSetup"]["Properties"]
    assert function.most_memory < given["MemorySize"] * 2**20
    assert (given["Timeout"], given["Environment"]["Variables"].keys()) == (180, SETTINGS.keys())


def test_a_call_that_fails_is_answered(deploy: Any, event: Any, answered: Any) -> None:
    """A deletion is never refused, and says what it leaves behind."""
    function = deploy("receipt_rule", {**SETTINGS, "AWS_SECRET_ACCESS_KEY": "x" * 40}, EDITS)
    for kind, status in (("Create", "FAILED"), ("Update", "FAILED"), ("Delete", "SUCCESS")):
        function.invoke(event(kind), timeout=180)
        found, reason = answered()
        assert (kind, found) == (kind, status)
        assert "when calling the DescribeActiveReceiptRuleSet operation" in reason
        assert ("left behind" in reason) is (kind == "Delete")
    assert function.starts == 1


def test_a_service_that_does_not_answer_leaves_time_for_our_own(
    deploy: Any, event: Any, answered: Any, fake_webhook: Any
) -> None:
    """By the function's own clock, before Lambda ends it."""
    fake_webhook.answers[:] = ["hang"] * 50
    settings = {**SETTINGS, "AWS_ENDPOINT_URL_SES": f"https://127.0.0.1:{fake_webhook.port}"}
    function = deploy("receipt_rule", settings, {**EDITS, "read_timeout=10": "read_timeout=0.2"})
    for kind, status in (("Create", "FAILED"), ("Delete", "SUCCESS")):
        function.invoke(event(kind), timeout=RESERVE + 0.5)
        found, reason = answered()
        assert (kind, found) == (kind, status)
        assert "no time was left for" in reason or "Read timeout" in reason
    assert function.starts == 1


def test_ended_by_lambda_the_next_try_answers(
    deploy: Any, event: Any, answered: Any, receiver: Any, fake_webhook: Any, ses: Any
) -> None:
    """Negative control: killed, a function says nothing. Lambda calls it again, and so does nobody wait for an hour."""
    fake_webhook.answers[:] = ["hang"]
    settings = {**SETTINGS, "AWS_ENDPOINT_URL_SES": f"https://127.0.0.1:{fake_webhook.port}"}
    function = deploy("receipt_rule", settings, EDITS)
    function.send(event("Create"), timeout=180)
    assert fake_webhook.arrived.wait(30)
    function.kill()
    assert receiver.received == []
    del function.environment["AWS_ENDPOINT_URL_SES"]
    function.invoke(event("Create"), timeout=180)
    assert answered() == ("SUCCESS", "done")
    assert (function.starts, ses.describe_active_receipt_rule_set()["Metadata"]["Name"]) == (2, OWN)


def test_an_answer_that_nobody_takes_is_lambda_s_to_repeat(deploy: Any, event: Any, receiver: Any, ses: Any) -> None:
    function = deploy("receipt_rule", SETTINGS, EDITS)
    receiver.answers[:] = [500] * 3
    with pytest.raises(RuntimeError, match=r"^RuntimeError: CloudFormation could not be answered$"):
        function.invoke(event("Create"), timeout=180)
    assert len(receiver.received) == 3
