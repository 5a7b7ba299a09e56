"""SNS's posts: what is accepted, and every way to forge one."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.errors import (
    UsageError,
    WebhookError,
    WebhookForged,
    WebhookMalformed,
    WebhookStale,
    WebhookTooLarge,
    WebhookUndecided,
)
from byoaws.webhooks import Certificates, verify_sns

CAPTURED = Path(__file__).parents[3] / "shared/data/ses"
Body = Callable[[Any], bytes]


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"])
@pytest.mark.parametrize("subject", [None, "Grüße TopicArn"])
def test_what_sns_signed_is_accepted(
    version: str, kind: str, subject: str | None, sns: Any, account: Any, body: Body, now: datetime
) -> None:
    extra = {} if subject is None else {"Subject": subject}
    post = sns.post(version=version, Type=kind, **extra)
    found = verify_sns(body(post), account, certificates=sns.certificates(), now=now)
    assert (found.type, found.topic_arn, found.message) == (kind, post["TopicArn"], post["Message"])
    assert found.subject == subject
    assert found.sent_at == now
    assert (found.subscribe_url is None) == (kind == "Notification")


def test_a_subject_that_is_null_is_not_signed(sns: Any, account: Any, body: Body, now: datetime) -> None:
    post = {**sns.post(), "Subject": None}
    assert verify_sns(body(post), account, certificates=sns.certificates(), now=now).subject is None


def test_one_signature_is_not_good_for_the_same_lines_cut_differently(
    sns: Any, account: Any, body: Body, now: datetime
) -> None:
    signed = sns.post(Message="bad\nMessageId\nnew-id\nSubject\nhello")
    found = verify_sns(body(signed), account, certificates=sns.certificates(), now=now)
    assert found.message == signed["Message"]
    cut = {**signed, "Message": "bad", "MessageId": "new-id", "Subject": f"hello\nMessageId\n{signed['MessageId']}"}
    with pytest.raises(WebhookMalformed, match="line break in 'Subject'"):
        verify_sns(body(cut), account, certificates=sns.certificates(), now=now)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_at_the_end_of_time_is_no_crash(time: str, sns: Any, account: Any, body: Body) -> None:
    with pytest.raises(WebhookMalformed, match="Timestamp"):
        verify_sns(body({**sns.post(), "Timestamp": time}), account, certificates=sns.certificates())


def test_forgeries_at_one_endpoint_do_not_lock_out_another(sns: Any, account: Any, body: Body, now: datetime) -> None:
    certificates = sns.certificates()
    attacked = replace(account, account_id="444455556666")
    for number in range(50):
        url = f"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{number:032x}.pem"
        forged = sns.post(TopicArn="arn:aws:sns:eu-west-1:444455556666:t") | {"SigningCertURL": url}
        with pytest.raises(WebhookUndecided):
            verify_sns(body(forged), attacked, certificates=certificates, now=now)
    assert len(sns.fetched) == 20
    assert verify_sns(body(sns.post()), account, certificates=certificates, now=now)


@pytest.mark.parametrize("key", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"])
def test_a_signed_field_that_was_changed_is_seen(key: str, sns: Any, account: Any, body: Body, now: datetime) -> None:
    post = sns.post(Subject="hello")
    changed = {
        "Timestamp": "2026-11-21T12:00:01.000Z",
        "TopicArn": post["TopicArn"] + "x",
        "Type": "SubscriptionConfirmation",
    }.get(key, post[key] + "x")
    post = {**post, key: changed, "Token": "abc", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?x=y"}
    with pytest.raises(WebhookForged, match="signature"):
        verify_sns(body(post), account, certificates=sns.certificates(), now=now)


@pytest.mark.parametrize("key", ["Token", "SubscribeURL"])
def test_a_confirmation_is_signed_with_its_url(key: str, sns: Any, account: Any, body: Body, now: datetime) -> None:
    post = sns.post(Type="SubscriptionConfirmation")
    with pytest.raises(WebhookForged, match="signature"):
        verify_sns(body({**post, key: post[key] + "x"}), account, certificates=sns.certificates(), now=now)


def test_another_key_is_no_key_of_sns(sns: Any, other_key: Any, account: Any, body: Body, now: datetime) -> None:
    post = replace(sns, key=other_key).post()
    with pytest.raises(WebhookForged, match="signature"):
        verify_sns(body(post), account, certificates=sns.certificates(), now=now)


def test_a_signature_of_version_1_is_none_of_version_2(sns: Any, account: Any, body: Body, now: datetime) -> None:
    post = {**sns.post(version="1"), "SignatureVersion": "2"}
    with pytest.raises(WebhookForged, match="signature"):
        verify_sns(body(post), account, certificates=sns.certificates(), now=now)


TOPICS = {
    "account": "arn:aws:sns:eu-west-1:999999999999:bounces",
    "region": "arn:aws:sns:us-east-1:111122223333:bounces",
    "partition": "arn:aws-cn:sns:eu-west-1:111122223333:bounces",
    "service": "arn:aws:sqs:eu-west-1:111122223333:bounces",
    "account as a beginning": "arn:aws:sns:eu-west-1:1111222233334:bounces",
    "subscription": "arn:aws:sns:eu-west-1:111122223333:bounces:0b4c",
    "nothing": "",
}


@pytest.mark.parametrize("arn", TOPICS.values(), ids=TOPICS.keys())
def test_a_topic_of_somebody_else_is_refused_though_sns_signed_it(
    arn: str, sns: Any, account: Any, body: Body, now: datetime
) -> None:
    with pytest.raises(WebhookForged, match="topic"):
        verify_sns(body(sns.post(TopicArn=arn)), account, certificates=sns.certificates(), now=now)
    assert sns.fetched == []  # nothing is asked of anybody for a stranger


def test_only_the_topics_that_are_named(sns: Any, account: Any, body: Body, now: datetime) -> None:
    post, certificates = sns.post(), sns.certificates()
    verify_sns(body(post), account, certificates=certificates, now=now, topics=[post["TopicArn"]])
    with pytest.raises(WebhookForged, match="topic"):
        verify_sns(body(post), account, certificates=certificates, now=now, topics=[post["TopicArn"] + "2"])


def test_before_the_account_is_known_nothing_is_decided(sns: Any, account: Any, body: Body, now: datetime) -> None:
    with pytest.raises(WebhookUndecided, match="not known yet") as caught:
        verify_sns(body(sns.post()), replace(account, account_id=None), certificates=sns.certificates(), now=now)
    assert caught.value.status == 503


PATH = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
CERTIFICATE_URLS = {
    "bucket": f"https://sns.s3-ap-southeast-2.amazonaws.com{PATH}",
    "bucket in path style": "https://s3.eu-west-1.amazonaws.com/sns.eu-west-1.amazonaws.com.pem",
    "another region": f"https://sns.us-east-1.amazonaws.com{PATH}",
    "no region": f"https://sns.amazonaws.com{PATH}",
    "http": f"http://sns.eu-west-1.amazonaws.com{PATH}",
    "suffix": f"https://sns.eu-west-1.amazonaws.com.evil.example{PATH}",
    "prefix": f"https://evil-sns.eu-west-1.amazonaws.com{PATH}",
    "China": f"https://sns.eu-west-1.amazonaws.com.cn{PATH}",
    "user name": f"https://sns.eu-west-1.amazonaws.com@evil.example{PATH}",
    "port": f"https://sns.eu-west-1.amazonaws.com:8443{PATH}",
    "dot": f"https://sns.eu-west-1.amazonaws.com.{PATH}",
    "capitals": f"https://SNS.eu-west-1.amazonaws.com{PATH}",
    "letters that look alike": f"https://sns.eu-west-1.\u0430mazonaws.com{PATH}",
    "back slash": f"https://sns.eu-west-1.amazonaws.com\\@evil.example{PATH}",
    "path": "https://sns.eu-west-1.amazonaws.com/other.pem",
    "deeper path": f"https://sns.eu-west-1.amazonaws.com/x{PATH}",
    "query": f"https://sns.eu-west-1.amazonaws.com{PATH}?x=1",
    "fragment": f"https://sns.eu-west-1.amazonaws.com{PATH}#x",
    "line": f"https://sns.eu-west-1.amazonaws.com{PATH}\n",
    "file": "file:///etc/ssl/cert.pem",
    "metadata": "http://169.254.169.254/latest/x.pem",
    "nothing": "",
}


@pytest.mark.parametrize("url", CERTIFICATE_URLS.values(), ids=CERTIFICATE_URLS.keys())
def test_a_certificate_of_another_place_is_not_even_fetched(
    url: str, sns: Any, account: Any, body: Body, now: datetime, pems: dict[str, bytes]
) -> None:
    sns.served[url] = pems["good"]
    with pytest.raises(WebhookForged, match="certificate is not at"):
        verify_sns(body(sns.post(SigningCertURL=url)), account, certificates=sns.certificates(), now=now)
    assert sns.fetched == []


PARTITIONS = {
    "aws": ("eu-west-1", "aws", "sns.eu-west-1.amazonaws.com"),
    "aws-us-gov": ("us-gov-west-1", "aws-us-gov", "sns.us-gov-west-1.amazonaws.com"),
    "aws-cn": ("cn-north-1", "aws-cn", "sns.cn-north-1.amazonaws.com.cn"),
    "aws-eusc": ("eusc-de-east-1", "aws-eusc", "sns.eusc-de-east-1.amazonaws.eu"),
}


@pytest.mark.parametrize(("region", "partition", "host"), PARTITIONS.values(), ids=PARTITIONS.keys())
def test_each_partition_has_hosts_of_its_own(
    region: str, partition: str, host: str, sns: Any, account: Any, body: Body, now: datetime, pems: dict[str, bytes]
) -> None:
    url = f"https://{host}{PATH}"
    sns.served[url] = pems["good"]
    post = sns.post(TopicArn=f"arn:{partition}:sns:{region}:111122223333:t", SigningCertURL=url)
    there = replace(account, region=region)
    assert verify_sns(body(post), there, certificates=sns.certificates(), now=now).topic_arn == post["TopicArn"]


AGES = {
    "a second": (timedelta(seconds=1), True),
    "SNS's last try": (timedelta(minutes=60), True),
    "too old": (timedelta(minutes=66), False),
    "a year": (timedelta(days=365), False),
    "our clock behind": (timedelta(minutes=-4), True),
    "ahead": (timedelta(minutes=-6), False),
}


@pytest.mark.parametrize(("age", "fine"), AGES.values(), ids=AGES.keys())
def test_a_message_is_good_for_as_long_as_sns_tries(
    age: timedelta, fine: bool, sns: Any, account: Any, body: Body, now: datetime
) -> None:
    def verify() -> None:
        verify_sns(body(sns.post()), account, certificates=sns.certificates(), now=now + age)

    if fine:
        verify()
        return
    with pytest.raises(WebhookStale):
        verify()


def test_a_time_without_a_zone_is_our_own_mistake(sns: Any, account: Any, body: Body, now: datetime) -> None:
    with pytest.raises(UsageError, match="time zone"):
        verify_sns(body(sns.post()), account, certificates=sns.certificates(), now=now.replace(tzinfo=None))


MALFORMED = {
    "nothing": b"",
    "text": b"hello",
    "list": b"[]",
    "no type": b"{}",
    "another type": b'{"Type": "Sender"}',
    "type that is a list": b'{"Type": ["Notification"]}',
    "no topic": b'{"Type": "Notification", "MessageId": "1", "Timestamp": "2026-11-21T12:00:00Z", "Message": "m"}',
    "not UTF-8": b'{"Type": "\xff"}',
    "half a pair": b'{"Type": "\\ud800"}',
    "deep": b"[" * 100_000,
    "number": b'{"Type": ' + b"9" * 10_000 + b"}",
    "key twice": b'{"Type": "Notification", "Type": "Notification"}',
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_message_of_sns(data: bytes, sns: Any, account: Any, now: datetime) -> None:
    with pytest.raises(WebhookMalformed):
        verify_sns(data, account, certificates=sns.certificates(), now=now)


FIELDS = {
    "time": {"Timestamp": "yesterday"},
    "time without a zone": {"Timestamp": "2026-11-21T12:00:00"},
    "version": {"SignatureVersion": "3"},
    "version as a number": {"SignatureVersion": 2},
    "signature": {"Signature": "not base64!"},
    "no signature": {"Signature": None},
    "no certificate": {"SigningCertURL": None},
    "message": {"Message": {"eventType": "Send"}},
    "subject": {"Subject": 5},
}


@pytest.mark.parametrize("change", FIELDS.values(), ids=FIELDS.keys())
def test_a_field_that_is_not_as_sns_writes_it(
    change: dict[str, Any], sns: Any, account: Any, body: Body, now: datetime
) -> None:
    with pytest.raises(WebhookMalformed):
        verify_sns(body({**sns.post(), **change}), account, certificates=sns.certificates(), now=now)


def test_too_many_bytes_are_not_read(account: Any) -> None:
    with pytest.raises(WebhookTooLarge):
        verify_sns(b" " * (2**20 + 1), account)


@pytest.mark.parametrize("data", [b'{"eventType": "Bounce"}', b'{"notificationType": "Bounce"}'])
def test_a_raw_delivery_is_known_by_its_body(data: bytes, account: Any) -> None:
    with pytest.raises(WebhookMalformed, match="raw delivery"):
        verify_sns(data, account)


def test_a_raw_delivery_is_known_by_its_header(sns: Any, account: Any, body: Body, now: datetime) -> None:
    headers = {"X-Amz-Sns-Rawdelivery": "true"}
    with pytest.raises(WebhookMalformed, match="raw delivery"):
        verify_sns(body(sns.post()), account, headers=headers, certificates=sns.certificates(), now=now)


@pytest.mark.skipif(not CAPTURED.is_dir(), reason="the captured messages are not here")
def test_captured_messages_are_read_and_refused_for_their_topic_or_form() -> None:
    class Nobody:
        account_id = "111111111111"
        region = "us-east-1"

    outcomes = set()
    for path in CAPTURED.rglob("*.json"):
        with pytest.raises(WebhookError) as caught:
            verify_sns(path.read_bytes(), Nobody(), certificates=Certificates(lambda url: b""))
        outcomes.add(caught.type)
    assert outcomes == {WebhookForged, WebhookMalformed}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_is_posted_only_documented_errors_come(data: bytes) -> None:
    with pytest.raises(WebhookError):
        verify_sns(data, _Account(), certificates=Certificates(lambda url: b""))


@settings(max_examples=60)
@given(key=st.sampled_from(["Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature",
                            "SigningCertURL", "Subject"]), value=JSON)  # fmt: skip
def test_whatever_a_field_is_only_documented_errors_come(key: str, value: Any) -> None:
    post = {**_POST, key: value}
    with pytest.raises(WebhookError):
        verify_sns(json.dumps(post).encode(), _Account(), certificates=Certificates(lambda url: b""))


class _Account:
    account_id = "111122223333"
    region = "eu-west-1"


_POST = {
    "Type": "Notification",
    "MessageId": "1",
    "TopicArn": "arn:aws:sns:eu-west-1:111122223333:bounces",
    "Message": "m",
    "Timestamp": datetime(2026, 11, 21, tzinfo=UTC).isoformat(),
    "SignatureVersion": "2",
    "Signature": "AAAA",
    "SigningCertURL": f"https://sns.eu-west-1.amazonaws.com{PATH}",
}
