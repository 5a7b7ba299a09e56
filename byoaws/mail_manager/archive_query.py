"""What is looked for in an archive, from what people type: filters, moments, and where an export goes.

Source: botocore's service model `mailmanager`. Whether a message must meet all of the conditions under `Include`, or
one of them, neither that model nor Mail Manager's guide says; neither says what case counts.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from byoaws.errors import UsageError
from byoaws.model import Json

ATTRIBUTES: Mapping[str, str] = {
    "sender": "FROM",
    "recipient": "TO",
    "cc": "CC",
    "subject": "SUBJECT",
    "envelope-sender": "ENVELOPE_FROM",
    "envelope-recipient": "ENVELOPE_TO",
}
"""What people say, and what the API says."""
_MOST_VALUES = 10
_LONGEST_VALUE = 1_000
_AGO = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_S3 = re.compile(r"s3://[a-zA-Z0-9.-]{3,63}(/[a-zA-Z0-9!_.*'()/-]*)*")


def filters(
    include: Mapping[str, Sequence[str]], unless: Mapping[str, Sequence[str]], attachments: bool | None
) -> dict[str, Json]:
    """Return the API's `Filters`; empty for all messages.

    Args:
        include: Texts that an attribute shall contain, one of them, by its name in `ATTRIBUTES`.
        unless: The same, of messages that are left out.
        attachments: With or without attachments; None for both.

    Raises:
        UsageError: a text is empty or too long, or there are more of them than AWS takes.
    """
    wanted = _conditions(include)
    if attachments is not None:
        wanted.append(
            {
                "BooleanExpression": {
                    "Evaluate": {"Attribute": "HAS_ATTACHMENTS"},
                    "Operator": "IS_TRUE" if attachments else "IS_FALSE",
                }
            }
        )
    both: dict[str, Json] = {"Include": wanted, "Unless": _conditions(unless)}
    return {name: conditions for name, conditions in both.items() if conditions}


def moment(text: str, now: datetime, option: str) -> datetime:
    """Return the moment that is meant: `2026-11-21`, `2026-11-21T09:30`, in UTC where it has no offset; or `7d` ago.

    Raises:
        UsageError: none of these.
    """
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} '{_plain(text)}' is no moment",
            hint="write 2026-11-21, 2026-11-21T09:30 (UTC), 2026-11-21T09:30+01:00, or 36h, 7d, 2w for so long ago",
        ) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def span(since: str, until: str | None, now: datetime) -> tuple[datetime, datetime]:
    """Return the two ends of a time.

    Raises:
        UsageError: one of them is no moment, or the first is not before the second.
    """
    ends = moment(since, now, "--since"), moment(until, now, "--until") if until else now
    if ends[0] >= ends[1]:
        raise UsageError("--since is not before --until", hint="swap them; a moment without an offset is UTC")
    return ends


def destination(text: str) -> str:
    """Return the place that an export goes to.

    Raises:
        UsageError: it is none that AWS takes.
    """
    if not _S3.fullmatch(text):
        raise UsageError(
            f"'{_plain(text)}' is no place in S3 that AWS takes",
            hint="write s3://BUCKET or s3://BUCKET/PREFIX, with letters, digits and _ . * ' ( ) - only",
        )
    return text


def _conditions(wanted: Mapping[str, Sequence[str]]) -> list[Json]:
    found: list[Json] = []
    for name, texts in wanted.items():
        if not texts:
            continue
        if len(texts) > _MOST_VALUES:
            raise UsageError(f"'{name}' is given {len(texts)} texts, and AWS takes {_MOST_VALUES}", hint="search twice")
        for text in texts:
            if not text.strip() or len(text) > _LONGEST_VALUE:
                raise UsageError(f"a text for '{name}' is empty, or longer than {_LONGEST_VALUE:,} characters")
        expression: dict[str, Json] = {
            "Evaluate": {"Attribute": ATTRIBUTES[name]},
            "Operator": "CONTAINS",
            "Values": list(texts),
        }
        found.append({"StringExpression": expression})
    return found


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:80])
