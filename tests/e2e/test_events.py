"""SES's events, from SendEmail to the vendor's server: event destinations, topics, confirmed and signed posts, values.

SNS's part is played with a key of the embedded AWS's own; the receiver verifies it as it verifies SNS.
"""

import http.client
import json
import re
import ssl
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

SIMULATOR = "simulator.amazonses.com"
REGION = "us-east-1"


def topic(stack: Any, event: str) -> str:
    found = stack.client("sns").get_paginator("list_topics").paginate()
    arns = [item["TopicArn"] for page in found for item in page["Topics"]]
    return next(arn for arn in arns if f"-{event}Topic-" in arn)


def sent(stack: Any, *to: str, **options: Any) -> str:
    """Send with the stack's configuration set."""
    return stack.send_email(*to, ConfigurationSetName=stack.outputs["ConfigurationSetName"], **options)


def kinds(events: list[Any]) -> list[str]:
    return [event.type for event in events]


def test_a_bounce(mail_stack: Any) -> None:
    message_id = sent(mail_stack, f"bounce@{SIMULATOR}")
    (event,) = mail_stack.receiver.events(message_id, 1)
    assert (event.type, event.kind, event.sub_kind, event.is_permanent) == ("Bounce", "Permanent", "General", True)
    assert [(one.address, one.status) for one in event.recipients] == [(f"bounce@{SIMULATOR}", "5.1.1")]
    assert event.source == "news@customer.example"
    assert event.at is not None
    assert event.tags["ses:configuration-set"] == (mail_stack.outputs["ConfigurationSetName"],)


def test_a_complaint_comes_after_the_delivery(mail_stack: Any) -> None:
    complaint, delivery = mail_stack.receiver.events(sent(mail_stack, f"complaint+label@{SIMULATOR}"), 2)
    assert (complaint.type, complaint.kind, delivery.type) == ("Complaint", "abuse", "Delivery")
    assert [one.address for one in complaint.recipients] == [f"complaint+label@{SIMULATOR}"]


@pytest.mark.parametrize("to", [f"success@{SIMULATOR}", f"ooto@{SIMULATOR}", "somebody@elsewhere.example"])
def test_a_delivery(mail_stack: Any, to: str) -> None:
    (event,) = mail_stack.receiver.events(sent(mail_stack, to), 1)
    assert (event.type, [one.address for one in event.recipients]) == ("Delivery", [to])
    assert not event.is_permanent


def test_a_suppressed_address(mail_stack: Any) -> None:
    (event,) = mail_stack.receiver.events(sent(mail_stack, f"suppressionlist@{SIMULATOR}"), 1)
    assert (event.type, event.kind, event.sub_kind) == ("Bounce", "Permanent", "Suppressed")


def test_several_recipients_and_tags(mail_stack: Any) -> None:
    to = [f"bounce@{SIMULATOR}", f"success@{SIMULATOR}"]
    message_id = sent(mail_stack, *to, EmailTags=[{"Name": "campaign", "Value": "may"}])
    events = mail_stack.receiver.events(message_id, 2)
    assert kinds(events) == ["Bounce", "Delivery"]
    assert [event.tags["campaign"] for event in events] == [("may",), ("may",)]


def test_raw_mail_by_the_old_api_names_its_configuration_set_in_a_header(mail_stack: Any) -> None:
    name = mail_stack.outputs["ConfigurationSetName"]
    raw = f"From: n@customer.example\r\nTo: bounce@{SIMULATOR}\r\nX-SES-CONFIGURATION-SET: {name}\r\n\r\nx".encode()
    message_id = mail_stack.ses_clients.open(mail_stack.customer, "ses", REGION).send_raw_email(
        RawMessage={"Data": raw}
    )["MessageId"]
    assert kinds(mail_stack.receiver.events(message_id, 1)) == ["Bounce"]


def test_without_a_configuration_set_there_are_no_events(mail_stack: Any) -> None:
    without = mail_stack.send_email(f"bounce@{SIMULATOR}")
    mail_stack.receiver.events(sent(mail_stack, f"bounce@{SIMULATOR}"), 1)
    assert not [one for one in mail_stack.receiver.messages if without in one.message]


def test_each_topic_was_asked_once_and_confirmed(mail_stack: Any) -> None:
    for event in ("Bounce", "Complaint", "Delivery"):
        mail_stack.aws.mail.sns.ask(topic(mail_stack, event))
    assert sorted(mail_stack.receiver.confirmed) == sorted(
        topic(mail_stack, event) for event in ("Bounce", "Complaint", "Delivery")
    )


def test_posts_are_as_the_topic_says(mail_stack: Any) -> None:
    """The template wants version 2, SHA-256."""
    message_id = sent(mail_stack, f"bounce@{SIMULATOR}")
    mail_stack.receiver.events(message_id, 1)
    path, headers, body, status = posted(mail_stack, message_id)
    document = json.loads(body)
    assert (path, status, document["SignatureVersion"]) == ("/sending", 204, "2")
    assert headers["x-amz-sns-message-type"] == document["Type"] == "Notification"
    assert headers["x-amz-sns-topic-arn"] == document["TopicArn"] == topic(mail_stack, "Bounce")
    assert re.fullmatch(
        r"https://sns\.us-east-1\.amazonaws\.com/SimpleNotificationService-[0-9a-f]{32}\.pem",
        document["SigningCertURL"],
    )


def test_version_1_is_verified_too(mail_stack: Any) -> None:
    sns, arn = mail_stack.client("sns"), topic(mail_stack, "Bounce")
    sns.set_topic_attributes(TopicArn=arn, AttributeName="SignatureVersion", AttributeValue="1")
    try:
        message_id = sent(mail_stack, f"bounce@{SIMULATOR}")
        mail_stack.receiver.events(message_id, 1)
    finally:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="SignatureVersion", AttributeValue="2")
    assert json.loads(posted(mail_stack, message_id)[2])["SignatureVersion"] == "1"


def test_a_receiver_that_fails_gets_the_event_again(mail_stack: Any) -> None:
    receiver = mail_stack.receiver
    receiver.answers += [503, 503]
    message_id = sent(mail_stack, f"bounce@{SIMULATOR}")
    receiver.events(message_id, 1)
    tries = [(body, status) for _, _, body, status in receiver.requests if message_id.encode() in body]
    assert [status for _, status in tries] == [503, 503, 204]
    assert len({json.loads(body)["MessageId"] for body, _ in tries}) == 1


@pytest.mark.parametrize(("statuses", "tries"), [([403], 1), ([301], 1), ([500] * 4, 4)], ids=["403", "301", "500"])
def test_what_nobody_takes_lies_in_the_dead_letter_queue(mail_stack: Any, statuses: list[int], tries: int) -> None:
    receiver, sqs = mail_stack.receiver, mail_stack.client("sqs")
    receiver.answers += statuses
    message_id = sent(mail_stack, f"bounce@{SIMULATOR}")
    (url,) = [url for url in sqs.list_queues()["QueueUrls"] if "EventDeadLetters" in url]

    def kept() -> dict[str, Any]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return next(json.loads(one["Body"]) for one in found if message_id in one["Body"])

    assert receiver.wait(kept)["TopicArn"] == topic(mail_stack, "Bounce")
    assert [status for _, _, body, status in receiver.requests if message_id.encode() in body] == statuses
    assert len(statuses) == tries


# What must not come, or not be believed ------------------------------------------------------------------------------


def test_a_topic_encrypted_with_awss_own_key_stays_silent(mail_stack: Any) -> None:
    sns, arn = mail_stack.client("sns"), topic(mail_stack, "Bounce")
    sns.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
    try:
        silent = sent(mail_stack, f"bounce@{SIMULATOR}", f"success@{SIMULATOR}")
        assert kinds(mail_stack.receiver.events(silent, 1)) == ["Delivery"]
    finally:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue="")
    assert kinds(mail_stack.receiver.events(sent(mail_stack, f"bounce@{SIMULATOR}"), 1)) == ["Bounce"]


def test_a_topic_whose_policy_is_for_another_configuration_set_stays_silent(mail_stack: Any) -> None:
    sns, arn = mail_stack.client("sns"), topic(mail_stack, "Bounce")
    policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    other = policy.replace(mail_stack.outputs["ConfigurationSetName"], "another")
    assert other != policy
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=other)
    try:
        silent = sent(mail_stack, f"bounce@{SIMULATOR}", f"success@{SIMULATOR}")
        assert kinds(mail_stack.receiver.events(silent, 1)) == ["Delivery"]
    finally:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def posted(stack: Any, message_id: str) -> tuple[str, dict[str, str], bytes, int]:
    return next(one for one in stack.receiver.requests if message_id.encode() in one[2])


def post(stack: Any, body: bytes, **headers: str) -> int:
    """Post to the sending webhook as anybody may."""
    context = ssl.create_default_context(cafile=str(stack.aws.ca_file))
    place = urlsplit(stack.receiver.url)
    connection = http.client.HTTPSConnection(place.hostname, place.port, context=context, timeout=10)
    connection.request("POST", "/sending", body=body, headers={key.replace("_", "-"): headers[key] for key in headers})
    status = connection.getresponse().status
    connection.close()
    return status


Change = Callable[[dict[str, Any]], dict[str, Any]]


def look_alike(host: str) -> Change:
    def change(message: dict[str, Any]) -> dict[str, Any]:
        return message | {"SigningCertURL": message["SigningCertURL"].replace("sns.us-east-1.amazonaws.com", host)}

    return change


FORGED: dict[str, Change] = {
    "another text": lambda message: message | {"Message": message["Message"].replace("Permanent", "Transient")},
    "another subject": lambda message: message | {"Subject": "another"},
    "no signature": lambda message: message | {"Signature": ""},
    "signature of nothing": lambda message: message | {"Signature": "AAAA"},
    "another time": lambda message: message | {"Timestamp": "2026-01-01T00:00:00.000Z"},
    "another version": lambda message: message | {"SignatureVersion": "1"},
    "another account": lambda message: (
        message | {"TopicArn": re.sub(r":\d{12}:", ":999999999999:", message["TopicArn"])}
    ),
    "another region": lambda message: message | {"TopicArn": message["TopicArn"].replace("us-east-1", "us-west-2")},
    "look-alike host": look_alike("sns.us-east-1.amazonaws.com.evil.example"),
    "bucket": look_alike("sns.s3-us-east-1.amazonaws.com"),
    "user name": look_alike("sns.us-east-1.amazonaws.com@evil.example"),
    "SNS of another region": look_alike("sns.us-west-2.amazonaws.com"),
    "made by MiniStack": lambda message: message | {"Signature": "FAKE"},
}


@pytest.fixture(scope="module")
def genuine(mail_stack: Any) -> dict[str, Any]:
    message_id = sent(mail_stack, f"bounce@{SIMULATOR}")
    mail_stack.receiver.events(message_id, 1)
    return json.loads(posted(mail_stack, message_id)[2])


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_what_sns_did_not_sign_is_refused(mail_stack: Any, genuine: dict[str, Any], change: Change) -> None:
    before = len(mail_stack.receiver.messages)
    assert 400 <= post(mail_stack, json.dumps(change(genuine)).encode()) < 500
    assert len(mail_stack.receiver.messages) == before


def test_the_very_same_is_taken_and_can_be_told_by_its_id(mail_stack: Any, genuine: dict[str, Any]) -> None:
    assert post(mail_stack, json.dumps(genuine).encode()) == 204
    assert mail_stack.receiver.messages[-1].id == genuine["MessageId"]


def test_a_confirmation_that_sns_did_not_sign_confirms_nothing(mail_stack: Any, genuine: dict[str, Any]) -> None:
    before = list(mail_stack.receiver.confirmed)
    url = f"https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={genuine['TopicArn']}&Token=x"
    forged = genuine | {"Type": "SubscriptionConfirmation", "Token": "x", "SubscribeURL": url}
    assert 400 <= post(mail_stack, json.dumps(forged).encode()) < 500
    assert mail_stack.receiver.confirmed == before


def test_a_raw_delivery_is_recognised_and_refused(mail_stack: Any) -> None:
    sns, arn = mail_stack.client("sns"), topic(mail_stack, "Complaint")
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    chosen = {"SubscriptionArn": subscription["SubscriptionArn"], "AttributeName": "RawMessageDelivery"}
    sns.set_subscription_attributes(**chosen, AttributeValue="true")
    try:
        message_id = sent(mail_stack, f"complaint@{SIMULATOR}")
        _, headers, body, status = mail_stack.receiver.wait(
            lambda: next(
                one
                for one in mail_stack.receiver.requests
                if message_id.encode() in one[2] and one[1].get("x-amz-sns-rawdelivery")
            )
        )
    finally:
        sns.set_subscription_attributes(**chosen, AttributeValue="false")
    assert (headers["x-amz-sns-rawdelivery"], status) == ("true", 400)
    assert json.loads(body)["eventType"] == "Complaint"


def test_a_subscription_without_confirmation_gets_nothing(mail_stack: Any) -> None:
    """Anybody may subscribe an endpoint of somebody else's; it hears nothing but the question."""
    sns, receiver = mail_stack.client("sns"), mail_stack.receiver
    arn = sns.create_topic(Name=f"t{uuid.uuid4().hex}")["TopicArn"]
    stranger = f"{receiver.url}/nobody"
    subscription = sns.subscribe(TopicArn=arn, Protocol="https", Endpoint=stranger, ReturnSubscriptionArn=True)
    assert subscription
    assert mail_stack.aws.mail.sns.publish(arn, "text", "subject") == []
