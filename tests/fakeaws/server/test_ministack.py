"""The embedded AWS as a process: it starts, says why if not, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from byoaws.errors import FakeAwsError
from byoaws.fakeaws import embedded
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.fakeaws.server import ministack as server

pytestmark = pytest.mark.fakeaws

PATIENCE = 15.0


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary directory, with nothing of others in it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def processes(directory: Path) -> list[str]:
    """Command lines that name `directory`: the keeper's, the server's and every Lambda worker's do."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(directory) in line]


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_stop_leaves_no_process_and_no_file(
    temporary: Path, deploy_function: Callable[[FakeAws, Account, str], str]
) -> None:
    with embedded.start() as aws:
        sleeper = deploy_function(aws, aws.customer, "import time\ndef handler(event, context):\n    time.sleep(60)\n")
        aws.client(aws.customer, "lambda", "eu-west-1").invoke(FunctionName=sleeper, InvocationType="Event")
        assert eventually(lambda: any("_worker.py" in line for line in processes(temporary)))
        assert len(processes(temporary)) == 3
        assert len(list(temporary.iterdir())) == 1
    assert eventually(lambda: processes(temporary) == [])
    assert list(temporary.iterdir()) == []


def test_stop_again_is_harmless() -> None:
    running = server.start()
    running.stop()
    running.stop()
    assert running.exited()


def test_private_directory_is_for_the_user_alone() -> None:
    running = server.start()
    try:
        assert running.directory.stat().st_mode & 0o077 == 0
        assert running.certificates.key.stat().st_mode & 0o077 == 0
    finally:
        running.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_goes_with_its_parent(temporary: Path, number: signal.Signals) -> None:
    program = (
        "from byoaws.fakeaws.server.ministack import start\ns = start()\n"
        "print('up', flush=True)\nimport time\ntime.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        assert len(processes(temporary)) == 2
        parent.send_signal(number)
    assert eventually(lambda: processes(temporary) == [] and list(temporary.iterdir()) == [])


def test_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FakeAwsError, match="not installed") as raised:
        server.start()
    assert raised.value.hint == "pip install 'byoaws[demo]'"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((server.HOST, 0)) as other:
        yield other.getsockname()[1]


def test_taken_port_is_refused(taken_port: int, temporary: Path) -> None:
    with pytest.raises(FakeAwsError, match=f"port {taken_port} on 127.0.0.1 is taken"):
        server.start(port=taken_port)
    assert list(temporary.iterdir()) == []


def test_port_lost_to_another_process_is_replaced(taken_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = iter([taken_port, server._free_port()])
    monkeypatch.setattr(server, "_free_port", lambda: next(ports))
    running = server.start()
    try:
        assert running.endpoint != f"https://{server.HOST}:{taken_port}"
    finally:
        running.stop()


def test_crash_shows_the_end_of_the_log(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    program = "for n in range(99): print('line', n, flush=True)\nraise SystemExit('no such luck')"
    monkeypatch.setattr(server, "_command", lambda *_: [sys.executable, "-c", program])
    with pytest.raises(FakeAwsError) as raised:
        server.start()
    assert raised.value.message.startswith("the embedded AWS ended while starting")
    assert raised.value.message.endswith("no such luck")
    assert "line 98" in raised.value.message
    assert "line 1\n" not in raised.value.message
    assert list(temporary.iterdir()) == []


def test_silence_ends_in_an_error(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    program = "import time; time.sleep(60)"
    monkeypatch.setattr(server, "_command", lambda *_: [sys.executable, "-c", program, str(temporary)])
    with pytest.raises(FakeAwsError, match=r"did not answer within 0\.2 s"):
        server.start(timeout=0.2)
    assert list(temporary.iterdir()) == []
    assert processes(temporary) == []


def test_nothing_of_the_users_environment_reaches_a_function(
    monkeypatch: pytest.MonkeyPatch, deploy_function: Callable[[FakeAws, Account, str], str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_PROFILE", "HTTPS_PROXY", "DATABASE_URL", "HOME"):
        monkeypatch.setenv(name, "of-the-user")
    with embedded.start() as aws:
        name = deploy_function(
            aws, aws.customer, "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
        )
        answer = aws.client(aws.customer, "lambda", "eu-west-1").invoke(FunctionName=name)
        seen = json.loads(answer["Payload"].read())
        root_secret = aws.server.root_secret
    assert "of-the-user" not in seen.values()
    assert seen["AWS_ENDPOINT_URL"] == aws.endpoint
    assert root_secret not in seen.values()


def test_repr_holds_no_secret() -> None:
    running = server.start()
    running.stop()
    assert running.root_secret not in repr(running)
