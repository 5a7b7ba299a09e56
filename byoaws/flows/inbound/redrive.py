"""Replay the dead-letter queue: each message is taken off only after Lambda has accepted its event again."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from byoaws.aws.interface import DeadLetter
from byoaws.flows.inbound.door import Door, Pace, Place, is_event_of, keys_of
from byoaws.model import Json
from byoaws.vendors.words import plain

_HIDDEN = 120
"""Seconds that a message is hidden from another run: more than ten take at the slowest usual rate."""
_HIDDEN_DRY = 30
_LONGEST = 200
_DEEPEST = 20
"""Levels of nesting in an event; S3's own have six."""
_MOST_TRIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message of the queue, and what became of it. Nothing of it is trusted, and what is shown is printable."""

    id: str
    keys: tuple[str, ...]
    """Of the received mail, in the bucket; empty where the message is none that Lambda wrote."""
    at: str
    """When Lambda gave it up, as it says."""
    tries: int | None
    error: str
    """Of the last try."""
    replayed: bool
    left: str = ""
    """Why it stays in the queue; empty in a dry run, and where it was replayed."""

    def as_json(self) -> dict[str, Json]:
        """The shape of `inbound redrive --format json`."""
        return {
            "id": self.id,
            "keys": list(self.keys),
            "at": self.at,
            "tries": self.tries,
            "error": self.error,
            "replayed": self.replayed,
            "left": self.left,
        }


@dataclass(slots=True)
class _Seen:
    """What this run has met: a message that comes a second time has stayed, or has failed again meanwhile."""

    ids: set[str] = field(default_factory=set)
    events: set[bytes] = field(default_factory=set)
    """Their hashes: a queue holds as many messages as somebody puts there."""


def redrive(door: Door, place: Place, pace: Pace, *, dry_run: bool) -> Iterator[Letter]:
    """Yield each message of the queue once, after it was replayed; what cannot be replayed stays in the queue.

    Ends when the queue is empty, or holds only what this run leaves there. Interrupted, it has lost nothing: what was
    not accepted is in the queue still, and what was accepted and not deleted is posted twice under the same id.

    Raises:
        AwsError: AWS did not do it; the message is in the queue still.
    """
    seen = _Seen()
    hidden = _HIDDEN_DRY if dry_run else _HIDDEN
    while True:
        letters = door.ask(lambda aws: aws.receive(place.queue_url, hidden=hidden))
        fresh = [letter for letter in letters if letter.id not in seen.ids]
        if not fresh:
            return
        for letter in fresh:
            seen.ids.add(letter.id)
            yield _dealt_with(door, place, pace, letter, seen, dry_run=dry_run)


def out_of_sight(door: Door, place: Place, letters: Sequence[Letter], before: int) -> int:
    """Say about how many more messages are in the queue, hidden by another run or a dry run: the queue is not empty.

    Takes what the run has met, and how many were in the queue before it, hidden ones included. SQS counts only about,
    and late: what is not counted twice is nothing.

    Raises:
        AwsError: AWS did not say.
    """
    more = before - len(letters)
    if more <= 0:
        return 0
    stayed = sum(not letter.replayed for letter in letters)
    return max(0, min(more, door.ask(lambda aws: aws.waiting(place.queue_url)) - stayed))


def _dealt_with(door: Door, place: Place, pace: Pace, letter: DeadLetter, seen: _Seen, *, dry_run: bool) -> Letter:
    told = _told(letter)
    event = told.get("requestPayload")
    mark = _mark(event)
    if not isinstance(event, dict) or mark is None or not is_event_of(event, place.bucket):
        return _letter(letter, told, (), left="not a message of this stack's bucket that Lambda gave up")
    keys = keys_of(event)
    if mark in seen.events:
        return _letter(letter, told, keys, left="given up again, while this ran or before")
    seen.events.add(mark)
    if dry_run:
        return _letter(letter, told, keys)
    pace.wait()
    door.ask(lambda aws: aws.run(place.function, event))
    door.ask(lambda aws: aws.delete(place.queue_url, letter.handle))
    return _letter(letter, told, keys, replayed=True)


def _mark(event: object) -> bytes | None:
    """A hash of an event; None if it is none that Lambda could be given: one such message must not end a run."""
    if not _is_within(event, _DEEPEST):
        return None
    try:
        # NaN and Infinity, which Python reads, are no JSON.
        return hashlib.sha256(json.dumps(event, sort_keys=True, allow_nan=False).encode()).digest()
    except ValueError:
        return None


def _is_within(part: object, levels: int) -> bool:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return levels > 0 and all(_is_within(one, levels - 1) for one in inner)


def _told(letter: DeadLetter) -> dict[str, Any]:
    """What Lambda says of an event that it gave up. Source: Lambda developer guide, "Adding a destination"."""
    try:
        found = json.loads(letter.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _letter(
    letter: DeadLetter, told: dict[str, Any], keys: tuple[str, ...], *, replayed: bool = False, left: str = ""
) -> Letter:
    context, answer = (_group(told, name) for name in ("requestContext", "responsePayload"))
    tries = context.get("approximateInvokeCount")
    said = [str(answer[name]) for name in ("errorType", "errorMessage") if answer.get(name)]
    return Letter(
        id=plain(letter.id),
        keys=tuple(plain(unquote_plus(key), _LONGEST) for key in keys),
        at=plain(str(told.get("timestamp") or "")),
        tries=tries if isinstance(tries, int) and 0 <= tries <= _MOST_TRIES else None,
        error=plain(": ".join(said) or str(context.get("condition") or ""), _LONGEST),
        replayed=replayed,
        left=left,
    )


def _group(told: dict[str, Any], name: str) -> dict[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}
