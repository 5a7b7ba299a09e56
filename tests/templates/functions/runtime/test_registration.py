"""The registration function under AWS's own runtime client: CloudFormation is answered, and always that all is well."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.fakeaws.console.stacks import delete_stack, wait_created
from byoaws.fakeaws.interface import Account
from byoaws.templates.stack import build
from byoaws.vendors.file import load_vendor
from byoaws.webhooks import verify_registration

REGION = "eu-west-1"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOKEN = "once_" + "x" * 43
RESERVE = 40
# What it waits between tries is proven elsewhere.
EDITS = {"PAUSES = (0, 2, 5)": "PAUSES = (0, 0, 0)", "time.sleep(2 * attempt)": "time.sleep(0)"}
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})


@pytest.fixture(scope="module")
def secret(fake_aws: Any, account: Account) -> str:
    made = fake_aws.client(account, "secretsmanager", REGION).create_secret(Name="hook", SecretString=SECRET)
    return str(made["ARN"])


@pytest.fixture(scope="module")
def stack_ids(fake_aws: Any, account: Account) -> dict[str, str]:
    """A stack that is there, and one that is gone."""
    cfn = fake_aws.client(account, "cloudformation", REGION)
    found = {
        name: str(cfn.create_stack(StackName=name, TemplateBody=TEMPLATE)["StackId"]) for name in ("there", "going")
    }
    for stack_id in found.values():
        wait_created(cfn, stack_id)
    delete_stack(fake_aws, account, region=REGION, name="going")
    return found


@pytest.fixture
def event(account: Account, stack_ids: dict[str, str], receiver: Any) -> Callable[..., dict[str, Any]]:
    return lambda kind, stack="there": {
        "RequestType": kind,
        "ResponseURL": f"{receiver.url}/answer",
        "StackId": stack_ids[stack],
        "RequestId": f"request-{kind}",
        "LogicalResourceId": "Registration",
        "ResourceProperties": {
            "Vendor": "Acme Mail",
            "ConnectionId": "con_8rqyhtrb2pcp0t8wn9jr",
            "TemplateVersion": "1.0.0",
            "RoleArn": f"arn:aws:iam::{account.account_id}:role/byoaws/acme/x",
            "Outputs": {"RoleArn": f"arn:aws:iam::{account.account_id}:role/byoaws/acme/x"},
            **({"Token": TOKEN} if kind == "Create" else {}),
        },
    }


@pytest.fixture
def answered(receiver: Any) -> Callable[[], str]:
    """What the one answer says that there is."""

    def one() -> str:
        (request,) = receiver.received
        receiver.received.clear()
        body = json.loads(request.body)
        assert (request.method, body["Status"], body["PhysicalResourceId"]) == ("PUT", "SUCCESS", "registration")
        return str(body["Reason"])

    return one


def test_a_stack_tells_of_its_whole_life(
    deploy: Any, event: Any, answered: Any, fake_webhook: Any, secret: str
) -> None:
    function = deploy("registration", {"URL": fake_webhook.url, "SECRET_ARN": secret})
    for kind, stack, said in (
        ("Create", "there", "stack.created"),
        ("Update", "there", "stack.updated"),
        ("Delete", "going", "stack.deleted"),
    ):
        function.invoke(event(kind, stack), timeout=120)
        assert answered() == "told Acme Mail, which now verifies it"
        request = fake_webhook.received.pop()
        report = verify_registration(request.headers, request.body, [SECRET])
        assert (report.type, report.token) == (said, TOKEN if kind == "Create" else None)
    assert function.starts == 1
    for hushed in (TOKEN, SECRET[6:], "token=hush"):
        assert hushed not in function.log
    # And all of that in the memory that its template gives it.
    vendor = load_vendor("mailmark", {})
    stack = replace(vendor.stack, blocks=(*vendor.stack.blocks, "registration"))
    template = build(replace(vendor, registration_url="https://acme.example/stacks", stack=stack))
    given = template["Resources"]["RegistrationFunction"]["Properties"]
    assert function.most_memory < given["MemorySize"] * 2**20
    assert (given["Timeout"], given["Environment"]["Variables"].keys()) == (120, {"URL", "SECRET_ARN"})


def test_a_deletion_that_is_none_is_not_told(
    deploy: Any, event: Any, answered: Any, fake_webhook: Any, secret: str
) -> None:
    """The attack: whoever may call the function writes the request."""
    function = deploy("registration", {"URL": fake_webhook.url, "SECRET_ARN": secret})
    function.invoke(event("Delete"), timeout=120)
    assert answered().startswith("not told: only a deletion of the stack itself is told")
    assert fake_webhook.received == []


def test_a_call_that_fails_never_fails_the_stack(
    deploy: Any, event: Any, answered: Any, fake_webhook: Any, secret: str
) -> None:
    wrong = {"URL": fake_webhook.url, "SECRET_ARN": secret, "AWS_SECRET_ACCESS_KEY": "x" * 40}
    function = deploy("registration", wrong)
    for kind, said in (
        ("Create", "told Acme Mail"),
        ("Update", "not told: there is neither a token nor"),
        ("Delete", "not told: ClientError"),
    ):
        function.invoke(event(kind), timeout=120)
        assert answered().startswith(said)


def test_a_vendor_that_does_not_answer_leaves_time_for_our_own(
    deploy: Any, event: Any, answered: Any, fake_webhook: Any
) -> None:
    """By the function's own clock, before Lambda ends it."""
    function = deploy("registration", {"URL": fake_webhook.url}, EDITS)
    for fault in ("hang", "drip", "drink", 500):
        fake_webhook.answers[:] = [fault] * 3
        function.invoke(event("Create"), timeout=RESERVE + 0.4)
        assert answered().startswith("not told: the vendor answered" if fault == 500 else "not told: no time is left")
    assert function.starts == 1


def test_an_answer_that_nobody_takes_is_lambda_s_to_repeat(
    deploy: Any, event: Any, receiver: Any, answered: Any, fake_webhook: Any
) -> None:
    """And the vendor is told again, under the same id."""
    function = deploy("registration", {"URL": fake_webhook.url}, EDITS)
    receiver.answers[:] = [500] * 3
    with pytest.raises(RuntimeError, match=r"^RuntimeError: CloudFormation could not be answered$"):
        function.invoke(event("Create"), timeout=120)
    receiver.received.clear()
    function.invoke(event("Create"), timeout=120)
    assert answered() == "told Acme Mail, which now verifies it"
    assert len({request.headers["webhook-id"] for request in fake_webhook.received}) == 1
