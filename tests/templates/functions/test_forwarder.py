"""What the forwarder posts: its body, its id, its signature. Judges: `standardwebhooks`, and our own receiver."""

import base64
import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from byoaws.errors import WebhookForged

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
MAIL = b"From: a@b.example\r\nSubject: private\r\n\r\nhush\xff\x00"
BUCKET = "acme-1a2b3c4d-444455556666-eu-west-1-an"


def test_the_body_is_what_the_documentation_says(forwarder: Any) -> None:
    request = forwarder.forward("inbound/abc123", MAIL)
    assert (request.method, request.path) == ("POST", "/in?token=hush")
    assert request.headers["content-type"] == "application/json"
    assert Webhook(SECRET).verify(request.body, request.headers) == {
        "type": "inbound.received",
        "connection_id": "con_8rqyhtrb2pcp0t8wn9jr",
        "account_id": "444455556666",
        "region": "eu-west-1",
        "bucket": BUCKET,
        "key": "inbound/abc123",
        "version_id": None,
        "size": len(MAIL),
        "sha256": hashlib.sha256(MAIL).hexdigest(),
        "etag": "e7a9",
        "ses_message_id": "abc123",
        "envelope": {"sender": None, "recipients": []},
        "headers": [["From", "a@b.example"], ["Subject", "private"]],
        "raw": base64.b64encode(MAIL).decode(),
    }


def test_our_own_receiver_reads_it(forwarder: Any) -> None:
    mail = forwarder.mail(forwarder.forward("inbound/abc123", MAIL))
    assert (mail.raw, mail.size, mail.connection_id) == (MAIL, len(MAIL), "con_8rqyhtrb2pcp0t8wn9jr")


def test_a_stack_made_by_hand_has_no_connection(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONNECTION_ID", "")
    request = forwarder.forward("inbound/a")
    assert json.loads(request.body)["connection_id"] == ""
    assert forwarder.mail(request, connection="as-the-vendor-calls-it").connection_id == "as-the-vendor-calls-it"


@pytest.mark.parametrize("part", ["body", "webhook-id", "webhook-timestamp", "webhook-signature"])
def test_the_judges_refuse_what_was_changed_on_the_way(forwarder: Any, part: str) -> None:
    request = forwarder.forward("inbound/abc123")
    if part == "body":
        request.body = request.body.replace(b"444455556666", b"999999999999")
    elif part == "webhook-timestamp":
        request.headers[part] = str(int(request.headers[part]) - 1)
    else:
        request.headers[part] = request.headers[part][:-2] + "AA"
    with pytest.raises(WebhookVerificationError):
        forwarder.mail(request)
    with pytest.raises(WebhookForged):
        forwarder.mail(request, now=float(request.headers["webhook-timestamp"]))


def test_another_key_does_not_verify(forwarder: Any) -> None:
    request = forwarder.forward("inbound/abc123")
    with pytest.raises(WebhookVerificationError):
        forwarder.mail(request, "whsec_" + base64.b64encode(bytes(32)).decode())


# How much is sent ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "inline"), [(1000, True), (1001, False)], ids=["at the limit", "one byte over"])
def test_mail_over_the_limit_goes_by_reference(forwarder: Any, size: int, inline: bool) -> None:
    body = (b"From: a@b.example\r\n\r\n" + b"x" * size)[:size]
    mail = forwarder.mail(forwarder.forward("inbound/big", body))
    assert mail.size == size
    assert (mail.raw, mail.sha256) == ((body, hashlib.sha256(body).hexdigest()) if inline else (None, None))
    assert mail.headers == (("From", "a@b.example"),)


@pytest.mark.parametrize("size", [25 * 2**20, 40 * 2**20], ids=["25 MB", "40 MB"])
def test_of_large_mail_only_the_head_is_read(forwarder: Any, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setenv("INLINE_LIMIT", "262144")
    mail = forwarder.mail(forwarder.forward("inbound/big", b"Subject: large\r\n\r\n".ljust(size, b"x")))
    assert (mail.size, mail.raw, mail.headers) == (size, None, (("Subject", "large"),))
    assert forwarder.s3.sent == [("inbound/big", 65_536)]


def test_the_largest_limit_of_a_vendor_file_fits(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from byoaws.vendors.checks import MOST_INLINE

    monkeypatch.setenv("INLINE_LIMIT", str(MOST_INLINE))
    head = b"Subject: " + b"\xff" * 65_000 + b"\r\n\r\n"  # each byte is six in JSON
    body = head.ljust(MOST_INLINE, b"x")
    assert forwarder.mail(forwarder.forward("inbound/big", body)).raw == body


@pytest.mark.parametrize("limit", ["0", "1000"])
def test_an_empty_message_is_forwarded(forwarder: Any, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setenv("INLINE_LIMIT", limit)
    mail = forwarder.mail(forwarder.forward("inbound/empty", b""))
    assert (mail.size, mail.raw) == (0, b"" if limit == "1000" else None)


def test_with_a_limit_of_0_no_byte_of_the_message_is_read(forwarder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INLINE_LIMIT", "0")
    request = forwarder.forward("inbound/abc123", MAIL)
    mail = forwarder.mail(request)
    assert (mail.size, mail.raw, mail.sha256, mail.headers) == (len(MAIL), None, None, ())
    assert (mail.envelope.sender, mail.envelope.recipients) == (None, ())
    assert forwarder.s3.sent == []
    assert b"private" not in request.body


# Which object --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    ["inbound/a b", "inbound/a+b", "inbound/a%2Bb", "inbound/ä=1&2", "inbound/a/b c+d", "inbound/\U0001f4e7", "%"],
)
def test_keys_are_read_as_s3_writes_them(forwarder: Any, key: str) -> None:
    assert forwarder.mail(forwarder.forward(key)).key == key


@given(tail=st.text(min_size=1, max_size=20))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_key_arrives_whole(forwarder: Any, tail: str) -> None:
    assert forwarder.mail(forwarder.forward(f"inbound/{tail}")).key == f"inbound/{tail}"


def test_what_ses_writes_to_try_the_bucket_is_nobodys_mail(forwarder: Any) -> None:
    forwarder.run(forwarder.put("inbound/AMAZON_SES_SETUP_NOTIFICATION", b"hello"))
    assert (forwarder.webhook.received, forwarder.s3.asked) == ([], [])


@pytest.mark.parametrize("key", ["inbound/xAMAZON_SES_SETUP_NOTIFICATION", "inbound/AMAZON_SES_SETUP_NOTIFICATION/x"])
def test_what_is_only_called_alike_is_mail(forwarder: Any, key: str) -> None:
    assert forwarder.mail(forwarder.forward(key)).key == key


def test_a_version_is_asked_for_and_told(forwarder: Any) -> None:
    forwarder.s3.version = "v.2"
    assert forwarder.mail(forwarder.forward("inbound/a", versionId="v.2")).version_id == "v.2"
    assert forwarder.s3.asked == [{"Bucket": BUCKET, "Key": "inbound/a", "VersionId": "v.2"}]


def test_a_message_from_before_versioning_keeps_its_id(forwarder: Any) -> None:
    """S3 calls its version `null` from then on."""
    before = forwarder.forward("inbound/a").headers["webhook-id"]
    forwarder.s3.version = "null"
    after = forwarder.forward("inbound/a", versionId="null")
    assert (after.headers["webhook-id"], forwarder.mail(after).version_id) == (before, None)
    assert "VersionId" not in forwarder.s3.asked[-1]


def test_the_id_is_the_same_at_every_try_and_another_for_every_message(forwarder: Any) -> None:
    ids = [forwarder.forward(key).headers["webhook-id"] for key in ("inbound/a", "inbound/a", "inbound/b")]
    forwarder.s3.version = "2"
    ids.append(forwarder.forward("inbound/a").headers["webhook-id"])
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(one.startswith("msg_") and "." not in one for one in ids)


def test_the_id_is_that_of_earlier_releases(forwarder: Any) -> None:
    """A receiver remembers it, and `inbound backfill` counts on it."""
    place = f"{BUCKET}/inbound/a/None"
    assert (
        forwarder.forward("inbound/a").headers["webhook-id"] == "msg_" + hashlib.sha256(place.encode()).hexdigest()[:32]
    )


def test_a_message_that_is_gone_is_raised(forwarder: Any) -> None:
    """The bucket keeps mail, so somebody took it away before the vendor had it: that is for people to look at."""
    event = forwarder.put("inbound/a", MAIL)
    forwarder.s3.objects.clear()
    with pytest.raises(ClientError, match="NoSuchKey"):
        forwarder.run(event)


# Several records -----------------------------------------------------------------------------------------------------


def joined(*events: dict[str, Any]) -> dict[str, Any]:
    return {"Records": [record for event in events for record in event["Records"]]}


def test_every_record_is_forwarded(forwarder: Any) -> None:
    forwarder.run(joined(*(forwarder.put(f"inbound/{name}", MAIL) for name in "ab")))
    assert [forwarder.mail(request).ses_message_id for request in forwarder.webhook.received] == ["a", "b"]


def test_no_record_starves_another(forwarder: Any) -> None:
    event = joined(*(forwarder.put(f"inbound/{name}", MAIL) for name in "abc"))
    del forwarder.s3.objects["inbound/a"]
    forwarder.webhook.answers[:] = [500]
    with pytest.raises(ClientError, match="NoSuchKey"):
        forwarder.run(event)
    first = [forwarder.mail(request).ses_message_id for request in forwarder.webhook.received]
    forwarder.s3.objects["inbound/a"] = MAIL
    forwarder.run(event)
    again = forwarder.webhook.received[2:]
    assert (first, [forwarder.mail(request).ses_message_id for request in again]) == (["b", "c"], ["a", "b", "c"])
    assert again[2].headers["webhook-id"] == forwarder.webhook.received[1].headers["webhook-id"]


# The key -------------------------------------------------------------------------------------------------------------

SECRETS = {
    "as minted": SECRET,
    "without its prefix": SECRET.removeprefix("whsec_"),
    "without padding": SECRET.rstrip("="),
    "64 letters and digits, as Secrets Manager makes it": "aZ09" * 16,
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_every_form_of_key_that_a_stack_may_hold(forwarder: Any, secret: str) -> None:
    forwarder.secrets.value = secret
    forwarder.mail(forwarder.forward("inbound/a"), secret)


def test_while_a_key_is_replaced_both_verify(forwarder: Any) -> None:
    new = "whsec_" + base64.b64encode(b"n" * 32).decode()
    forwarder.secrets.value = f"{new} {SECRET}"
    request = forwarder.forward("inbound/a")
    assert forwarder.mail(request, new) == forwarder.mail(request, SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_hushhushhush", "whsec_hush!hush!hush!hush!hush!hush!hush!"])
def test_a_key_that_is_none_is_raised_and_not_shown(forwarder: Any, secret: str) -> None:
    forwarder.secrets.value = secret
    with pytest.raises((RuntimeError, ValueError)) as raised:
        forwarder.forward("inbound/a")
    assert "hush" not in str(raised.value)
    assert forwarder.webhook.received == []


def test_the_key_is_read_once_and_again_after_five_minutes(forwarder: Any) -> None:
    now = [1000.0]
    forwarder.module.time.monotonic = lambda: now[0]
    for moment in (1000.0, 1299.9, 1300.0):
        now[0] = moment
        forwarder.forward("inbound/a")
    assert forwarder.secrets.asked == 2


# What is logged ------------------------------------------------------------------------------------------------------


def test_of_a_message_its_place_is_logged_and_nothing_else(forwarder: Any, capfd: pytest.CaptureFixture[str]) -> None:
    forwarder.forward("inbound/a", MAIL)
    found = forwarder.webhook.received[0].headers["webhook-id"]
    assert capfd.readouterr().out == f"posted 'inbound/a' as {found}\n"


def test_nothing_of_secret_or_message_is_logged(forwarder: Any, capfd: pytest.CaptureFixture[str]) -> None:
    forwarder.webhook.answers[:] = [204, 500, "garbage"]
    forwarder.forward("inbound/a", MAIL)
    shown = ""
    for _ in range(2):
        with pytest.raises(forwarder.module.Undelivered) as raised:
            forwarder.forward("inbound/a", MAIL)
        shown += repr(raised.value) + str(raised.value.__cause__)
    shown += "".join(capfd.readouterr())
    for hushed in (SECRET, SECRET[6:20], "private", "hush", "a@b.example", base64.b64encode(MAIL).decode()):
        assert hushed not in shown


def test_the_body_that_is_signed_is_the_body_that_is_sent(forwarder: Any) -> None:
    request = forwarder.forward("inbound/a")
    assert int(request.headers["content-length"]) == len(request.body)
    assert json.loads(request.body) == Webhook(SECRET).verify(request.body, request.headers)
