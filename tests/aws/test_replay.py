"""Replay by boto3: what is sent, held against botocore's model, and what comes back."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.interface import DeadLetter, ListedObject
from byoaws.aws.replay import BotoReplay
from byoaws.errors import AccessDenied, AwsError, InvalidRequest, NotFound, Throttled, Unreachable

QUEUE = "https://sqs.eu-west-1.amazonaws.com/444455556666/dead"
EVENT: dict[str, Any] = {"Records": [{"s3": {"object": {"key": "inbound/\u00e4"}}}]}


@pytest.fixture
def aws(opened: BotoCustomerAws) -> BotoReplay:
    made = BotoReplay.under_role(opened)
    made.caller()  # opens the session, whose credentials the stubs would otherwise not see
    return made


def stubbed(aws: BotoReplay, client: str, operation: str, answer: Any, expected: Any) -> Any:
    stub = Stubber(getattr(aws, client))
    stub.add_response(operation, answer, expected)
    return stub


def test_the_resources_of_a_stack(aws: BotoReplay) -> None:
    common = {"ResourceType": "AWS::SQS::Queue", "Timestamp": datetime(2026, 11, 21, tzinfo=UTC), "ResourceStatus": "x"}
    answer = {
        "StackResources": [
            {"LogicalResourceId": "ForwarderDeadLetters", "PhysicalResourceId": QUEUE, **common},
            {"LogicalResourceId": "NotYet", **common},
        ]
    }
    with stubbed(aws, "_cloudformation", "describe_stack_resources", answer, {"StackName": "mail"}):
        assert aws.resources("mail") == {"ForwarderDeadLetters": QUEUE}


@pytest.mark.parametrize(
    ("attributes", "count"),
    [
        ({"ApproximateNumberOfMessages": "3", "ApproximateNumberOfMessagesNotVisible": "2"}, 5),
        ({"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}, 0),
        ({}, None),
        ({"ApproximateNumberOfMessages": "many"}, None),
    ],
)
def test_how_many_wait(aws: BotoReplay, attributes: dict[str, str], count: int | None) -> None:
    expected = {"QueueUrl": QUEUE, "AttributeNames": ANY}
    with stubbed(aws, "_sqs", "get_queue_attributes", {"Attributes": attributes}, expected):
        if count is not None:
            assert aws.waiting(QUEUE) == count
        else:
            with pytest.raises(Unreachable, match="no usable answer"):
                aws.waiting(QUEUE)


def test_messages_are_asked_for_on_every_server_and_hidden(aws: BotoReplay) -> None:
    answer = {"Messages": [{"MessageId": "m", "Body": "b", "ReceiptHandle": "h"}]}
    expected = {"QueueUrl": QUEUE, "MaxNumberOfMessages": 10, "VisibilityTimeout": 120, "WaitTimeSeconds": 2}
    with stubbed(aws, "_sqs", "receive_message", answer, expected):
        assert aws.receive(QUEUE, hidden=120) == [DeadLetter(id="m", body="b", handle="h")]
    with stubbed(aws, "_sqs", "receive_message", {}, expected):
        assert aws.receive(QUEUE, hidden=120) == []


def test_a_handle_is_not_shown() -> None:
    assert "hush" not in repr(DeadLetter(id="m", body="b", handle="hush"))


def test_a_message_is_deleted_by_its_handle(aws: BotoReplay) -> None:
    with stubbed(aws, "_sqs", "delete_message", {}, {"QueueUrl": QUEUE, "ReceiptHandle": "h"}) as stub:
        aws.delete(QUEUE, "h")
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("status", [202, 200, 204])
def test_an_event_is_handed_over_to_be_run_later(aws: BotoReplay, status: int) -> None:
    expected = {"FunctionName": "f", "InvocationType": "Event", "Payload": json.dumps(EVENT).encode()}
    with stubbed(aws, "_lambda", "invoke", {"StatusCode": status}, expected):
        if status == 202:
            aws.run("f", EVENT)
        else:
            with pytest.raises(Unreachable, match="was not accepted"):
                aws.run("f", EVENT)


def test_objects_come_behind_a_key(aws: BotoReplay) -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    answer = {"Contents": [{"Key": "inbound/\u00e4 +", "Size": 7, "LastModified": at}], "KeyCount": 1}
    expected = {"Bucket": "b", "Prefix": "inbound/", "StartAfter": "inbound/a"}
    with stubbed(aws, "_s3", "list_objects_v2", answer, expected):
        assert aws.objects("b", "inbound/", after="inbound/a") == [
            ListedObject(key="inbound/\u00e4 +", size=7, modified=at)
        ]
    with stubbed(aws, "_s3", "list_objects_v2", {"KeyCount": 0}, {**expected, "StartAfter": ""}):
        assert aws.objects("b", "inbound/", after="") == []


@pytest.mark.parametrize("answer", [{}, {"KeyCount": 2}], ids=["empty", "cut off"])
def test_attack_a_list_that_says_nothing_does_not_end_a_backfill(aws: BotoReplay, answer: dict[str, Any]) -> None:
    expected = {"Bucket": "b", "Prefix": "", "StartAfter": ""}
    with stubbed(aws, "_s3", "list_objects_v2", answer, expected), pytest.raises(Unreachable, match="not whole"):
        aws.objects("b", "", after="")


CALLS: dict[str, tuple[str, str, Callable[[BotoReplay], Any]]] = {
    "resources": ("_cloudformation", "describe_stack_resources", lambda aws: aws.resources("mail")),
    "waiting": ("_sqs", "get_queue_attributes", lambda aws: aws.waiting(QUEUE)),
    "receive": ("_sqs", "receive_message", lambda aws: aws.receive(QUEUE, hidden=1)),
    "delete": ("_sqs", "delete_message", lambda aws: aws.delete(QUEUE, "h")),
    "run": ("_lambda", "invoke", lambda aws: aws.run("f", EVENT)),
    "objects": ("_s3", "list_objects_v2", lambda aws: aws.objects("b", "inbound/", after="")),
}
ERRORS = {
    ("AccessDenied", 403): AccessDenied,
    ("AccessDeniedException", 403): AccessDenied,
    ("ThrottlingException", 400): Throttled,
    ("TooManyRequestsException", 429): Throttled,
    ("InternalError", 500): Unreachable,
    ("AWS.SimpleQueueService.NonExistentQueue", 400): NotFound,
    ("ResourceNotFoundException", 404): NotFound,
    ("NoSuchBucket", 404): NotFound,
    ("ValidationError", 400): InvalidRequest,
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(("code", "status"), ERRORS, ids=lambda value: str(value))
def test_every_refusal_is_of_its_kind(aws: BotoReplay, name: str, code: str, status: int) -> None:
    client, operation, call = CALLS[name]
    stub = Stubber(getattr(aws, client))
    stub.add_client_error(operation, code, "no", status)
    with stub, pytest.raises(AwsError) as raised:
        call(aws)
    assert type(raised.value) is ERRORS[code, status]
    assert raised.value.code == code
