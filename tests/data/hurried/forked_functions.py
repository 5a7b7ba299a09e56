"""Functions of the embedded AWS, each in a process of its own that was forked where boto3 had been imported.

MiniStack starts a process for each; that process hands its pipes, folder and environment over to one forked here, and
lives as long as that does: killed, it takes it along. Where nobody listens it runs the function itself, as ever.
"""

import json
import os
import signal
import socket
import sys
import time
from typing import Any, NoReturn

_CLIENTS = ("cloudformation", "s3", "secretsmanager", "ses")
_TIMES = 20
_WITHIN = 10.0
"""Seconds until somebody listens: it is started with the server."""
_sleep = time.sleep


def hurried(seconds: float) -> None:
    """Instead of `time.sleep`."""
    _sleep(seconds / _TIMES)


def _address() -> str:
    return os.path.join(os.environ["TMPDIR"], "functions")


def hand_over() -> None:
    """Become the shadow of a process that is forked; returns where there is nobody to do it."""
    deadline = time.monotonic() + _WITHIN
    while not os.path.exists(_address()) and time.monotonic() < deadline:
        _sleep(0.01)
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(_address())
        except OSError:
            return
        wish = json.dumps({"program": sys.orig_argv[-1], "folder": os.getcwd(), "environment": dict(os.environ)})
        socket.send_fds(line, [len(wish.encode()).to_bytes(8)], [0, 1, 2])
        line.sendall(wish.encode())
        os._exit((line.recv(1) or b"\1")[0])


def _preload() -> None:
    import gc

    import boto3  # noqa: F401
    import botocore.loaders
    import botocore.session

    loader = botocore.loaders.create_loader()
    botocore.session.create_loader = lambda *_: loader
    session = botocore.session.Session()
    for name in _CLIENTS:
        session.create_client(name, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x").close()
    time.sleep = hurried
    gc.collect()
    gc.freeze()


class _Forking:
    """Who listens; a single thread."""

    def __init__(self) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._running: dict[int, socket.socket] = {}
        """Processes, and the lines to their shadows."""
        self._ended, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def listen(self) -> None:
        self._listening.bind(f"{_address()}.new")
        self._listening.listen(64)
        os.rename(f"{_address()}.new", _address())

    def wish(self) -> tuple[dict[str, Any], list[int]]:
        """Fork for each wish; returns in the child only."""
        import select

        while True:
            ready, _, _ = select.select([self._listening, self._ended, *self._running.values()], [], [])
            if self._ended in ready:
                os.read(self._ended, 4096)
                self._reap()
            for number, line in list(self._running.items()):
                if line in ready:  # it says nothing: it has gone
                    os.kill(number, signal.SIGKILL)
                    self._running.pop(number).close()
            if self._listening in ready:
                line, _ = self._listening.accept()
                head, files, _, _ = socket.recv_fds(line, 8, 3)
                with line.makefile("rb") as rest:
                    text = rest.read(int.from_bytes(head))
                if text and len(text) == int.from_bytes(head) and not self._fork(line):
                    return json.loads(text), files
                for file in files:
                    os.close(file)

    def _fork(self, line: socket.socket) -> int:
        if number := os.fork():
            self._running[number] = line
            return number
        for other in (self._listening, line, *self._running.values()):
            other.close()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        return 0

    def _reap(self) -> None:
        while True:
            try:
                number, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not number:
                return
            if line := self._running.pop(number, None):
                with line:
                    try:
                        line.send(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))
                    except OSError:
                        continue  # its shadow has gone


def _become(wish: dict[str, Any], files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.argv = [wish["program"]]
    sys.path.insert(0, os.path.dirname(wish["program"]))


def _run(program: str) -> NoReturn:
    import runpy

    code = 0
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  as Python does it
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _preload()
    forking = _Forking()
    forking.listen()
    wish, files = forking.wish()
    _become(wish, files)
    _run(wish["program"])
