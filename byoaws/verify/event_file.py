"""The events that our own receiver took, followed in the file where it writes them down."""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from byoaws.verify.clock import AsyncClock
from byoaws.webhooks.event_log import LONGEST_LINE, event_of

_PAUSE = 0.2
_AT_ONCE = 1 << 18


class EventFile:
    """`interface.Arrivals`, by a file that need not be there yet. What it holds before `begin` is never looked at."""

    def __init__(self, path: Path, clock: AsyncClock) -> None:
        self.path = path
        self._clock = clock
        self._file: tuple[int, int] | None = None
        self._offset = 0
        self._rest = b""
        self._lost = False

    def begin(self) -> None:
        """Count from here on what is written to the file.

        Raises:
            OSError: it is there and cannot be read, or is no ordinary file.
        """
        self._rest, self._lost, self._file, self._offset = b"", False, None, 0
        opened = self._open()
        if opened is None:
            return
        try:
            found = os.fstat(opened)
            self._file, self._offset = (found.st_dev, found.st_ino), found.st_size
            # In the midst of a line that another process has begun, its end belongs to what was there before.
            self._lost = bool(found.st_size) and os.pread(opened, 1, found.st_size - 1) != b"\n"
        finally:
            os.close(opened)

    async def wait_for(self, wanted: Collection[tuple[str, str]], seconds: float) -> frozenset[tuple[str, str]]:
        """Return which of these events came, each a type and a message id: as soon as all did, or when time is up.

        Raises:
            OSError: the file cannot be read.
        """
        asked, came = frozenset(wanted), frozenset[tuple[str, str]]()
        deadline = self._clock.now() + seconds
        while True:
            came |= asked.intersection(self._new())
            left = deadline - self._clock.now()
            if came == asked or left <= 0:
                return came
            await self._clock.sleep(min(_PAUSE, left))

    def _new(self) -> Iterator[tuple[str, str]]:
        opened = self._open()
        if opened is None:
            return
        try:
            self._follow(os.fstat(opened))
            while part := os.pread(opened, _AT_ONCE, self._offset):
                self._offset += len(part)
                yield from filter(None, map(event_of, self._lines(part)))
        finally:
            os.close(opened)

    def _follow(self, found: os.stat_result) -> None:
        """Begin at the beginning of another file in its place, and of one that was emptied."""
        file = (found.st_dev, found.st_ino)
        if file != self._file or found.st_size < self._offset:
            self._file, self._offset, self._rest, self._lost = file, 0, b"", False

    def _lines(self, part: bytes) -> list[bytes]:
        """The lines that end in this part; the last one may have begun in an earlier part, or end in a later one."""
        *lines, rest = (self._rest + part).split(b"\n")
        if lines and self._lost:
            del lines[0]
            self._lost = False
        # A line without end must not be kept for ever.
        if len(rest) > LONGEST_LINE:
            self._lost, rest = True, b""
        self._rest = rest
        return lines

    def _open(self) -> int | None:
        try:
            # Without waiting, since a pipe would wait for a writer.
            opened = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            raise OSError("it is not an ordinary file")
        return opened
