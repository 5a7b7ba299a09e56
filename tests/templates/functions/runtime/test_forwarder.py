"""The forwarder under AWS's own runtime client: what it delivers, and what Lambda repeats."""

import base64
import signal
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from byoaws.fakeaws.interface import Account
from byoaws.templates.stack import build
from byoaws.vendors.checks import MOST_INLINE
from byoaws.vendors.file import load_vendor

REGION = "eu-west-1"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
MAIL = b"From: a@b.example\r\nSubject: private\r\n\r\nhush\xff\x00"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A bucket and a secret of the customer's."""

    aws: Any
    account: Account
    bucket: str

    def put(self, key: str, body: bytes) -> dict[str, Any]:
        self.aws.client(self.account, "s3", REGION).put_object(Bucket=self.bucket, Key=key, Body=body)
        told = {"key": urllib.parse.quote_plus(key, safe="/"), "size": len(body)}
        return {"Records": [{"awsRegion": REGION, "s3": {"bucket": {"name": self.bucket}, "object": told}}]}


@pytest.fixture(scope="module")
def place(fake_aws: Any, account: Account) -> Place:
    bucket = f"mail-{account.account_id}"
    fake_aws.client(account, "s3", REGION).create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return Place(aws=fake_aws, account=account, bucket=bucket)


@pytest.fixture
def function(fake_aws: Any, place: Place, fake_webhook: Any, deploy: Callable[..., Any]) -> Any:
    secrets = fake_aws.client(place.account, "secretsmanager", REGION)
    secret = secrets.create_secret(Name=f"hook-{uuid.uuid4().hex}", SecretString=SECRET)["ARN"]
    return deploy(
        "forwarder",
        {
            "WEBHOOK_URL": fake_webhook.url,
            "WEBHOOK_SECRET_ARN": secret,
            "INLINE_LIMIT": "262144",
            "CONNECTION_ID": "con_8rqyhtrb2pcp0t8wn9jr",
        },
    )


def test_a_message_arrives_and_the_warm_function_reads_its_secret_once(
    function: Any, place: Place, fake_webhook: Any, judged: Callable[..., Any]
) -> None:
    for key in ("inbound/abc123", "inbound/a+b \u00e4"):
        function.invoke(place.put(key, MAIL))
        mail = judged(fake_webhook.received[-1], SECRET)
        assert (mail.key, mail.raw, mail.bucket) == (key, MAIL, place.bucket)
        assert (mail.account_id, mail.connection_id) == (place.account.account_id, "con_8rqyhtrb2pcp0t8wn9jr")
    assert function.starts == 1
    assert "posted 'inbound/abc123' as msg_" in function.log


@pytest.mark.parametrize(
    ("answer", "error"),
    [(500, "Undelivered: the webhook answered 500"), ("mute", "Undelivered: the webhook could not")],
)
def test_what_fails_is_lambda_s_to_repeat(
    function: Any, place: Place, fake_webhook: Any, judged: Callable[..., Any], answer: Any, error: str
) -> None:
    event = place.put("inbound/a", MAIL)
    fake_webhook.answers[:] = [answer]
    with pytest.raises(RuntimeError, match=f"^{error}"):
        function.invoke(event)
    function.invoke(event)
    one, two = (judged(request, SECRET) for request in fake_webhook.received)
    assert (one.id, one.raw) == (two.id, two.raw) == (one.id, MAIL)
    assert function.starts == 1
    for hushed in ("private", "a@b.example", "token=hush", SECRET[6:]):
        assert hushed not in function.log


def test_killed_while_posting_the_next_try_delivers_under_the_same_id(
    function: Any, place: Place, fake_webhook: Any, judged: Callable[..., Any]
) -> None:
    event = place.put("inbound/a", MAIL)
    fake_webhook.answers[:] = ["hang"]
    function.send(event)
    assert fake_webhook.arrived.wait(30)
    function.kill()
    function.invoke(event)
    one, two = (judged(request, SECRET) for request in fake_webhook.received)
    assert (one.id, one.raw, two.raw) == (two.id, MAIL, MAIL)
    assert function.starts == 2


def test_killed_before_it_has_posted_nothing_is_lost(
    function: Any, place: Place, fake_webhook: Any, judged: Callable[..., Any]
) -> None:
    event = place.put("inbound/a", MAIL)
    function.send(event)
    function.kill()
    function.invoke(event)
    assert judged(fake_webhook.received[-1], SECRET).raw == MAIL


def test_it_says_what_is_slow_before_lambda_ends_it(function: Any, place: Place, fake_webhook: Any) -> None:
    event = place.put("inbound/a", MAIL)
    function.invoke(event)
    fake_webhook.answers[:] = ["drip"]
    with pytest.raises(RuntimeError, match=r"^Undelivered: the webhook did not answer within \d\.\d seconds$"):
        function.invoke(event, timeout=3)
    function.invoke(event)
    assert function.starts == 1


def test_a_time_out_that_is_too_short_to_say_so_kills_it(function: Any, place: Place, fake_webhook: Any) -> None:
    """Negative control of this test's Lambda."""
    event = place.put("inbound/a", MAIL)
    function.invoke(event)
    function.process.send_signal(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        function.invoke(event, timeout=0.3)
    function.invoke(event)
    assert function.starts == 2


@pytest.mark.parametrize("size", [0, MOST_INLINE, 25 * 2**20, 40 * 2**20], ids=["empty", "10 MiB", "25 MB", "40 MB"])
def test_sizes_fit_its_memory(
    function: Any, place: Place, fake_webhook: Any, judged: Callable[..., Any], size: int
) -> None:
    function.environment["INLINE_LIMIT"] = str(MOST_INLINE)
    body = (b"Subject: large\r\n\r\n" + bytes(size))[:size]
    function.invoke(place.put("inbound/large", body))
    mail = judged(fake_webhook.received[-1], SECRET)
    assert (mail.size, mail.raw) == (size, body if size <= MOST_INLINE else None)
    assert mail.headers == ((("Subject", "large"),) if size else ())


def test_its_memory_is_that_of_the_template(function: Any) -> None:
    template = build(load_vendor("mailmark", {}))
    assert template["Resources"]["ForwarderFunction"]["Properties"]["MemorySize"] * 2**20 == function.space


def test_what_does_not_fit_its_memory_is_raised(function: Any, place: Place, fake_webhook: Any) -> None:
    """Negative control of the limit."""
    function.environment["INLINE_LIMIT"] = str(100 * 2**20)
    event = place.put("inbound/large", bytes(80 * 2**20))
    with pytest.raises(RuntimeError, match=r"MemoryError|Cannot allocate"):
        function.invoke(event)


def test_a_message_that_is_gone_is_raised(function: Any, place: Place, fake_webhook: Any) -> None:
    event = place.put("inbound/gone", MAIL)
    place.aws.client(place.account, "s3", REGION).delete_object(Bucket=place.bucket, Key="inbound/gone")
    with pytest.raises(RuntimeError, match=r"NoSuchKey|AccessDenied"):
        function.invoke(event)
    assert fake_webhook.received == []


def test_an_event_that_is_none_of_s3_is_raised(function: Any) -> None:
    with pytest.raises(RuntimeError, match="KeyError"):
        function.invoke({"hello": "world"})
