"""An AWS that is a table: answers on loopback as AWS's own endpoints do, and keeps what was sent."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from byoaws.aws.boto import BotoCustomerAws, BotoVendorAws
from byoaws.aws.session import Limits

# The keys of AWS's own documentation, and temporary ones made to look like them.
VENDOR_KEYS = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
CUSTOMER_KEYS = (
    "ASIAIOSFODNN7EXAMPLE",
    "zYxWvUtSrQpO/EXAMPLE/customer/secret/0001",
    "FwoGZXIvYXdzEXAMPLE/token+of+the+customer+session==",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    @property
    def operation(self) -> str:
        """Of a query API the action, else method and path."""
        return self.form.get("Action") or f"{self.method} {urlsplit(self.path).path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer."""

    body: str | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stalls: bool = False
    """Say nothing at all until the server stops."""


def _sts(action: str, result: str) -> Reply:
    space = "https://sts.amazonaws.com/doc/2011-06-15/"
    return Reply(
        body=f'<{action}Response xmlns="{space}"><{action}Result>{result}</{action}Result>'
        f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>",
        headers={"Content-Type": "text/xml"},
    )


class Wire:
    """What is asked, and what it will be answered; every entry of `replies` may be replaced."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sent: list[Sent] = []
        self.stopping = threading.Event()
        self.replies: dict[str, Reply | Callable[[Sent], Reply]] = {
            "GetCallerIdentity": self.caller,
            "AssumeRole": self.credentials(*CUSTOMER_KEYS),
            "GET /v2/email/account": Reply(body='{"ProductionAccessEnabled": false}'),
            "GetRole": self.role('{"Version": "2012-10-17", "Statement": []}'),
        }

    def asked(self, operation: str) -> list[Sent]:
        return [sent for sent in self.sent if sent.operation == operation]

    def reply(self, sent: Sent) -> Reply:
        found = self.replies.get(sent.operation) or self.replies.get("*") or Reply(body="", status=404)
        return found if isinstance(found, Reply) else found(sent)

    @staticmethod
    def caller(sent: Sent) -> Reply:
        """The customer's role for its key, else the vendor."""
        ours = CUSTOMER_KEYS[0] not in sent.headers.get("authorization", "")
        account = "111122223333" if ours else "444455556666"
        name = "user/platform" if ours else "assumed-role/mail/byoaws"
        return _sts(
            "GetCallerIdentity",
            f"<Arn>arn:aws:sts::{account}:{name}</Arn><UserId>A</UserId><Account>{account}</Account>",
        )

    @staticmethod
    def credentials(access_key_id: str, secret_access_key: str, session_token: str) -> Reply:
        return _sts(
            "AssumeRole",
            f"<Credentials><AccessKeyId>{access_key_id}</AccessKeyId><SecretAccessKey>{secret_access_key}"
            f"</SecretAccessKey><SessionToken>{session_token}</SessionToken>"
            "<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>"
            "<AssumedRoleUser><Arn>arn:aws:sts::444455556666:assumed-role/mail/byoaws</Arn>"
            "<AssumedRoleId>AROA:byoaws</AssumedRoleId></AssumedRoleUser>",
        )

    @staticmethod
    def role(document: str) -> Reply:
        space = "https://iam.amazonaws.com/doc/2010-05-08/"
        return Reply(
            body=f'<GetRoleResponse xmlns="{space}"><GetRoleResult><Role><Path>/</Path><RoleName>mail</RoleName>'
            "<RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::444455556666:role/mail</Arn>"
            "<CreateDate>2026-01-01T00:00:00Z</CreateDate>"
            f"<AssumeRolePolicyDocument>{quote(document)}</AssumeRolePolicyDocument></Role></GetRoleResult>"
            "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetRoleResponse>"
        )

    @staticmethod
    def refusal(code: str, message: str, status: int = 403) -> Reply:
        """An error as STS and IAM word it."""
        return Reply(
            body="<ErrorResponse><Error><Type>Sender</Type>"
            f"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>",
            status=status,
        )

    @staticmethod
    def json_refusal(code: str, message: str, status: int = 403) -> Reply:
        """An error as SES v2 words it."""
        return Reply(
            body=json.dumps({"message": message}),
            status=status,
            headers={"x-amzn-ErrorType": code, "Content-Type": "application/json"},
        )


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            if "Expect" in self.headers:  # else botocore waits for a second before it sends the body
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            sent = Sent(method=self.command, path=self.path, headers=headers, body=body)
            wire.sent.append(sent)
            reply = wire.reply(sent)
            if reply.stalls:
                wire.stopping.wait()
                return
            content = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content if self.command != "HEAD" else b"")

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # of connections that come at the same time


@pytest.fixture
def wire() -> Iterator[Wire]:
    server = _Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    wire = Wire(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(wire)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    yield wire
    wire.stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _nothing_from_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No variable, file or metadata service of the machine that runs the tests is seen."""
    import os

    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def vendor_environment(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> Wire:
    """The vendor's keys in the environment, and every service at `wire`."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", VENDOR_KEYS[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", VENDOR_KEYS[1])
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
    return wire


@pytest.fixture
def quick() -> Limits:
    """One try, and little patience."""
    return Limits(connect_timeout=1, read_timeout=5, attempts=1)


@pytest.fixture
def opened(vendor_environment: Wire, quick: Limits) -> BotoCustomerAws:
    """A customer's role, opened over the wire."""
    session = BotoVendorAws(None, "us-east-1", limits=quick).assume_role(
        role_arn="arn:aws:iam::444455556666:role/mail",
        external_id="0123456789abcdef",
        session_name="byoaws",
        duration=900,
        region="eu-west-1",
    )
    assert isinstance(session, BotoCustomerAws)
    return session


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def vendor_keys() -> tuple[str, ...]:
    return VENDOR_KEYS


@pytest.fixture
def customer_keys() -> tuple[str, ...]:
    return CUSTOMER_KEYS


@pytest.fixture
def secrets_in() -> Callable[[BaseException], list[str]]:
    """Looks for every credential of these tests in an error, its attributes, and all that it came from."""

    def look(error: BaseException) -> list[str]:
        seen: list[str] = []
        link: BaseException | None = error
        while link is not None:
            seen += [str(link), repr(link), repr(vars(link)), repr(link.args)]
            link = link.__cause__ or link.__context__
        secret = (*VENDOR_KEYS, *CUSTOMER_KEYS)
        return [part for part in secret if any(part in text for text in seen)]

    return look
