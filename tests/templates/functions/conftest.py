"""Lambda sources run as Lambda runs them: from the text that a template embeds, with clients of our own."""

import base64
import contextlib
import functools
import socket
import ssl
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from standardwebhooks.webhooks import Webhook as Judge

from byoaws.fakeaws.server.certificates import Certificates, write_certificates
from byoaws.templates.functions import inline
from byoaws.webhooks import ForwardedMail, verify_forwarder

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
BUCKET = "acme-1a2b3c4d-444455556666-eu-west-1-an"
CONNECTION = "con_8rqyhtrb2pcp0t8wn9jr"


@dataclass(kw_only=True)
class Received:
    """One request, as it came over the network."""

    method: str
    path: str
    headers: dict[str, str]
    """Lower-case names."""
    body: bytes


@dataclass(kw_only=True)
class Receiver:
    """A web server on loopback that answers what it is told to."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses of the next requests; 200 when used up, and 0 is no answer at all."""
    location: str = ""
    """Where a 3xx answer points."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.received.append(Received(method=self.command, path=self.path, headers=headers, body=body))
            status = state.answers.pop(0) if state.answers else 200
            if not status:
                release.wait(10)
                return
            self.send_response(status)
            if state.location:
                self.send_header("Location", state.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *arguments: object) -> None:
            pass

    release = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing waits for them
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@functools.cache
def _compiled(name: str) -> CodeType:
    return compile(inline(name), f"{name}.py", "exec")


@pytest.fixture
def load(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Load a function's source: `load(name, ses=client, ...)`; its clients are those given, its pauses take no time.

    It trusts our authority alone: whoever it speaks to is on loopback, and to read the system's hundred and more takes
    twenty milliseconds each time.
    """
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))

    def run(name: str, **clients: Any) -> Any:
        monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=lambda name, **_: clients[name]))
        module = ModuleType(name)
        exec(_compiled(name), module.__dict__)  # noqa: S102  as Lambda does
        real = module.time
        module.pauses = []  # type: ignore[attr-defined]
        module.time = SimpleNamespace(sleep=module.pauses.append, time=real.time, monotonic=real.monotonic)  # type: ignore[attr-defined]
        return module

    return run


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Of loopback, as the embedded AWS and whoever serves beside it has them."""
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@dataclass(kw_only=True)
class Webhook:
    """The vendor's webhook over TLS, on loopback, that answers as it is told to.

    An answer is a status, or a fault by its name; `hang`, `drip` and `drink` last until the test ends.
    """

    url: str = ""
    port: int = 0
    received: list[Received] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    """Of the next requests; 204 when used up."""
    location: str = ""
    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


class _Answers(BaseHTTPRequestHandler):
    """Answers one request; `state` is set by a subclass."""

    state: Webhook
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        answer = self.state.answers.pop(0) if self.state.answers else 204
        with contextlib.suppress(OSError):  # the function has hung up
            getattr(self, f"_{answer}", self._status)(answer)

    do_GET = do_PUT = do_POST

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.state.received.append(Received(method=self.command, path=self.path, headers=headers, body=body))
        self.state.arrived.set()

    def _status(self, status: int) -> None:
        self._take()
        self.send_response(status)
        if self.state.location:
            self.send_header("Location", self.state.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hang(self, _: str) -> None:
        self._take()
        self.state.released.wait(30)
        self.close_connection = True

    def _drip(self, _: str) -> None:
        """A byte of the answer now and then: no time-out of a socket ever runs out."""
        self._take()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not self.state.released.wait(0.02):
            self.wfile.write(b".")

    def _drip_body(self, _: str) -> None:
        self._take()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
        while not self.state.released.wait(0.02):
            self.wfile.write(b".")

    def _drink(self, _: str) -> None:
        """Takes the body as slowly."""
        while not self.state.released.wait(0.02):
            self.rfile.read(1)

    def _close(self, _: str) -> None:
        """In the middle of what is posted."""
        self.rfile.read(int(self.headers["content-length"]) // 2)
        self._reset()

    def _mute(self, _: str) -> None:
        """After what was posted, without an answer."""
        self._take()
        self._reset()

    def _cut(self, _: str) -> None:
        """In the middle of the answer."""
        self._take()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of i")
        self._reset()

    def _cut_chunk(self, _: str) -> None:
        self._take()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nhalf of i")
        self._reset()

    def _garbage(self, _: str) -> None:
        self._take()
        self.wfile.write(b"220 mail.example ESMTP hush@example.com\r\n\r\n")
        self._reset()

    def _long(self, _: str) -> None:
        """An answer that is longer than anybody reads."""
        self._take()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
        for _ in range(1000):
            self.wfile.write(b"." * 10_000)

    def _reset(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        socket.socket.shutdown(self.connection, socket.SHUT_RDWR)

    def log_message(self, *arguments: object) -> None:
        pass


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or trusts nobody, is what the tests are about."""


@contextlib.contextmanager
def serving(certificates: Certificates) -> Iterator[Webhook]:
    state = Webhook()
    server = _QuietServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"state": state}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    state.port = server.server_port
    state.url = f"https://127.0.0.1:{server.server_port}/in?token=hush"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    state.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def webhook(certificates: Certificates) -> Iterator[Webhook]:
    with serving(certificates) as state:
        yield state


@dataclass
class FakeS3:
    """As much of S3 as the forwarder sees; AWS's own error codes."""

    objects: dict[str, bytes] = field(default_factory=dict)
    version: str | None = None
    sent: list[tuple[str, int]] = field(default_factory=list)
    """Keys, and how many bytes of each were read."""
    asked: list[dict[str, str]] = field(default_factory=list)

    def head_object(self, **place: str) -> dict[str, Any]:
        return self._found(place)[1]

    def get_object(self, *, Range: str = "", **place: str) -> dict[str, Any]:
        body, found = self._found(place)
        if Range and not body:
            raise self._error("InvalidRange", "The requested range is not satisfiable")
        if Range:
            first, last = (int(number) for number in Range.removeprefix("bytes=").split("-"))
            part = body[first : last + 1]
            found |= {"ContentRange": f"bytes {first}-{first + len(part) - 1}/{len(body)}", "ContentLength": len(part)}
            body = part
        position = 0

        def read(most: int | None = None) -> bytes:
            nonlocal position
            part = body[position:] if most is None else body[position : position + most]
            position += len(part)
            self.sent.append((place["Key"], len(part)))
            return part

        return {**found, "Body": SimpleNamespace(read=read, close=lambda: None)}

    def _found(self, place: dict[str, str]) -> tuple[bytes, dict[str, Any]]:
        assert place["Bucket"] == BUCKET
        self.asked.append(place)
        if place["Key"] not in self.objects:
            raise self._error("NoSuchKey", "The specified key does not exist.")
        body = self.objects[place["Key"]]
        found = {"ContentLength": len(body), "ETag": '"e7a9"'}
        return body, found | ({"VersionId": self.version} if self.version else {})

    def _error(self, code: str, message: str) -> ClientError:
        return ClientError({"Error": {"Code": code, "Message": message}}, "GetObject")


@dataclass
class FakeSecrets:
    value: str = SECRET
    asked: int = 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        assert SecretId == "arn:secret"
        self.asked += 1
        return {"SecretString": self.value}


@dataclass(kw_only=True)
class Context:
    """What Lambda hands in beside the event."""

    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:444455556666:function:acme"
    seconds: float = 60.0

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass(kw_only=True)
class Forwarder:
    """A loaded function with its surroundings."""

    module: Any
    s3: FakeS3
    secrets: FakeSecrets
    webhook: Webhook
    context: Context

    def put(self, key: str, body: bytes, **about: Any) -> dict[str, Any]:
        """Put an object in the bucket, and return the event that S3 makes of it."""
        self.s3.objects[key] = body
        # S3 writes keys into events as HTML forms write values.
        told = {"key": urllib.parse.quote_plus(key, safe="/"), "size": len(body), **about}
        return {"Records": [{"awsRegion": "eu-west-1", "s3": {"bucket": {"name": BUCKET}, "object": told}}]}

    def run(self, event: Mapping[str, Any]) -> None:
        self.module.handler(event, self.context)

    def forward(self, key: str, body: bytes = b"Subject: x\r\n\r\nhush", **about: Any) -> Received:
        """Put, run, and return what the webhook got last."""
        self.run(self.put(key, body, **about))
        return self.webhook.received[-1]

    def mail(self, request: Received, *secrets: str, **options: Any) -> ForwardedMail:
        return verified(request, *(secrets or (SECRET,)), **options)


def verified(request: Received, *secrets: str, **options: Any) -> ForwardedMail:
    """Have a post judged twice: by the package `standardwebhooks`, with each secret, and by our own receiver."""
    for secret in secrets:
        if "now" not in options:  # that judge knows no other time
            Judge(secret).verify(request.body, request.headers)
    return verify_forwarder(request.headers, request.body, secrets, **{"connection": CONNECTION, **options})


@pytest.fixture
def environment() -> dict[str, str]:
    """What the template sets."""
    return {"WEBHOOK_SECRET_ARN": "arn:secret", "INLINE_LIMIT": "1000", "CONNECTION_ID": CONNECTION}


@pytest.fixture
def forwarder(
    load: Callable[..., Any], webhook: Webhook, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Forwarder:
    for name, value in {**environment, "WEBHOOK_URL": webhook.url}.items():
        monkeypatch.setenv(name, value)
    s3, secrets = FakeS3(), FakeSecrets()
    module = load("forwarder", s3=s3, secretsmanager=secrets)
    return Forwarder(module=module, s3=s3, secrets=secrets, webhook=webhook, context=Context())


@pytest.fixture(scope="session")
def serve_webhook() -> Callable[..., Any]:
    """A further webhook, with certificates of its own: `with serve_webhook(certificates) as webhook`."""
    return serving


@pytest.fixture(scope="session")
def judged() -> Callable[..., ForwardedMail]:
    """Both judges of a post: `judged(request, secret)`."""
    return verified
