"""The file of events: whole lines, no addresses, and nothing of anybody else's taken for an event."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.webhooks import SesEvent, append_event
from byoaws.webhooks.event_log import LONGEST_LINE, event_of
from byoaws.webhooks.ses_events import Recipient


def event(message_id: str = "0100-x", kind: str = "Bounce") -> SesEvent:
    return SesEvent(
        type=kind,
        message_id=message_id,
        at=datetime(2026, 11, 21, tzinfo=UTC),
        source="news@customer.example",
        recipients=(Recipient(address="somebody@example.org"),),
        kind="Permanent",
        sub_kind=None,
        tags={},
        details={},
    )


def test_a_line_is_what_may_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    append_event(path, event())
    append_event(str(path), event("0101-\n\u2028", "Rendering Failure"))
    first, second, rest = path.read_bytes().split(b"\n")
    assert json.loads(first) == {"type": "Bounce", "message_id": "0100-x", "at": "2026-11-21T00:00:00+00:00"}
    assert event_of(first) == ("Bounce", "0100-x")
    assert event_of(second) == ("Rendering Failure", "0101-\n\u2028")
    assert rest == b""
    assert b"@" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) & 0o133 == 0


def test_what_is_too_long_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none of SES's"):
        append_event(tmp_path / "events", event("x" * LONGEST_LINE))
    assert not (tmp_path / "events").exists()


def test_half_a_line_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda opened, line: write(opened, line[:5]))
    with pytest.raises(OSError, match="part of the line"):
        append_event(tmp_path / "events", event())


WRITER = """
import sys
from byoaws.webhooks.event_log import append_event
from byoaws.webhooks.ses_events import parse_event

for number in range(200):
    mail = '{"eventType": "Bounce", "mail": {"messageId": "%s-%d"}}' % (sys.argv[2], number)
    append_event(sys.argv[1], parse_event(mail))
"""


def test_several_processes_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "events"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in "ab"]
    assert [writer.wait(30) for writer in writers] == [0, 0]
    found = {event_of(line) for line in path.read_bytes().splitlines()}
    assert found == {("Bounce", f"{name}-{number}") for name in "ab" for number in range(200)}


FOREIGN = {
    "empty": b"",
    "no JSON": b"GET / HTTP/1.1",
    "list": b'["Bounce", "x"]',
    "number": b"1",
    "no id": b'{"type": "Bounce"}',
    "id is a number": b'{"type": "Bounce", "message_id": 1}',
    "type is a list": b'{"type": ["Bounce"], "message_id": "x"}',
    "not UTF-8": b'{"type": "\xff", "message_id": "x"}',
    "deep": b"[" * 4000,
    "long": b'{"type": "Bounce", "message_id": "%s"}' % (b"x" * LONGEST_LINE),
    "long number": b"9" * 4096,
}


@pytest.mark.parametrize("line", FOREIGN.values(), ids=FOREIGN)
def test_foreign_lines_are_no_events(line: bytes) -> None:
    assert event_of(line) is None


@given(st.binary(max_size=200))
def test_any_line_is_read_without_an_error(line: bytes) -> None:
    event_of(line)


@given(st.text(max_size=100), st.sampled_from(["Bounce", "Delivery"]))
def test_any_id_comes_back(message_id: str, kind: str) -> None:
    line = json.dumps({"type": kind, "message_id": message_id}).encode()
    assert event_of(line) == (kind, message_id)
