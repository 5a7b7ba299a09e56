"""What SES lets an account do, in the sandbox and out of it: the facts of `ses.yaml`."""

import functools
from dataclasses import dataclass
from datetime import date

from byoaws import shipped
from byoaws.facts import reader
from byoaws.facts.reader import Reader
from byoaws.vendors.document import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a fact is from."""

    source: str
    read: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingLimits:
    """How much may be sent, and to whom; per account and region."""

    per_24_hours: int
    per_second: int
    recipients: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisite:
    """What has to be there before production access is asked for."""

    need: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SesFacts:
    """Everything in `ses.yaml`."""

    sandbox: SendingLimits
    production: SendingLimits
    """Commonly granted at first; AWS promises none."""
    api_calls_per_second: int
    api_origin: Origin
    review_hours: int
    """Until AWS first answers."""
    review_origin: Origin
    prerequisites: tuple[Prerequisite, ...]


@functools.cache
def ses_facts() -> SesFacts:
    """Return the facts that byoaws ships.

    Raises:
        ValueError: the file that was shipped has mistakes.
    """
    document = parse(shipped.folder("byoaws.facts").joinpath("ses.yaml").read_text(encoding="utf-8"))
    top = Reader(document)
    api, review = top.group("api"), top.group("review")
    facts = SesFacts(
        sandbox=_limits(top.group("sandbox")),
        production=_limits(top.group("production")),
        api_calls_per_second=api.get("calls_per_second", reader.whole, 1),
        api_origin=_origin(api),
        review_hours=review.get("hours", reader.whole, 1),
        review_origin=_origin(review),
        prerequisites=tuple(
            Prerequisite(need=item.get("need", reader.text, ""), origin=_origin(item))
            for item in top.groups("prerequisites")
        ),
    )
    top.end()
    if document.problems:
        raise ValueError(f"byoaws/facts/ses.yaml: {document.problems[0].message}")
    return facts


def _limits(group: Reader) -> SendingLimits:
    return SendingLimits(
        per_24_hours=group.get("per_24_hours", reader.whole, 1),
        per_second=group.get("per_second", reader.whole, 1),
        recipients=group.get("recipients", reader.text, ""),
        origin=_origin(group),
    )


def _origin(group: Reader) -> Origin:
    """The last that is asked of a group."""
    origin = Origin(source=group.get("source", reader.url, ""), read=group.get("read", reader.day, date.min))
    group.end()
    return origin
