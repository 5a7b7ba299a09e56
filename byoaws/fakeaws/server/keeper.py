"""Keeps one server process: starts it, and ends it with all it started as soon as byoaws lets go or dies.

Run as a program (`keeper.py DIRECTORY COMMAND...`), with a pipe as standard input that nobody writes to. The end of
that pipe is the order to clean up, as is SIGTERM. It comes however the parent ends, SIGKILL included, so nothing
depends on an exit handler, on Linux and macOS alike. Standard library only: it starts before anything else does.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

LOG = "server.log"
EXITED = "exited"
_GRACE = 0.25
"""Seconds the server has to end by itself. It has nothing to save; a function in the middle of a call would hold it."""


def main(directory: Path, command: list[str]) -> None:
    """Run `command` until the order to clean up, then end its process group and remove `directory`."""
    ordered = _orders()
    try:
        with (directory / LOG).open("wb") as log:
            server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory, process_group=0
            )
        threading.Thread(target=_note_exit, args=(server, directory / EXITED), daemon=True).start()
        select.select([sys.stdin, ordered], [], [])
        _end(server)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _orders() -> int:
    """Return a file descriptor that can be read once a signal came.

    Handlers do nothing themselves: an exception out of one could fall between the start of the server and the note of
    its process id.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return reader


def _note_exit(server: subprocess.Popen[bytes], note: Path) -> None:
    status = server.wait()
    with contextlib.suppress(OSError):  # the directory may be gone by now
        note.write_text(str(status), encoding="ascii")


def _end(server: subprocess.Popen[bytes]) -> None:
    _signal_group(server.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(_GRACE)
    # Lambda workers in the middle of a call outlive the server; they are in its group.
    _signal_group(server.pid, signal.SIGKILL)
    server.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    # PermissionError: macOS says so of a group that holds nothing but a zombie.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
