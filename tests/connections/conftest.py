"""A small AWS on loopback: an STS that knows roles and their ExternalIds, and a SES that knows whose session signs."""

import itertools
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import botocore.loaders
import pytest

from byoaws.aws.refreshing import BotoRoleClients
from byoaws.aws.session import Limits
from byoaws.connections import Connections
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.sql import SqlStore, open_store
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

START = datetime(2026, 11, 21, 4, 5, 6, tzinfo=UTC)
VENDOR_KEY, VENDOR_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
VENDOR_ACCOUNT = "111122223333"
DENIED = "User: arn:aws:iam::111122223333:user/app is not authorized to perform: sts:AssumeRole"
Answer = tuple[int, str, dict[str, str]]


@dataclass
class Clock:
    """The time, as the test says."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@dataclass
class Session:
    """What AssumeRole handed out."""

    account_id: str
    secret: str
    token: str
    policy: str | None
    ended: bool = False


@dataclass
class SmallAws:
    """What there is, and what was asked."""

    clock: Clock
    url: str = ""
    roles: dict[str, set[str]] = field(default_factory=dict)
    """Role ARN to the ExternalIds that open it."""
    sessions: dict[str, Session] = field(default_factory=dict)
    """By access key id."""
    opened: list[dict[str, str]] = field(default_factory=list)
    """The forms of all AssumeRole calls."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Of every request: what was asked, and the key that signed."""
    wrong: list[str] = field(default_factory=list)
    """Requests of SES whose parts are not of one session."""
    sts: Callable[[dict[str, str]], Answer | None] = lambda form: None
    """Answers AssumeRole in place of the roles, if it answers."""
    ses: Callable[[str], Answer | None] = lambda account_id: None
    caller: str = f"arn:aws:iam::{VENDOR_ACCOUNT}:user/app"
    lock: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, path: str, headers: dict[str, str], body: str) -> Answer:
        form = {name: values[0] for name, values in parse_qs(body).items()} if path == "/" else {}
        operation = form.get("Action", path)
        found = re.search(r"Credential=([^/]+)/", headers.get("authorization", ""))
        key = found[1] if found else "nobody"
        with self.lock:
            self.asked.append((operation, key))
            if operation == "AssumeRole":
                self.opened.append(form)
            self.lock.notify_all()
        if operation == "AssumeRole":
            return self.sts(form) or self.assume(form)
        if operation == "GetCallerIdentity" and not self.caller:
            return refusal("InternalFailure", "oops", 500)
        if operation == "GetCallerIdentity":
            account = self.caller.split(":")[4]
            return _xml(operation, f"<Arn>{self.caller}</Arn><UserId>A</UserId><Account>{account}</Account>")
        return self.mail(key, headers)

    def assume(self, form: dict[str, str]) -> Answer:
        if form.get("ExternalId") not in self.roles.get(form["RoleArn"], ()):
            return refusal("AccessDenied", f"{DENIED} on resource: {form['RoleArn']}")
        account = form["RoleArn"].split(":")[4]
        with self.lock:
            number = len(self.sessions)
            key = f"ASIA{number:016}"
            self.sessions[key] = made = Session(
                account, f"secret/{number:034}", f"tok+{number:036}", form.get("Policy")
            )
        ends = self.clock() + timedelta(seconds=int(form["DurationSeconds"]))
        return _xml(
            "AssumeRole",
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{made.secret}</SecretAccessKey>"
            f"<SessionToken>{made.token}</SessionToken><Expiration>{ends:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
            f"<AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/mail/byoaws</Arn>"
            "<AssumedRoleId>AROA:byoaws</AssumedRoleId></AssumedRoleUser>",
        )

    def mail(self, key: str, headers: dict[str, str]) -> Answer:
        session = self.sessions.get(key)
        if session is None or headers.get("x-amz-security-token") != session.token:
            self.wrong.append(key)
            return json_refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
        if session.ended:
            return json_refusal("ExpiredTokenException", "The security token included in the request is expired")
        # The account that answers, in a field that boto3 passes on.
        said = self.ses(session.account_id)
        return said or (200, json.dumps({"EnforcementStatus": session.account_id}), {})

    def hold(self, gate: threading.Event, role_arn: str | None = None) -> None:
        """Answer AssumeRole, of that role or of any, only once the gate is open."""

        def answer(form: dict[str, str]) -> None:
            if role_arn in (None, form["RoleArn"]):
                gate.wait(10)

        self.sts = answer

    def wait_for(self, count: int) -> None:
        """Wait until AssumeRole was called that often."""
        with self.lock:
            assert self.lock.wait_for(lambda: len(self.opened) >= count, timeout=10)

    def keys_of(self, *operations: str) -> set[str]:
        return {key for operation, key in self.asked if operation in operations}


def _xml(action: str, result: str) -> Answer:
    space = "https://sts.amazonaws.com/doc/2011-06-15/"
    text = f'<{action}Response xmlns="{space}"><{action}Result>{result}</{action}Result></{action}Response>'
    return 200, text, {"Content-Type": "text/xml"}


def refusal(code: str, message: str, status: int = 403) -> Answer:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return status, f"<ErrorResponse>{error}</ErrorResponse>", {}


def json_refusal(code: str, message: str, status: int = 403) -> Answer:
    return status, json.dumps({"message": message}), {"x-amzn-ErrorType": code, "Content-Type": "application/json"}


def _handler(aws: SmallAws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, text, more = aws.answer(self.path, headers, body)
            content = text.encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture(scope="session")
def service_models() -> botocore.loaders.Loader:
    """Parsing them again for every test would be most of the running time."""
    return botocore.loaders.create_loader()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def aws(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service_models: botocore.loaders.Loader
) -> Iterator[SmallAws]:
    """AWS; and the vendor's own credentials in the environment, as the chain finds them first."""
    monkeypatch.setattr("botocore.session.create_loader", lambda *_: service_models)
    for name in list(os.environ):
        if name.startswith(("AWS_", "BYOAWS_", "MAILMARK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    small = SmallAws(clock, f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(small)
    server.request_queue_size = 128
    env = {
        "AWS_ACCESS_KEY_ID": VENDOR_KEY,
        "AWS_SECRET_ACCESS_KEY": VENDOR_SECRET,
        "AWS_ENDPOINT_URL": small.url,
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    yield small
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def vendor() -> Vendor:
    found = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": VENDOR_ACCOUNT})
    return replace(found, session_duration=3600)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: to bring a store up to date takes longer than most tests here."""
    folder = tmp_path_factory.mktemp("store")
    open_store(f"sqlite:///{folder}/store.sqlite3", key=None, key_file=folder / "key").close()
    return folder / "store.sqlite3"


@pytest.fixture
def store(empty_store: Path, tmp_path: Path) -> Iterator[SqlStore]:
    shutil.copy(empty_store, tmp_path)
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite3", key=None, key_file=tmp_path / "key")
    yield opened
    opened.close()


_numbers = itertools.count()


@pytest.fixture
def connect(store: SqlStore, aws: SmallAws) -> Callable[..., Connection]:
    """Make a verified connection, whose role opens with its ExternalId."""

    def make(**changes: Any) -> Connection:
        number = next(_numbers)
        account = f"4444{number:08}"
        made = Connection(
            id=f"con_{number:020}",
            alias="Production",
            vendor="mailmark",
            region="eu-west-1",
            external_id=f"external-id-of-{number:020}",
            role_arn=f"arn:aws:iam::{account}:role/byoaws/mailmark/role-{number}",
            account_id=account,
            bucket_name=f"mailmark-0a1b2c3d-{account}",
            status=ConnectionStatus.VERIFIED,
            created_at=START,
            updated_at=START,
        )
        made = replace(made, **changes)
        store.add(made)
        if made.role_arn:
            aws.roles[made.role_arn] = {made.external_id}
        return made

    return make


@pytest.fixture
def roles(aws: SmallAws, clock: Clock) -> Iterator[BotoRoleClients]:
    made = BotoRoleClients(None, clock, limits=Limits(connect_timeout=5, read_timeout=10, attempts=1))
    yield made
    made.close()


@pytest.fixture
def connections(store: SqlStore, vendor: Vendor, roles: BotoRoleClients) -> Connections:
    return Connections(store=store, vendor=vendor, roles=roles)


@pytest.fixture
def refuse() -> Callable[..., Answer]:
    """An error as STS words it: `refuse(code, message, status)`."""
    return refusal


@pytest.fixture
def refuse_json() -> Callable[..., Answer]:
    """An error as SES words it."""
    return json_refusal
