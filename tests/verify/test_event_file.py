"""The file that a receiver writes, followed: only what is new, whole lines, whatever else becomes of the file."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from byoaws.verify.clock import AsyncClock
from byoaws.verify.event_file import EventFile

WANTED = {("Delivery", "1"), ("Bounce", "2")}


def line(kind: str, message_id: str, end: str = "\n") -> bytes:
    return (json.dumps({"type": kind, "message_id": message_id}) + end).encode()


BOTH = line("Delivery", "1") + line("Bounce", "2")


class Following:
    """An `EventFile` whose clock does something to the file at each pause."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 0.0
        self.slept: list[float] = []
        self.steps: list[Callable[[], object]] = []
        self.file = EventFile(path, AsyncClock(lambda: self.now, self._sleep))

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)
        if self.steps:
            self.steps.pop(0)()

    def append(self, *parts: bytes) -> None:
        def write(part: bytes) -> None:
            with self.path.open("ab") as file:
                file.write(part)

        self.steps += [lambda part=part: write(part) for part in parts]  # type: ignore[misc]

    def came(self, seconds: float = 1.0) -> set[tuple[str, str]]:
        return set(asyncio.run(self.file.wait_for(WANTED, seconds)))


@pytest.fixture
def following(tmp_path: Path) -> Following:
    return Following(tmp_path / "events.jsonl")


def test_a_file_that_comes_later(following: Following) -> None:
    following.file.begin()
    following.append(line("Delivery", "1"), line("Bounce", "2"))
    assert following.came() == WANTED
    assert following.slept == [0.2, 0.2]


def test_what_was_there_before_does_not_count(following: Following) -> None:
    following.path.write_bytes(BOTH)
    following.file.begin()
    following.append(line("Bounce", "2"))
    assert following.came(0.5) == {("Bounce", "2")}
    assert following.now == pytest.approx(0.5)


def test_no_time_at_all_is_one_look(following: Following) -> None:
    following.file.begin()
    following.path.write_bytes(BOTH)
    assert following.came(0) == WANTED
    assert following.slept == []


PARTS = {
    "byte by byte": [bytes([one]) for one in BOTH],
    "in the midst of lines": [BOTH[:10], BOTH[10:60], BOTH[60:]],
    "all at once": [BOTH],
    "among foreign lines": [b"\n\xff\x00\n{}\n[]\n" + line("Open", "1") + line("Bounce", "1"), BOTH],
    "after a line without end": [b"x" * 10_000, b"x" * 10_000 + b"\n" + BOTH],
    "after much else": [b"y" * 99 + b"\n" + line("Bounce", "z") * 20_000 + BOTH],
    "twice": [BOTH + BOTH],
    "Windows' line ends": [BOTH.replace(b"\n", b"\r\n")],
}


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_however_it_is_written(following: Following, parts: list[bytes]) -> None:
    following.path.write_bytes(b"before\n")
    following.file.begin()
    following.append(*parts)
    assert following.came(60) == WANTED


def test_the_end_of_a_line_from_before_is_none(following: Following) -> None:
    begun = line("Bounce", "2")
    following.path.write_bytes(b"[")
    following.file.begin()
    following.append(begun, line("Delivery", "1"))
    assert following.came() == {("Delivery", "1")}


def test_a_last_line_without_its_end_is_not_believed_yet(following: Following) -> None:
    following.file.begin()
    following.append(line("Bounce", "2", end=""))
    assert following.came() == set()


def test_a_line_without_end_is_not_kept(following: Following) -> None:
    following.file.begin()
    following.path.write_bytes(b"x" * 3_000_000)
    assert following.came(0) == set()
    assert len(following.file._rest) == 0


def test_a_huge_file_is_not_read(following: Following) -> None:
    with following.path.open("wb") as file:
        file.truncate(1 << 40)
    following.file.begin()
    following.append(b"\n" + BOTH)
    assert following.came() == WANTED
    os.truncate(following.path, 0)


@pytest.mark.parametrize("how", ["renamed", "emptied"])
def test_a_file_that_is_rotated(following: Following, how: str) -> None:
    following.path.write_bytes(b"before\n" * 100)
    following.file.begin()

    def rotate() -> None:
        if how == "renamed":
            following.path.rename(following.path.with_suffix(".1"))
        else:
            os.truncate(following.path, 0)

    following.append(line("Delivery", "1"))
    following.steps.append(rotate)
    following.append(line("Bounce", "2"))
    assert following.came() == WANTED


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_refused_and_not_waited_for(following: Following, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(following.path)
    else:
        following.path.mkdir()
    with pytest.raises(OSError, match="not an ordinary file"):
        following.file.begin()


def test_one_that_cannot_be_read_any_more_is_told(following: Following) -> None:
    following.file.begin()
    following.steps.append(following.path.mkdir)
    with pytest.raises(OSError, match="not an ordinary file"):
        following.came()
