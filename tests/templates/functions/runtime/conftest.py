"""Functions under AWS's own runtime client, with honest time-outs, memory and errors, against the embedded AWS.

`awslambdaric` asks a Runtime API for events and tells it what came of them; here that is a server on loopback. Source:
AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
"""

import contextlib
import json
import os
import queue
import re
import select
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from byoaws.fakeaws.interface import Account
from byoaws.templates.functions import inline

REGION = "eu-west-1"
# Of address space, which is narrower than memory: what is only reserved counts as well.
SPACE = 256 * 2**20
ENVIRONMENTS = Path(__file__).parents[3] / "data" / "lambda_environment.py"


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process that is somebody else's child."""

    pid: int
    handle: int
    """Of this process and none that may get its number later; can be read from once it has ended."""

    @property
    def has_ended(self) -> bool:
        return bool(select.select([self.handle], [], [], 0)[0])

    def send_signal(self, number: int) -> None:
        signal.pidfd_send_signal(self.handle, number)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.send_signal(signal.SIGKILL)
        select.select([self.handle], [], [])
        os.close(self.handle)


@dataclass(kw_only=True)
class Lambda:
    """One function, and the environment that Lambda keeps warm for it."""

    folder: Path
    environment: dict[str, str]
    arn: str
    start: Callable[["Lambda"], Process]
    timeout: float = 60.0
    space: int = SPACE
    events: "queue.Queue[tuple[str, Any, int]]" = field(default_factory=queue.Queue)
    outcomes: "queue.Queue[tuple[str, dict[str, Any]]]" = field(default_factory=queue.Queue)
    address: str = ""
    process: Process | None = None
    starts: int = 0

    def invoke(self, event: Mapping[str, Any], *, timeout: float | None = None) -> None:
        """Run once.

        Raises:
            RuntimeError: it raised; its type and message.
            TimeoutError: it was killed.
        """
        self.send(event, timeout=timeout)
        self.wait(timeout)

    def send(self, event: Mapping[str, Any], *, timeout: float | None = None) -> None:
        if self.process and self.process.has_ended:
            self.kill()
        if not self.process:
            self.starts += 1
            self.process = self.start(self)
        deadline = time.time() + (timeout or self.timeout)
        self.events.put((str(uuid.uuid4()), event, int(deadline * 1000)))

    def wait(self, timeout: float | None = None) -> None:
        try:
            kind, told = self.outcomes.get(timeout=timeout or self.timeout)
        except queue.Empty:
            self.kill()
            raise TimeoutError("Lambda has ended the function") from None
        if kind != "response":
            raise RuntimeError(f"{told['errorType']}: {told['errorMessage']}")

    def kill(self) -> None:
        """As Lambda does: with no warning."""
        if self.process is not None:
            self.process.kill()
            self.process = None
            # What it had not fetched, and who still waits to hand it something.
            self.events = queue.Queue()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    @property
    def most_memory(self) -> int:
        """Bytes that it held at once, so far."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[0]) * 1024


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[[Lambda], Process]]:
    """Start the process of a function, forked where what it imports has been imported: that is most of its work."""
    pytest.importorskip("awslambdaric")
    forking = subprocess.Popen(
        [sys.executable, ENVIRONMENTS],
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert forking.stdin is not None
    assert forking.stdout is not None

    def fork(function: Lambda) -> Process:
        wish = {"folder": str(function.folder), "environment": function.environment, "space": function.space}
        print(json.dumps(wish), file=forking.stdin, flush=True)
        pid = int(forking.stdout.readline())
        return Process(pid=pid, handle=os.pidfd_open(pid))

    yield fork
    forking.stdin.close()
    forking.stdout.close()
    forking.wait()


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


@pytest.fixture(scope="module")
def account(fake_aws: Any) -> Account:
    """A customer's, empty."""
    pytest.importorskip("awslambdaric")
    return fake_aws.new_customer()


@pytest.fixture
def deploy(fake_aws: Any, account: Account, start: Any, tmp_path: Path) -> Iterator[Callable[..., Lambda]]:
    """`deploy(name, {variable: value}, edits)` is a function as Lambda would have it, warm from its first event on.

    `edits` are parts of its source to be changed, where the function would only wait longer.
    """
    with ExitStack() as stack:

        def made(name: str, variables: Mapping[str, str], edits: Mapping[str, str] | None = None) -> Lambda:
            source = inline(name)
            for text, instead in (edits or {}).items():
                assert source.count(text) == 1, text
                source = source.replace(text, instead)
            folder = tmp_path / uuid.uuid4().hex
            folder.mkdir()
            (folder / "index.py").write_text(source)
            function = Lambda(
                folder=folder,
                start=start,
                arn=f"arn:aws:lambda:{REGION}:{account.account_id}:function:acme",
                environment={
                    **fake_aws.environment(account),
                    "PATH": os.environ["PATH"],
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "AWS_REGION": REGION,
                    "AWS_DEFAULT_REGION": REGION,
                    "AWS_CONFIG_FILE": os.devnull,
                    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                    "AWS_LAMBDA_FUNCTION_NAME": "acme",
                    "LAMBDA_TASK_ROOT": str(folder),
                    "SSL_CERT_FILE": str(fake_aws.server.certificates.authority),
                    **variables,
                },
            )
            stack.enter_context(runtime_api(function))
            return function

        yield made


@pytest.fixture
def fake_webhook(fake_aws: Any, serve_webhook: Callable[..., Any]) -> Iterator[Any]:
    """A webhook that the functions of the embedded AWS trust."""
    with serve_webhook(fake_aws.server.certificates) as state:
        yield state
