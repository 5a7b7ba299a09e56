"""Have everything posted again that came into the bucket within a span of time, oldest keys first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

from byoaws.aws.interface import ListedObject
from byoaws.errors import UsageError
from byoaws.flows.inbound.door import Door, Pace, Place
from byoaws.model import Json

PREFIX = "inbound/"
"""Where SES puts received mail, and all that the forwarder may read. As byoaws.templates.names has it."""
ASK_ABOVE = 1000
"""Messages that are posted again without a question."""

_SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
_AGO = re.compile(r"(?P<count>[1-9][0-9]{0,5})(?P<unit>[mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which objects are meant."""

    since: datetime
    """Aware; S3's LastModified, from this moment on."""
    until: datetime
    """And before this one."""
    prefix: str = PREFIX
    after: str = ""
    """Only keys behind this one: where a run that was interrupted goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much there is."""

    messages: int
    size: int
    """Bytes."""


def moment(text: str, now: datetime) -> datetime:
    """Return the time that is meant: `2026-11-21`, `2026-11-21T09:30`, with `Z` or an offset, or `90m`, `6h`, `3d` ago.

    Without an offset it is UTC.

    Raises:
        UsageError: it is none.
    """
    if match := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[match["unit"]]: int(match["count"])})
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"'{text[:40]}' is not a time", hint="such as 2026-11-21T09:30Z, or 90m, 6h or 3d for that long ago"
        ) from None


def span(*, since: str, until: str | None, prefix: str, after: str, now: datetime) -> Span:
    """Return which objects are meant.

    Raises:
        UsageError: not a time, a span that ends before it begins, or keys that the forwarder may not read.
    """
    # To the second, as S3 says when something came; outwards, so that nothing is left out.
    begun = now.replace(microsecond=0)
    over = begun + timedelta(seconds=1) if now > begun else now
    found = Span(since=moment(since, begun), until=moment(until, over) if until else over, prefix=prefix, after=after)
    if found.since >= found.until:
        raise UsageError(
            f"the span ends at {written(found.until)}, before it begins, at {written(found.since)}",
            hint="--since is the earlier one; times without an offset are UTC",
        )
    if not prefix.startswith(PREFIX):
        raise UsageError(f"prefix '{prefix[:60]}' is not below '{PREFIX}'", hint="the forwarder may read nothing else")
    return found


def written(at: datetime) -> str:
    """A time as `moment` reads it, to the second, or finer if it is."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def amount(door: Door, place: Place, span: Span) -> Amount:
    """Count, by listing the bucket.

    Raises:
        AwsError: AWS did not say.
    """
    messages = size = 0
    for item in _listed(door, place, span):
        messages, size = messages + 1, size + item.size
    return Amount(messages=messages, size=size)


def backfill(door: Door, place: Place, span: Span, pace: Pace) -> Iterator[ListedObject]:
    """Yield each object once Lambda has accepted that it be posted again, in the order of keys.

    The forwarder makes the same id of it as before, so that receivers drop what they have.

    Raises:
        AwsError: AWS did not do it; everything up to the last object that was yielded is done.
    """
    for item in _listed(door, place, span):
        pace.wait()
        _post(door, place, item)
        yield item


def _listed(door: Door, place: Place, span: Span) -> Iterator[ListedObject]:
    after = span.after
    while True:
        page = _page(door, place, span.prefix, after)
        if not page:
            return
        for item in page:
            if span.since <= item.modified < span.until and item.key.rpartition("/")[2] != _SETUP_OBJECT:
                yield item
        after = page[-1].key


def _page(door: Door, place: Place, prefix: str, after: str) -> Sequence[ListedObject]:
    return door.ask(lambda aws: aws.objects(place.bucket, prefix, after=after))


def _post(door: Door, place: Place, item: ListedObject) -> None:
    event = _event(place, item)
    door.ask(lambda aws: aws.run(place.function, event))


def _event(place: Place, item: ListedObject) -> dict[str, Json]:
    """As S3 tells it, save for who tells it."""
    return {
        "Records": [
            {
                "eventSource": "byoaws",
                "eventName": "inbound-backfill",
                "awsRegion": place.region,
                "s3": {"bucket": {"name": place.bucket}, "object": {"key": quote_plus(item.key), "size": item.size}},
            }
        ]
    }
