"""The forwarder's posts, held against the package `standardwebhooks`, which we did not write."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from byoaws.errors import (
    UsageError,
    WebhookError,
    WebhookForged,
    WebhookMalformed,
    WebhookStale,
    WebhookTooLarge,
    WebhookUndecided,
)
from byoaws.webhooks import verify_forwarder

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
STRANGER = "whsec_" + base64.b64encode(bytes(range(64, 96))).decode()
RAW = b"From: a@example.com\r\nSubject: hi\r\n\r\nhello \xff\x00\r\n"
POST: dict[str, Any] = {
    "type": "inbound.received",
    "connection_id": "con_8rqyhtrb2pcp0t8wn9jr",
    "account_id": "111122223333",
    "region": "eu-west-1",
    "bucket": "mail-111122223333",
    "key": "inbound/abc",
    "version_id": None,
    "size": len(RAW),
    "sha256": hashlib.sha256(RAW).hexdigest(),
    "etag": "0a1b",
    "ses_message_id": "abc",
    "envelope": {"sender": "a@example.com", "recipients": ["b@example.org"]},
    "headers": [["From", "a@example.com"], ["Subject", "hi"]],
    "raw": base64.b64encode(RAW).decode(),
}


def signed(body: bytes, secret: str = SECRET, *, at: datetime = NOW, message_id: str = "msg_1") -> dict[str, str]:
    """Headers as the package `standardwebhooks` makes them."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode("latin-1")),
    }


def encoded(**changes: Any) -> bytes:
    return json.dumps({**POST, **changes}).encode()


def verify(headers: dict[str, str], body: bytes, *secrets: str, **options: Any) -> Any:
    given = {"now": NOW.timestamp(), "connection": POST["connection_id"], **options}
    return verify_forwarder(headers, body, secrets or (SECRET,), **given)


def test_what_the_package_signs_is_accepted_and_read() -> None:
    body = encoded()
    mail = verify({name.title(): value for name, value in signed(body).items()}, body)
    assert (mail.id, mail.sent_at, mail.connection_id) == ("msg_1", NOW, POST["connection_id"])
    assert mail.raw == RAW
    assert mail.headers == (("From", "a@example.com"), ("Subject", "hi"))
    assert (mail.envelope.sender, mail.envelope.recipients) == ("a@example.com", ("b@example.org",))


@dataclass(frozen=True, kw_only=True)
class Whose:
    id: str = POST["connection_id"]
    account_id: str | None = POST["account_id"]
    region: str = POST["region"]


@pytest.mark.parametrize("said", [POST["connection_id"], ""], ids=["its own", "none"])
@pytest.mark.parametrize("connection", [Whose(), POST["connection_id"]], ids=["connection", "id"])
def test_a_post_of_the_connection_is_accepted_and_known_as_its(said: str, connection: Whose | str) -> None:
    body = encoded(connection_id=said)
    assert verify(signed(body), body, connection=connection).connection_id == POST["connection_id"]


@pytest.mark.parametrize(
    "claim", [{"connection_id": "con_another"}, {"account_id": "444455556666"}, {"region": "us-east-1"}], ids=str
)
def test_a_customer_cannot_sign_for_another(claim: dict[str, str]) -> None:
    body = encoded(**claim)
    with pytest.raises(WebhookForged, match="another's"):
        verify(signed(body), body, connection=Whose())


@pytest.mark.parametrize("said", ["con_another", POST["connection_id"] + " ", POST["connection_id"].upper()])
def test_of_an_id_alone_no_other_is_accepted_either(said: str) -> None:
    body = encoded(connection_id=said)
    with pytest.raises(WebhookForged, match="another's"):
        verify(signed(body), body, connection=POST["connection_id"])


@pytest.mark.parametrize("connection", [None, "", Whose(id="")], ids=["None", "empty", "without an id"])
@pytest.mark.parametrize("said", [POST["connection_id"], ""], ids=["one", "none"])
def test_a_receiver_that_does_not_say_whose_endpoint_it_is_accepts_nothing(connection: Any, said: str) -> None:
    body = encoded(connection_id=said)
    with pytest.raises(UsageError, match="no connection"):
        verify(signed(body), body, connection=connection)


def test_whose_endpoint_it_is_cannot_be_left_out() -> None:
    body = encoded()
    with pytest.raises(TypeError, match="connection"):
        verify_forwarder(signed(body), body, [SECRET], now=NOW.timestamp())  # type: ignore[call-arg]


def test_before_the_account_is_known_nothing_is_decided() -> None:
    body = encoded()
    with pytest.raises(WebhookUndecided):
        verify(signed(body), body, connection=Whose(account_id=None))


def test_mail_over_the_limit_is_told_by_its_place() -> None:
    body = encoded(raw=None, sha256=None, version_id="v1")
    mail = verify(signed(body), body)
    assert (mail.raw, mail.sha256, mail.version_id, mail.key) == (None, None, "v1", "inbound/abc")


@pytest.mark.parametrize("secrets", [(SECRET, OLD), (OLD, SECRET)])
@pytest.mark.parametrize("by", [SECRET, OLD])
def test_while_one_secret_replaces_another_both_are_good(secrets: tuple[str, ...], by: str) -> None:
    body = encoded()
    verify(signed(body, by), body, *secrets)
    with pytest.raises(WebhookForged):
        verify(signed(body, STRANGER), body, *secrets)


def test_one_good_signature_among_others_is_enough() -> None:
    body = encoded()
    headers = signed(body)
    headers["webhook-signature"] = "v1,AAAA v1a,xyz " + headers["webhook-signature"]
    verify(headers, body)


FORGERIES: dict[str, Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]]] = {
    "body": lambda headers, body: (headers, body.replace(b"con_8", b"con_9")),
    "one byte more": lambda headers, body: (headers, body + b" "),
    "truncated": lambda headers, body: (headers, body[:-1]),
    "empty": lambda headers, body: (headers, b""),
    "id": lambda headers, body: ({**headers, "webhook-id": "msg_2"}, body),
    "time": lambda headers, body: ({**headers, "webhook-timestamp": str(int(NOW.timestamp()) + 1)}, body),
    "dots moved": lambda headers, body: ({**headers, "webhook-id": "msg_1.1"}, body),
    "another version": lambda headers, body: (
        {**headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v2,")},
        body,
    ),
    "no version": lambda headers, body: (
        {**headers, "webhook-signature": headers["webhook-signature"].removeprefix("v1,")},
        body,
    ),
    "stranger": lambda headers, body: (signed(body, STRANGER), body),
    "empty signature": lambda headers, body: ({**headers, "webhook-signature": "v1,"}, body),
    "behind ten others": lambda headers, body: (
        {**headers, "webhook-signature": "v1,x " * 10 + headers["webhook-signature"]},
        body,
    ),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_refused(forge: Callable[..., Any]) -> None:
    body = encoded()
    headers, body = forge(signed(body), body)
    with pytest.raises(WebhookForged):
        verify(headers, body)


@pytest.mark.parametrize("seconds", [-301, 301, 600, -600, 10**6])
def test_a_replay_is_refused_and_so_is_a_clock_that_is_wrong(seconds: int) -> None:
    body = encoded()
    with pytest.raises(WebhookStale, match=f"{abs(seconds)} seconds {'ago' if seconds > 0 else 'ahead'}"):
        verify(signed(body, at=NOW - timedelta(seconds=seconds)), body)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    body = encoded()
    verify(signed(body, at=NOW - timedelta(seconds=seconds)), body)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "ü"])
def test_a_header_that_is_missing_is_told(name: str, value: str | None) -> None:
    body = encoded()
    headers = {key: one for key, one in {**signed(body), name: value}.items() if one is not None}
    with pytest.raises(WebhookMalformed, match=name):
        verify(headers, body)


@pytest.mark.parametrize("stamp", ["soon", "-1", "1e9", "1" * 13])
def test_a_signed_time_that_is_none_is_told(stamp: str) -> None:
    body = encoded()
    text = f"msg_1.{stamp}.".encode() + body
    import hmac

    signature = base64.b64encode(hmac.digest(bytes(range(32)), text, hashlib.sha256)).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    with pytest.raises(WebhookMalformed, match="webhook-timestamp"):
        verify(headers, body)


def test_a_body_that_is_too_large_is_not_even_hashed() -> None:
    with pytest.raises(WebhookTooLarge, match="11 bytes"):
        verify({"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "1"}, b"x" * 11, most_bytes=10)


@pytest.mark.parametrize("secrets", [(), ("whsec_short",), ("not base64 at all!",), (SECRET, "whsec_")])
def test_a_receiver_without_a_proper_secret_is_told_so_and_accepts_nothing(secrets: tuple[str, ...]) -> None:
    body = encoded()
    with pytest.raises(UsageError) as caught:
        verify_forwarder(signed(body), body, secrets, connection=Whose(), now=NOW.timestamp())
    assert "whsec_short" not in f"{caught.value}{caught.value.hint}"


WRONG_POSTS: dict[str, dict[str, Any]] = {
    "type": {"type": "outbound.sent"},
    "a report of the stack, which the same secret signs": {"type": "stack.deleted"},
    "no connection": {"connection_id": None},
    "size": {"size": "5"},
    "size that is true": {"size": True},
    "negative size": {"size": -1},
    "raw that is no base64": {"raw": "?"},
    "raw that is a number": {"raw": 5},
    "raw of another size": {"size": 1},
    "raw of another hash": {"sha256": "0" * 64},
    "raw without a hash": {"sha256": None},
    "no envelope": {"envelope": None},
    "recipients": {"envelope": {"sender": None, "recipients": "b@example.org"}},
    "headers": {"headers": [["From"]]},
    "headers that are no list": {"headers": {"From": "x"}},
}


@pytest.mark.parametrize("change", WRONG_POSTS.values(), ids=WRONG_POSTS.keys())
def test_a_signed_body_that_is_not_the_forwarders_is_malformed(change: dict[str, Any]) -> None:
    body = encoded(**change)
    with pytest.raises(WebhookMalformed):
        verify(signed(body), body)


@given(body=st.binary(max_size=200), headers=st.dictionaries(st.sampled_from(sorted(signed(b""))), st.text()))
def test_whatever_is_posted_only_documented_errors_come(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(WebhookError):
        verify(headers, body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(key=st.sampled_from(sorted(POST)), value=JSON)
def test_whatever_is_signed_only_documented_errors_come(key: str, value: Any) -> None:
    body = encoded(**{key: value})
    try:
        verify(signed(body), body)
    except WebhookMalformed:
        pass
    else:
        assert key not in {"type", "raw"} or value in (POST[key], None)
