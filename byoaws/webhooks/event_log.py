"""A file in which a receiver writes down the events that it took, for `byoaws verify --send` to follow.

One line of JSON for each event, with nothing in it that could not be shown: type, message id and time, no address. Any
number of processes may write to one file: each line is one write, which the system puts at the end.
"""

import json
import os
from pathlib import Path

from byoaws.webhooks.ses_events import SesEvent

LONGEST_LINE = 4096
"""Bytes; anything longer is none of ours."""


def append_event(path: str | Path, event: SesEvent) -> None:
    """Write down an event of a post that was verified; the file is made where there is none.

    Raises:
        OSError: the file cannot be written, or not whole.
    """
    known = {"type": event.type, "message_id": event.message_id, "at": event.at.isoformat() if event.at else None}
    line = json.dumps(known).encode("ascii") + b"\n"
    if len(line) > LONGEST_LINE:  # SES's ids have 60 characters
        raise OSError(f"an event of {len(line)} bytes is none of SES's")
    opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if os.write(opened, line) != len(line):
            raise OSError("the disk took a part of the line only")
    finally:
        os.close(opened)


def event_of(line: bytes) -> tuple[str, str] | None:
    """Return type and message id of a line, without its end; None of a line that nobody wrote by `append_event`."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    kind, message_id = found.get("type"), found.get("message_id")
    return (kind, message_id) if isinstance(kind, str) and isinstance(message_id, str) else None
