"""Asks `server.py` for processes: as a test calls them, or as a program of which nobody sees that it is forked."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PATIENCE = 60


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a process ended, and what it took."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    """Of processor time, its own and that of processes that it started."""


class Forked:
    """Runs `byoaws` or `cfn-lint` in a process of its own, forked where much has been imported."""

    def __init__(self, folder: Path, *, heavy: bool) -> None:
        self._folder = folder
        self._socket = str(folder / "socket")
        self._server = subprocess.Popen(
            [sys.executable, HERE / "server.py", self._socket, *(["heavy"] if heavy else [])],
            cwd=folder,
            env={**os.environ, "HOME": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline() == b"ready\n"

    def __call__(
        self,
        main: str,
        *arguments: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        warnings: str = "error",
        limits: Mapping[str, int] | None = None,
        tell: bool = False,
    ) -> Done:
        """Run a command line to its end."""
        wish = {"main": main, "arguments": arguments, "cwd": str(cwd), "env": dict(os.environ if env is None else env)}
        wish |= {"warnings": warnings, "limits": limits or {}, "tell": tell}
        stdout, stderr = self._folder / "stdout", self._folder / "stderr"
        with stdout.open("wb") as out, stderr.open("wb") as err, socket.socket(socket.AF_UNIX) as door:
            door.settimeout(PATIENCE)
            door.connect(self._socket)
            socket.send_fds(door, [b" "], [out.fileno(), err.fileno()])
            door.sendall(json.dumps(wish).encode())
            door.shutdown(socket.SHUT_WR)
            try:
                returncode, seconds = json.loads(door.recv(1_000))
            except TimeoutError:
                os.killpg(self._server.pid, signal.SIGKILL)
                pytest.fail(f"{main} {arguments} did not end")
        texts = {path.name: path.read_text(encoding="utf-8") for path in (stdout, stderr)}
        return Done(returncode=returncode, seconds=seconds, **texts)

    def program(self, path: Path) -> None:
        """Put a program there that is `byoaws`."""
        source = (HERE / "program.py").read_text(encoding="utf-8").replace("PUT IN", self._socket)
        path.write_text(f"#!{sys.executable} -IS\n{source}", encoding="utf-8")
        path.chmod(0o755)

    def end(self) -> None:
        """Let the process that forks end, and see it off."""
        self._server.communicate()


@contextlib.contextmanager
def start(*, heavy: bool) -> Iterator[Forked]:
    """In a folder of its own, since the path of a socket must be short; `heavy` takes a second to load cfn-lint."""
    with tempfile.TemporaryDirectory(prefix="byoaws-") as folder:
        forked = Forked(Path(folder), heavy=heavy)
        try:
            yield forked
        finally:
            forked.end()
