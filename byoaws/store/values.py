"""Which values the store takes, on every database alike, so that what one keeps another can keep too.

Text is any Unicode text without NUL (PostgreSQL has none) and without lone surrogates (UTF-8 has none); what is indexed
has a limit (PostgreSQL's index rows end at 2704 bytes). Times are aware; they are kept in UTC.
"""

from datetime import UTC, datetime

from byoaws.errors import UsageError

MAX_INDEXED = 2048
"""Bytes of UTF-8. AWS's own limits lie within: 2048 characters of an ARN, 1224 of an ExternalId."""


def require_text(value: str, what: str, *, indexed: bool = False) -> None:
    """Refuse text that one of the databases could not keep; `what` names it, for the message never holds it.

    Raises:
        UsageError: a NUL, a lone surrogate, or indexed text over `MAX_INDEXED` bytes.
    """
    if "\0" in value:
        raise UsageError(f"{what} holds a NUL character, which cannot be stored", hint="remove it")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        # Without `from`: the original error carries the text, and the text may be a secret.
        raise UsageError(f"{what} is not valid Unicode text and cannot be stored", hint="decode it as UTF-8") from None
    if indexed and size > MAX_INDEXED:
        raise UsageError(
            f"{what} is {size} bytes long; {MAX_INDEXED} is the most that can be stored", hint="shorten it"
        )


def to_utc(value: datetime, what: str) -> datetime:
    """Return the same moment in UTC.

    Raises:
        UsageError: the time has no time zone, or lies outside the years 1 to 9999 in UTC.
    """
    if value.utcoffset() is None:
        raise UsageError(f"{what} has no time zone", hint="pass an aware datetime, such as datetime.now(UTC)")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise UsageError(f"{what} is out of range", hint="years 1 to 9999 in UTC can be stored") from error
