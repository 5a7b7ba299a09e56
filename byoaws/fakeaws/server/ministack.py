"""MiniStack as a child process on loopback: started, waited for, and ended without a trace.

The child sees none of the user's environment: no AWS credentials or profile, no proxy, no Docker, no home directory.
All it writes goes into one private directory, which goes with it.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from byoaws.errors import FakeAwsError
from byoaws.fakeaws.server import keeper
from byoaws.fakeaws.server.certificates import Certificates, write_certificates

HOST = "127.0.0.1"
_KEEPER = Path(keeper.__file__)
_POLL = 0.02
_STOP_WITHIN = 10.0
_LOG_TAIL = 15
"""Lines of the log shown in an error."""
_ATTEMPTS = 3
"""Free ports tried, since another process may take one between our look and the server's bind."""


@dataclass(slots=True, kw_only=True)
class Server:
    """A running MiniStack."""

    endpoint: str
    """`https://127.0.0.1:PORT`."""
    certificates: Certificates
    root_secret: str = field(repr=False)
    """The secret of every account's root; a root's access key id is its account id."""
    directory: Path
    """Holds everything that the server writes."""
    process: subprocess.Popen[bytes] = field(repr=False)
    """The keeper."""

    def exited(self) -> bool:
        """True if the server has ended by itself."""
        return self.process.poll() is not None or (self.directory / keeper.EXITED).exists()

    def stop(self) -> None:
        """End the server and all it started, and remove its files; again is harmless.

        Raises:
            FakeAwsError: it did not end in time.
        """
        # Closing the pipe alone would not do: a forked child of ours may hold it open.
        self.process.terminate()
        try:
            self.process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise FakeAwsError(f"the embedded AWS at {self.endpoint} did not end within {_STOP_WITHIN:g} s") from None
        finally:
            if self.process.stdin is not None:
                self.process.stdin.close()
            shutil.rmtree(self.directory, ignore_errors=True)


def start(*, port: int | None = None, timeout: float = 30.0) -> Server:
    """Start MiniStack on `port`, or on a free one, and wait until it answers.

    Raises:
        FakeAwsError: MiniStack is not installed, the port is taken, or it did not answer within `timeout` seconds.
    """
    if importlib.util.find_spec("ministack") is None:
        raise FakeAwsError("the embedded AWS is not installed", hint="pip install 'byoaws[demo]'")
    if port is not None and _taken(port):
        raise FakeAwsError(f"port {port} on {HOST} is taken", hint="choose another, or none to have a free one found")
    for further in reversed(range(_ATTEMPTS)):
        chosen = port or _free_port()
        server = _launch(chosen)
        try:
            _wait(server, timeout)
        except BaseException as error:
            server.stop()
            lost_race = isinstance(error, FakeAwsError) and port is None and _taken(chosen)
            if not (lost_race and further):
                raise
        else:
            return server
    raise AssertionError  # the last attempt returns or raises


def _launch(port: int) -> Server:
    directory = Path(tempfile.mkdtemp(prefix="byoaws-fake-aws-"))
    root_secret = secrets.token_urlsafe(32)
    try:
        certificates = write_certificates(directory)
        command = [sys.executable, "-P", str(_KEEPER), str(directory), *_command(port, certificates)]
        process = subprocess.Popen(
            command,
            env=child_environment(directory, port, root_secret, certificates),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return Server(
        endpoint=f"https://{HOST}:{port}",
        certificates=certificates,
        root_secret=root_secret,
        directory=directory,
        process=process,
    )


def _command(port: int, certificates: Certificates) -> list[str]:
    # As MiniStack starts itself in the background: `python -m ministack` would, for root, take port 443 as well.
    return [
        *(sys.executable, "-P", "-m", "hypercorn", "ministack.app:app"),
        *("--bind", f"{HOST}:{port}", "--workers", "0", "--keep-alive", "75"),
        *("--certfile", str(certificates.certificate), "--keyfile", str(certificates.key)),
    ]


def child_environment(directory: Path, port: int, root_secret: str, certificates: Certificates) -> dict[str, str]:
    """The whole environment of the server and of its Lambda functions. Source: MiniStack's README, "Configuration"."""
    inherited = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **inherited,
        "LANG": "C.UTF-8",
        # What byoaws can import, the server and its functions can: MiniStack itself, boto3, cryptography.
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SECRET_ACCESS_KEY": root_secret,
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificates.certificate),
        "MINISTACK_SSL_KEY": str(certificates.key),
        "AWS_CA_BUNDLE": str(certificates.authority),
        "SSL_CERT_FILE": str(certificates.bundle),
        "REQUESTS_CA_BUNDLE": str(certificates.bundle),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "STATE_DIR": str(directory / "state"),
        "S3_DATA_DIR": str(directory / "s3"),
        "S3_PERSIST": "0",
        "PERSIST_STATE": "0",
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # A socket that does not exist: MiniStack then never asks Docker for anything.
        "DOCKER_HOST": f"unix://{directory}/no-docker.sock",
        "LOG_LEVEL": "INFO",
    }


def _wait(server: Server, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not _ready(server):
        if server.exited():
            raise FakeAwsError(f"the embedded AWS ended while starting; it said:\n{_log_tail(server.directory)}")
        if time.monotonic() > deadline:
            said = _log_tail(server.directory)
            raise FakeAwsError(f"the embedded AWS did not answer within {timeout:g} s; it said:\n{said}")
        time.sleep(_POLL)


def _ready(server: Server) -> bool:
    # Our own authority proves that it is our own server. Without proxies: the user's would be asked for 127.0.0.1.
    context = ssl.create_default_context(cafile=server.certificates.authority)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(f"{server.endpoint}/_ministack/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:  # not listening yet, 503, or not ours
        return False


def _log_tail(directory: Path) -> str:
    with contextlib.suppress(OSError):
        lines = (directory / keeper.LOG).read_text(encoding="utf-8", errors="replace").splitlines()
        if lines:
            return "\n".join(f"  {line}" for line in lines[-_LOG_TAIL:])
    return "  (nothing)"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
