"""Received mail, from SMTP to the vendor's server: rules, bucket, the function under its own role, the webhook.

Everything but SES's and Lambda's own software is real: the template, the policies, the posts and the receiver.
"""

import hashlib
import http.client
import json
import os
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from byoaws.fakeaws.console.stacks import delete_stack

REGION = "us-east-1"
DATA = Path(__file__).parents[3] / "shared" / "data"
BODIES = [*sorted((DATA / "mail").rglob("*.eml")), *sorted((DATA / "ses" / "relay").glob("*.email"))]
ODD = {
    "empty": b"",
    "a line": b"Subject: x\r\n\r\nx\r\n",
    "no end of line": b"Subject: x\r\n\r\nx",
    "no header": b"\r\nonly a body\r\n",
    "dots": b"Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n\n.\n\r\n",
    "bare line feeds": b"Subject: x\nTo: y\n\nline\n.\nline\n",
    "bare carriage returns": b"Subject: x\rTo: y\r\n\r\nline\rline\r\n",
    "8 bit": "Subject: Grüße\r\n\r\n日本\r\n".encode() + bytes(range(128, 256)) + b"\r\n",
    "NUL": b"Subject: a\x00b\r\n\r\n\x00\x00\r\n",
    "10,000 headers": b"".join(b"X-%d: y\r\n" % number for number in range(10_000)) + b"\r\nbody\r\n",
    "a long line": b"Subject: x\r\n\r\n" + b"y" * 100_000 + b"\r\n",
    "a header of its own from SES": b"X-SES-RECEIPT: x\r\nReturn-Path: <evil@x.example>\r\n\r\nbody\r\n",
}


@pytest.fixture(scope="module")
def sender(mail_stack: Any) -> Iterator[Any]:
    with mail_stack.sender() as open_connection:
        yield open_connection


def as_sent(content: bytes) -> bytes:
    """What SMTP can carry: a message ends with an end of line, or is empty."""
    return content if content.endswith(b"\r\n") or not content else content + b"\r\n"


def without_ses(raw: bytes) -> bytes:
    """A stored message without what SES put in front of it: its headers end with X-SES-RECEIPT."""
    above, _, rest = raw.partition(b"\r\nX-SES-RECEIPT: ")
    assert above.startswith(b"Return-Path: <somebody@sender.example>\r\nReceived: from mx.sender.example")
    return rest.partition(b"\r\n")[2]


def accepted(answer: tuple[int, bytes]) -> str:
    """The id that SES gave to a message."""
    code, text = answer
    assert (code, text[:3]) == (250, b"OK ")
    return text[3:].decode()


def by_id(stack: Any, message_id: str, within: float = 20.0) -> Any:
    mails = stack.receiver.mails
    return stack.receiver.wait(lambda: next(mail for mail in mails if mail.ses_message_id == message_id), within)


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_a_message_arrives_byte_for_byte(mail_stack: Any, sender: Any, content: bytes) -> None:
    found = by_id(mail_stack, accepted(sender.deliver(content, "info@customer.example")))
    assert without_ses(found.raw) == as_sent(content)
    assert (found.envelope.sender, found.envelope.recipients) == ("somebody@sender.example", ("info@customer.example",))
    assert (found.account_id, found.region) == (mail_stack.customer.account_id, REGION)
    assert (found.bucket, found.key) == (mail_stack.outputs["BucketName"], f"inbound/{found.ses_message_id}")


@pytest.mark.skipif(not BODIES, reason="the folder shared/data with real and weird mail is not beside the checkout")
def test_every_real_and_weird_mail_arrives_byte_for_byte(mail_stack: Any, sender: Any) -> None:
    sent = {
        accepted(sender.deliver(path.read_bytes(), f"{uuid.uuid4()}@customer.example")): path.read_bytes()
        for path in BODIES
    }
    assert len(sent) == len(BODIES) > 100
    for message_id, content in sent.items():
        found = by_id(mail_stack, message_id)
        assert without_ses(found.raw) == as_sent(content)
        assert (found.size, found.sha256) == (len(found.raw), hashlib.sha256(found.raw).hexdigest())


@pytest.mark.parametrize("size", [300_000, 25 * 2**20, 40 * 2**20], ids=["over the limit", "25 MB", "40 MB"])
def test_a_large_message_arrives_by_reference(mail_stack: Any, sender: Any, size: int) -> None:
    content = b"Subject: large\r\n\r\n" + (os.urandom(490).hex().encode() + b"\r\n") * ((size - 18) // 982)
    found = by_id(mail_stack, accepted(sender.deliver(content, "info@customer.example")))
    assert found.raw is None
    stored = mail_stack.client("s3").get_object(Bucket=found.bucket, Key=found.key)["Body"].read()
    assert without_ses(stored) == content
    assert found.size == len(stored)


def test_a_message_over_40_mb_is_refused(mail_stack: Any, sender: Any) -> None:
    code, _ = sender.mail("somebody@sender.example", [f"SIZE={40 * 2**20 + 1}"])
    assert code == 552
    sender.rset()
    content = b"Subject: x\r\n\r\n" + (b"y" * 65_534 + b"\r\n") * 641
    assert sender.deliver(content, "info@customer.example")[0] == 552


def test_nobody_is_there(mail_stack: Any, sender: Any) -> None:
    assert sender.deliver(b"x", "info@stranger.example") == (
        550,
        b"5.1.1 Requested action not taken: mailbox unavailable",
    )


def test_several_recipients_are_one_message(mail_stack: Any, sender: Any) -> None:
    answer = sender.deliver(b"Subject: x\r\n\r\nseveral\r\n", "a@customer.example", "b@sub.customer.example")
    message_id = accepted(answer)
    by_id(mail_stack, message_id)
    assert [mail.ses_message_id for mail in mail_stack.receiver.mails].count(message_id) == 1


def test_a_bounce_has_no_sender(mail_stack: Any, sender: Any) -> None:
    found = by_id(mail_stack, accepted(sender.deliver(b"Subject: x\r\n\r\n", "a@customer.example", sender="")))
    assert found.envelope.sender == ""


def test_over_tls_as_well(mail_stack: Any) -> None:
    with mail_stack.sender() as encrypted:
        encrypted.starttls(context=ssl.create_default_context(cafile=str(mail_stack.aws.ca_file)))
        encrypted.ehlo("mx.sender.example")
        message_id = accepted(encrypted.deliver(b"Subject: x\r\n\r\nover TLS\r\n", "info@customer.example"))
    assert by_id(mail_stack, message_id)


def test_the_object_that_ses_writes_at_set_up_is_not_forwarded(mail_stack: Any, sender: Any) -> None:
    by_id(mail_stack, accepted(sender.deliver(b"Subject: x\r\n\r\n", "info@customer.example")))
    bucket = mail_stack.outputs["BucketName"]
    assert mail_stack.client("s3").head_object(Bucket=bucket, Key="inbound/AMAZON_SES_SETUP_NOTIFICATION")
    assert not [mail for mail in mail_stack.receiver.mails if mail.key.endswith("NOTIFICATION")]


def test_a_receiver_that_fails_gets_the_message_again_with_the_same_id(mail_stack: Any, sender: Any) -> None:
    receiver, marker = mail_stack.receiver, uuid.uuid4().hex.encode()
    before = len(receiver.requests)
    receiver.answers += [503]
    message_id = accepted(sender.deliver(b"Subject: x\r\n\r\n%s\r\n" % marker, "info@customer.example"))
    found = by_id(mail_stack, message_id)
    posts = [headers["webhook-id"] for path, headers, _, _ in receiver.requests[before:] if path == "/inbound"]
    assert posts == [found.id, found.id]


def test_without_its_policy_the_bucket_gets_nothing_and_nothing_is_lost(mail_stack: Any, sender: Any) -> None:
    s3, bucket = mail_stack.client("s3"), mail_stack.outputs["BucketName"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    marker = uuid.uuid4().hex.encode()
    content = b"Subject: x\r\n\r\n%s\r\n" % marker
    before = s3.list_objects_v2(Bucket=bucket)["KeyCount"]
    s3.delete_bucket_policy(Bucket=bucket)
    try:
        assert sender.deliver(content, "info@customer.example")[0] == 451
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == before
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    accepted(sender.deliver(content, "info@customer.example"))
    assert without_ses(mail_stack.receiver.mail_with(marker).raw) == content


# What must not be believed -------------------------------------------------------------------------------------------


Post = tuple[dict[str, str], bytes]
WHEN = "webhook-timestamp"
FORGED: dict[str, Callable[[dict[str, str], bytes], Post]] = {
    "another text": lambda headers, body: (headers, body.replace(b'"size"', b'"SIZE"')),
    "cut off": lambda headers, body: (headers, body[:-2]),
    "no signature": lambda headers, body: ({key: headers[key] for key in headers if "signature" not in key}, body),
    "another signature": lambda headers, body: (headers | {"webhook-signature": "v1," + "A" * 43 + "="}, body),
    "another id": lambda headers, body: (headers | {"webhook-id": "msg_another"}, body),
    "another time": lambda headers, body: (headers | {WHEN: str(int(headers[WHEN]) - 1)}, body),
    "empty": lambda headers, body: (headers, b""),
}


@pytest.fixture(scope="module")
def genuine(mail_stack: Any, sender: Any) -> Post:
    marker = accepted(sender.deliver(b"Subject: genuine\r\n\r\n", "info@customer.example"))
    by_id(mail_stack, marker)
    posts = mail_stack.receiver.requests
    headers, body = next((headers, body) for _, headers, body, _ in posts if marker.encode() in body)
    return {name: value for name, value in headers.items() if name.startswith("webhook-")}, body


def post(stack: Any, headers: dict[str, str], body: bytes) -> int:
    """Post to the inbound webhook as anybody may."""
    context = ssl.create_default_context(cafile=str(stack.aws.ca_file))
    place = urlsplit(stack.receiver.url)
    connection = http.client.HTTPSConnection(place.hostname, place.port, context=context, timeout=10)
    connection.request("POST", "/inbound", body=body, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_what_the_forwarder_did_not_sign_is_refused(
    mail_stack: Any, genuine: Post, change: Callable[..., Post]
) -> None:
    before = len(mail_stack.receiver.mails)
    assert 400 <= post(mail_stack, *change(*genuine)) < 500
    assert len(mail_stack.receiver.mails) == before


def test_the_very_same_is_taken_and_can_be_told_by_its_id(mail_stack: Any, genuine: Post) -> None:
    assert post(mail_stack, *genuine) == 204
    assert mail_stack.receiver.mails[-1].id == genuine[0]["webhook-id"]


# Rule sets -----------------------------------------------------------------------------------------------------------


def foreign_rules(stack_or_aws: Any, customer: Any, bucket: str) -> None:
    """What a customer had before: a rule set, active, that keeps the mail of one address in a bucket of theirs."""
    ses, s3 = (stack_or_aws.client(customer, service, REGION) for service in ("ses", "s3"))
    s3.create_bucket(Bucket=bucket)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    ses.create_receipt_rule_set(RuleSetName="theirs")
    ses.create_receipt_rule(
        RuleSetName="theirs",
        Rule={
            "Name": "archive",
            "Enabled": True,
            "Recipients": ["archive@customer.example"],
            "Actions": [{"S3Action": {"BucketName": bucket}}],
        },
    )
    ses.set_active_receipt_rule_set(RuleSetName="theirs")


def test_a_foreign_rule_set_stays_and_both_get_their_mail(
    fake_aws: Any, mailmark_stack: Callable[..., Any], aws_customer: Any
) -> None:
    theirs = f"archive-{uuid.uuid4()}"
    foreign_rules(fake_aws, aws_customer, theirs)
    stack = mailmark_stack(aws_customer, InboundRecipients="info@customer.example,archive@customer.example")
    ses, s3 = stack.client("ses"), stack.client("s3")
    assert ses.describe_active_receipt_rule_set()["Metadata"]["Name"] == "theirs"
    with stack.sender() as sender:
        ours = accepted(sender.deliver(b"Subject: x\r\n\r\nours\r\n", "info@customer.example"))
        both = accepted(sender.deliver(b"Subject: x\r\n\r\nboth\r\n", "archive@customer.example"))
        assert sender.deliver(b"x", "nobody@customer.example")[0] == 550
    assert by_id(stack, ours)
    assert by_id(stack, both)
    assert s3.get_object(Bucket=theirs, Key=both)["Body"].read().endswith(b"both\r\n")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=theirs, Key=ours)
    delete_stack(fake_aws, aws_customer, region=REGION, name=stack.stack_id)
    with stack.sender() as sender:
        assert accepted(sender.deliver(b"Subject: x\r\n\r\nafter\r\n", "archive@customer.example"))
        assert sender.deliver(b"x", "info@customer.example")[0] == 550


def test_a_stack_that_is_deleted_while_mail_arrives_loses_none_that_was_taken(
    fake_aws: Any, mailmark_stack: Callable[..., Any]
) -> None:
    stack = mailmark_stack()
    bucket, taken, refused = stack.outputs["BucketName"], [], []
    over = threading.Event()

    def send() -> None:
        with stack.sender() as sender:
            while not over.is_set():
                code, text = sender.deliver(b"Subject: x\r\n\r\nmany\r\n", "info@customer.example")
                (taken if code == 250 else refused).append((code, text))
                time.sleep(0.01)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        stack.receiver.wait(lambda: next(iter(taken)))
        delete_stack(fake_aws, stack.customer, region=REGION, name=stack.stack_id)
        stack.receiver.wait(lambda: next(iter(refused)))
    finally:
        over.set()
        thread.join(20)
    assert {code for code, _ in refused} <= {550, 451}
    keys = {item["Key"] for item in stack.client("s3").list_objects_v2(Bucket=bucket)["Contents"]}
    assert {f"inbound/{text[3:].decode()}" for _, text in taken} <= keys
