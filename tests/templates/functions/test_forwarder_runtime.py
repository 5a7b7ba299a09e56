"""The forwarder under AWS's own runtime client, with honest time-outs, memory and errors, against the embedded AWS.

`awslambdaric` asks a Runtime API for events and tells it what came of them; here that is a server on loopback. Source:
AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
"""

import base64
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from byoaws.fakeaws.interface import Account
from byoaws.templates.functions import inline
from byoaws.templates.stack import build
from byoaws.vendors.checks import MOST_INLINE
from byoaws.vendors.file import load_vendor

pytest.importorskip("awslambdaric")

REGION = "eu-west-1"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
MAIL = b"From: a@b.example\r\nSubject: private\r\n\r\nhush\xff\x00"
# The function's memory, here of address space, which is narrower: what is only reserved counts as well.
SPACE = 256 * 2**20
CHILD = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv = ["awslambdaric", "index.handler"]
runpy.run_module("awslambdaric", run_name="__main__")
"""


class TimedOut(Exception):
    """Lambda has ended the function."""


@dataclass(kw_only=True)
class Lambda:
    """One function, and the environment that Lambda keeps warm for it."""

    folder: Path
    environment: dict[str, str]
    arn: str
    timeout: float = 60.0
    events: "queue.Queue[tuple[str, Any, int]]" = field(default_factory=queue.Queue)
    outcomes: "queue.Queue[tuple[str, dict[str, Any]]]" = field(default_factory=queue.Queue)
    address: str = ""
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def invoke(self, event: Mapping[str, Any], *, timeout: float | None = None) -> None:
        """Run once.

        Raises:
            RuntimeError: it raised; its type and message.
            TimedOut: it was killed.
        """
        self.send(event, timeout=timeout)
        self.wait(timeout)

    def send(self, event: Mapping[str, Any], *, timeout: float | None = None) -> None:
        if self.process is None or self.process.poll() is not None:
            self._start()
        deadline = time.time() + (timeout or self.timeout)
        self.events.put((str(uuid.uuid4()), event, int(deadline * 1000)))

    def wait(self, timeout: float | None = None) -> None:
        try:
            kind, told = self.outcomes.get(timeout=timeout or self.timeout)
        except queue.Empty:
            self.kill()
            raise TimedOut from None
        if kind != "response":
            raise RuntimeError(f"{told['errorType']}: {told['errorMessage']}")

    def kill(self) -> None:
        """As Lambda does: with no warning."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
            # What it had not fetched, and who still waits to hand it something.
            self.events = queue.Queue()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _start(self) -> None:
        self.starts += 1
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", CHILD, str(SPACE)], cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )


@contextlib.contextmanager
def runtime_api(function: Lambda) -> Iterator[None]:
    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            events = function.events
            while True:
                with contextlib.suppress(queue.Empty):
                    request_id, event, deadline = events.get(timeout=0.1)
                    break
                if events is not function.events:
                    return
            body = json.dumps(event).encode()
            self.send_response(200)
            for name, value in {
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": function.arn,
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            function.outcomes.put((self.path.rsplit("/", 1)[-1], json.loads(body or b"null")))

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    function.environment["AWS_LAMBDA_RUNTIME_API"] = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        function.kill()
        server.shutdown()
        thread.join()
        server.server_close()


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
def place(fake_aws: Any) -> Place:
    account = fake_aws.new_customer()
    bucket = f"mail-{account.account_id}"
    fake_aws.client(account, "s3", REGION).create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return Place(aws=fake_aws, account=account, bucket=bucket)


@pytest.fixture
def function(fake_aws: Any, place: Place, fake_webhook: Any, tmp_path: Path) -> Iterator[Lambda]:
    """The function as Lambda would have it, warm from its first event on."""
    secrets = fake_aws.client(place.account, "secretsmanager", REGION)
    secret = secrets.create_secret(Name=f"hook-{uuid.uuid4().hex}", SecretString=SECRET)["ARN"]
    (tmp_path / "index.py").write_text(inline("forwarder"))
    made = Lambda(
        folder=tmp_path,
        arn=f"arn:aws:lambda:{REGION}:{place.account.account_id}:function:acme",
        environment={
            **fake_aws.environment(place.account),
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_LAMBDA_FUNCTION_NAME": "acme",
            "LAMBDA_TASK_ROOT": str(tmp_path),
            "SSL_CERT_FILE": str(fake_aws.server.certificates.bundle),
            "WEBHOOK_URL": fake_webhook.url,
            "WEBHOOK_SECRET_ARN": secret,
            "INLINE_LIMIT": "262144",
            "CONNECTION_ID": "con_8rqyhtrb2pcp0t8wn9jr",
        },
    )
    with runtime_api(made):
        yield made


@pytest.fixture
def fake_webhook(fake_aws: Any, serve_webhook: Callable[..., Any]) -> Iterator[Any]:
    """A webhook that the functions of the embedded AWS trust."""
    with serve_webhook(fake_aws.server.certificates) as state:
        yield state


def test_a_message_arrives_and_the_warm_function_reads_its_secret_once(
    function: Lambda, place: Place, fake_webhook: Any, judged: Callable[..., Any]
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
    function: Lambda, place: Place, fake_webhook: Any, judged: Callable[..., Any], answer: Any, error: str
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
    function: Lambda, place: Place, fake_webhook: Any, judged: Callable[..., Any]
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
    function: Lambda, place: Place, fake_webhook: Any, judged: Callable[..., Any]
) -> None:
    event = place.put("inbound/a", MAIL)
    function.send(event)
    function.kill()
    function.invoke(event)
    assert judged(fake_webhook.received[-1], SECRET).raw == MAIL


def test_it_says_what_is_slow_before_lambda_ends_it(function: Lambda, place: Place, fake_webhook: Any) -> None:
    event = place.put("inbound/a", MAIL)
    function.invoke(event)
    fake_webhook.answers[:] = ["drip"]
    with pytest.raises(RuntimeError, match=r"^Undelivered: the webhook did not answer within \d\.\d seconds$"):
        function.invoke(event, timeout=3)
    function.invoke(event)
    assert function.starts == 1


def test_a_time_out_that_is_too_short_to_say_so_kills_it(function: Lambda, place: Place, fake_webhook: Any) -> None:
    """Negative control of this test's Lambda."""
    event = place.put("inbound/a", MAIL)
    function.invoke(event)
    function.process.send_signal(signal.SIGSTOP)  # type: ignore[union-attr]
    with pytest.raises(TimedOut):
        function.invoke(event, timeout=0.3)
    function.invoke(event)
    assert function.starts == 2


@pytest.mark.parametrize("size", [0, MOST_INLINE, 25 * 2**20, 40 * 2**20], ids=["empty", "10 MiB", "25 MB", "40 MB"])
def test_sizes_fit_its_memory(
    function: Lambda, place: Place, fake_webhook: Any, judged: Callable[..., Any], size: int
) -> None:
    function.environment["INLINE_LIMIT"] = str(MOST_INLINE)
    body = (b"Subject: large\r\n\r\n" + bytes(size))[:size]
    function.invoke(place.put("inbound/large", body))
    mail = judged(fake_webhook.received[-1], SECRET)
    assert (mail.size, mail.raw) == (size, body if size <= MOST_INLINE else None)
    assert mail.headers == ((("Subject", "large"),) if size else ())


def test_its_memory_is_that_of_the_template() -> None:
    template = build(load_vendor("mailmark", {}))
    assert template["Resources"]["ForwarderFunction"]["Properties"]["MemorySize"] * 2**20 == SPACE


def test_what_does_not_fit_its_memory_is_raised(function: Lambda, place: Place, fake_webhook: Any) -> None:
    """Negative control of the limit."""
    function.environment["INLINE_LIMIT"] = str(100 * 2**20)
    event = place.put("inbound/large", bytes(80 * 2**20))
    with pytest.raises(RuntimeError, match=r"MemoryError|Cannot allocate"):
        function.invoke(event)


def test_a_message_that_is_gone_is_raised(function: Lambda, place: Place, fake_webhook: Any) -> None:
    event = place.put("inbound/gone", MAIL)
    place.aws.client(place.account, "s3", REGION).delete_object(Bucket=place.bucket, Key="inbound/gone")
    with pytest.raises(RuntimeError, match=r"NoSuchKey|AccessDenied"):
        function.invoke(event)
    assert fake_webhook.received == []


def test_an_event_that_is_none_of_s3_is_raised(function: Lambda) -> None:
    with pytest.raises(RuntimeError, match="KeyError"):
        function.invoke({"hello": "world"})
