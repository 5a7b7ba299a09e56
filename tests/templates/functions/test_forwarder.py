"""The forwarder against a receiver on loopback, its signature judged by the Standard Webhooks library."""

import base64
import io
import json
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
MAIL = b"From: a@b.example\r\nSubject: private\r\n\r\nhush\xff\x00"
BUCKET = "acme-1a2b3c4d-444455556666-eu-west-1-an"
CONTEXT = SimpleNamespace(invoked_function_arn="arn:aws:lambda:eu-west-1:444455556666:function:acme")


@dataclass
class FakeS3:
    objects: dict[str, bytes] = field(default_factory=dict)
    version: str | None = None
    read: list[str] = field(default_factory=list)
    """Keys whose bodies were read."""

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        assert Bucket == BUCKET
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "The key does not exist."}}, "GetObject")

        def read() -> bytes:
            self.read.append(Key)
            return self.objects[Key]

        found = {"ContentLength": len(self.objects[Key]), "ETag": '"e7a9"', "Body": SimpleNamespace(read=read)}
        return found | ({"VersionId": self.version} if self.version else {})


@dataclass
class FakeSecrets:
    value: str = SECRET
    asked: int = 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        assert SecretId == "arn:secret"
        self.asked += 1
        return {"SecretString": self.value}


@dataclass(kw_only=True)
class Forwarder:
    """A loaded function with its surroundings."""

    module: Any
    s3: FakeS3
    secrets: FakeSecrets
    receiver: Any

    def put(self, key: str, body: bytes = MAIL) -> dict[str, Any]:
        """Put an object in the bucket, and return the event that S3 makes of it."""
        self.s3.objects[key] = body
        # S3 writes keys into events as HTML forms write values.
        quoted = urllib.parse.quote_plus(key, safe="/")
        return {"Records": [{"awsRegion": "eu-west-1", "s3": {"bucket": {"name": BUCKET}, "object": {"key": quoted}}}]}

    def forward(self, key: str, body: bytes = MAIL) -> Any:
        self.module.handler(self.put(key, body), CONTEXT)
        return self.receiver.received[-1]


@pytest.fixture
def forwarder(load: Callable[..., Any], receiver: Any, monkeypatch: pytest.MonkeyPatch) -> Forwarder:
    for name, value in {
        "WEBHOOK_URL": f"{receiver.url}/in?x=1",
        "WEBHOOK_SECRET_ARN": "arn:secret",
        "INLINE_LIMIT": "1000",
    }.items():
        monkeypatch.setenv(name, value)
    s3, secrets = FakeS3(), FakeSecrets()
    return Forwarder(module=load("forwarder", s3=s3, secretsmanager=secrets), s3=s3, secrets=secrets, receiver=receiver)


def verified(request: Any, secret: str = SECRET) -> Mapping[str, Any]:
    found: Mapping[str, Any] = Webhook(secret).verify(request.body, request.headers)
    return found


def test_a_message_is_posted_and_the_outside_judge_accepts_its_signature(forwarder: Forwarder) -> None:
    request = forwarder.forward("inbound/abc123")
    assert (request.method, request.path) == ("POST", "/in?x=1")
    assert request.headers["content-type"] == "application/json"
    assert verified(request) == {
        "type": "inbound.received",
        "account_id": "444455556666",
        "region": "eu-west-1",
        "bucket": BUCKET,
        "key": "inbound/abc123",
        "version_id": None,
        "size": len(MAIL),
        "etag": "e7a9",
        "message_id": "abc123",
        "raw": base64.b64encode(MAIL).decode(),
    }


@pytest.mark.parametrize("part", ["body", "webhook-id", "webhook-timestamp", "webhook-signature"])
def test_the_judge_refuses_what_was_changed_on_the_way(forwarder: Forwarder, part: str) -> None:
    request = forwarder.forward("inbound/abc123")
    if part == "body":
        request.body = request.body.replace(b"444455556666", b"999999999999")
    elif part == "webhook-timestamp":
        request.headers[part] = str(int(request.headers[part]) - 1)
    else:
        request.headers[part] = request.headers[part][:-2] + "AA"
    with pytest.raises(WebhookVerificationError):
        verified(request)


def test_another_key_does_not_verify(forwarder: Forwarder) -> None:
    with pytest.raises(WebhookVerificationError):
        verified(forwarder.forward("inbound/abc123"), "whsec_" + base64.b64encode(bytes(32)).decode())


@pytest.mark.parametrize(("size", "inline"), [(1000, True), (1001, False)], ids=["at the limit", "one byte over"])
def test_large_mail_goes_by_reference(forwarder: Forwarder, size: int, inline: bool) -> None:
    message = verified(forwarder.forward("inbound/big", b"x" * size))
    assert (message["raw"] is not None) is inline
    assert message["size"] == size
    assert forwarder.s3.read == (["inbound/big"] if inline else [])


@pytest.mark.parametrize("key", ["inbound/a b", "inbound/a+b", "inbound/a%2Bb", "inbound/ä=1&2", "inbound/a/b c+d"])
def test_keys_are_read_as_s3_writes_them(forwarder: Forwarder, key: str) -> None:
    assert verified(forwarder.forward(key))["key"] == key


@given(tail=st.text(min_size=1, max_size=20))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_key_arrives_whole(forwarder: Forwarder, tail: str) -> None:
    assert verified(forwarder.forward(f"inbound/{tail}"))["key"] == f"inbound/{tail}"


def test_what_ses_writes_to_try_the_bucket_is_nobodys_mail(forwarder: Forwarder) -> None:
    forwarder.module.handler(forwarder.put("inbound/AMAZON_SES_SETUP_NOTIFICATION"), CONTEXT)
    assert forwarder.receiver.received == []


def test_every_record_is_forwarded(forwarder: Forwarder) -> None:
    events = [forwarder.put(f"inbound/{name}") for name in "ab"]
    forwarder.module.handler({"Records": [record for event in events for record in event["Records"]]}, CONTEXT)
    assert [verified(request)["message_id"] for request in forwarder.receiver.received] == ["a", "b"]


def test_the_id_is_the_same_at_every_try_and_another_for_every_message(forwarder: Forwarder) -> None:
    ids = [forwarder.forward(key).headers["webhook-id"] for key in ("inbound/a", "inbound/a", "inbound/b")]
    forwarder.s3.version = "2"
    ids.append(forwarder.forward("inbound/a").headers["webhook-id"])
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(one.startswith("msg_") and "." not in one for one in ids)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 502, 503])
def test_any_answer_but_a_2xx_is_raised_so_that_lambda_tries_again(forwarder: Forwarder, status: int) -> None:
    forwarder.receiver.answers[:] = [status]
    forwarder.receiver.location = f"{forwarder.receiver.url}/elsewhere"
    with pytest.raises(RuntimeError, match=f"webhook answered {status}"):
        forwarder.forward("inbound/a")
    assert [request.path for request in forwarder.receiver.received] == ["/in?x=1"]  # no redirect is followed


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_2xx_answer_is_enough(forwarder: Forwarder, status: int) -> None:
    forwarder.receiver.answers[:] = [status]
    assert verified(forwarder.forward("inbound/a"))


def test_a_receiver_that_does_not_answer_is_raised(forwarder: Forwarder) -> None:
    forwarder.receiver.answers[:] = [0]
    forwarder.module.TIMEOUT = 0.1
    with pytest.raises(TimeoutError):
        forwarder.forward("inbound/a")


def test_the_time_out_leaves_lambda_time_to_say_so(forwarder: Forwarder) -> None:
    assert forwarder.module.TIMEOUT < 60  # the function's own, in the template


def test_a_receiver_that_is_not_there_is_raised(forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "https://127.0.0.1:1/in")
    with pytest.raises(OSError, match="refused"):
        forwarder.forward("inbound/a")


def test_a_message_that_cannot_be_read_is_raised(forwarder: Forwarder) -> None:
    event = forwarder.put("inbound/a")
    forwarder.s3.objects.clear()
    with pytest.raises(ClientError, match="NoSuchKey"):
        forwarder.module.handler(event, CONTEXT)


SECRETS = {
    "as minted": SECRET,
    "without its prefix": SECRET.removeprefix("whsec_"),
    "without padding": SECRET.rstrip("="),
    "64 letters and digits, as Secrets Manager makes it": "aZ09" * 16,
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_every_form_of_key_that_a_stack_may_hold(forwarder: Forwarder, secret: str) -> None:
    forwarder.secrets.value = secret
    assert verified(forwarder.forward("inbound/a"), secret)


def test_while_a_key_is_replaced_both_verify(forwarder: Forwarder) -> None:
    new = "whsec_" + base64.b64encode(b"n" * 32).decode()
    forwarder.secrets.value = f"{new} {SECRET}"
    request = forwarder.forward("inbound/a")
    assert verified(request, new) == verified(request, SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_hushhushhush", "whsec_hush!hush!hush!hush!hush!hush!hush!"])
def test_a_key_that_is_none_is_raised_and_not_shown(forwarder: Forwarder, secret: str) -> None:
    forwarder.secrets.value = secret
    with pytest.raises((RuntimeError, ValueError)) as raised:
        forwarder.forward("inbound/a")
    assert "hush" not in str(raised.value)
    assert forwarder.receiver.received == []


def test_the_key_is_read_once_and_again_after_five_minutes(forwarder: Forwarder) -> None:
    now = [1000.0]
    forwarder.module.time.monotonic = lambda: now[0]
    for moment in (1000.0, 1299.9, 1300.0):
        now[0] = moment
        forwarder.forward("inbound/a")
    assert forwarder.secrets.asked == 2


def test_nothing_of_secret_or_message_is_logged(forwarder: Forwarder, capfd: pytest.CaptureFixture[str]) -> None:
    forwarder.receiver.answers[:] = [200, 500]
    forwarder.forward("inbound/a")
    with pytest.raises(RuntimeError) as raised:
        forwarder.forward("inbound/a")
    printed = "".join(capfd.readouterr()) + str(raised.value)
    for hushed in (SECRET, SECRET[6:20], "private", "hush", json.dumps(base64.b64encode(MAIL).decode())):
        assert hushed not in printed


def test_the_body_that_is_signed_is_the_body_that_is_sent(forwarder: Forwarder) -> None:
    request = forwarder.forward("inbound/a")
    assert int(request.headers["content-length"]) == len(request.body)
    assert json.load(io.BytesIO(request.body)) == verified(request)
