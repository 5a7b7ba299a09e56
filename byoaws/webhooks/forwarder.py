"""Posts of the forwarder in the customer's account: mail that was received, signed as Standard Webhooks says.

Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from byoaws.errors import UsageError, WebhookForged, WebhookMalformed, WebhookStale
from byoaws.webhooks.documents import json_object, text_of, within

TOLERANCE = 300
"""Seconds that the clocks of sender and receiver may differ, and that a post may be replayed within."""
MOST_BYTES = 16 * 2**20
"""Of a body: the largest message that a vendor file lets the forwarder send inline, in base64, fits."""

_SHORTEST_KEY = 24
_PREFIX = "whsec_"
# A sender that changes its key signs with two; more are only work.
_MOST_SIGNATURES = 10
_POST = "the forwarder's post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What SMTP said, as far as SES wrote it into the stored message."""

    sender: str | None
    """Of MAIL FROM; empty for a bounce, None where the message does not say."""
    recipients: tuple[str, ...]
    """Of RCPT TO; empty where the message does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardedMail:
    """One message that a customer's account received."""

    id: str
    """The same at every try: drop what was seen before."""
    sent_at: datetime
    """When this try was signed; aware, UTC."""
    connection_id: str
    account_id: str
    region: str
    bucket: str
    key: str
    version_id: str | None
    size: int
    """Bytes of the message."""
    sha256: str | None
    """Of the message, in hexadecimal; None where it was not read, being over the inline limit."""
    ses_message_id: str
    envelope: Envelope
    headers: tuple[tuple[str, str], ...]
    """The main ones, in the order of the message, as they stand there."""
    raw: bytes | None
    """The message itself; None if it is over the inline limit: read it from the bucket."""


def verify_forwarder(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    *,
    tolerance: int = TOLERANCE,
    most_bytes: int = MOST_BYTES,
    now: float | None = None,
) -> ForwardedMail:
    """Return what was posted, once its signature is right.

    Args:
        headers: Of the request; the case of names does not matter.
        body: As it came, byte for byte: not parsed and written again.
        secrets: `whsec_...` and base64, of this connection; several while one replaces another.
        tolerance: Seconds between the signature and now, either way.
        most_bytes: Of the body.
        now: Seconds since 1970; the clock's by default.

    Raises:
        WebhookForged: none of the secrets made the signature.
        WebhookStale: it was made too long ago, or ahead of now: a replay, or a clock that is wrong.
        WebhookTooLarge: the body is larger than `most_bytes`.
        WebhookMalformed: a header is missing, or the signed body is not the forwarder's.
        UsageError: there is no secret, or one that is none: the receiver's own fault.
    """
    keys = [signing_key(secret) for secret in secrets]
    if not keys:
        raise UsageError("no webhook secret to verify with", hint="hand in the connection's secret")
    given = {name.lower(): value for name, value in headers.items()}
    within(body, most_bytes)
    message_id, stamp, signatures = (_header(given, f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    if not _is_signed(message_id, stamp, signatures, body, keys):
        raise WebhookForged("no secret of this connection made the webhook's signature")
    # After the signature: a stranger learns nothing of our clock.
    sent = _sent(stamp)
    age = (time.time() if now is None else now) - sent
    if abs(age) > tolerance:
        when = "ago" if age > 0 else "ahead"
        raise WebhookStale(f"the webhook was signed {abs(age):.0f} seconds {when}; {tolerance} are accepted")
    return _mail(message_id, sent, json_object(body, _POST))


def signing_key(secret: str) -> bytes:
    """Return the key that `whsec_...` stands for.

    Raises:
        UsageError: it is none. The message does not hold it.
    """
    text = secret.removeprefix(_PREFIX).rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) < _SHORTEST_KEY:
        raise UsageError(
            "a webhook secret is not a Standard Webhooks key", hint="it is 'whsec_' and base64 of 24 bytes or more"
        )
    return key


def _header(given: Mapping[str, str], name: str) -> str:
    found = given.get(name)
    if not found or not found.isascii():
        raise WebhookMalformed(f"the request has no header '{name}'")
    return found


def _is_signed(message_id: str, stamp: str, signatures: str, body: bytes, keys: Sequence[bytes]) -> bool:
    signed = f"{message_id}.{stamp}.".encode() + body
    wanted = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in keys]
    given = [
        value.encode()
        for version, _, value in (part.partition(",") for part in signatures.split(" ")[:_MOST_SIGNATURES])
        if version == "v1"
    ]
    # All are compared, always: the time says nothing about which one was right.
    matches = [hmac.compare_digest(one, other) for one in wanted for other in given]
    return any(matches)


def _sent(stamp: str) -> int:
    # Signed already, so only a sender of ours could err here.
    if not stamp.isdecimal() or len(stamp) > 12:
        raise WebhookMalformed("the header 'webhook-timestamp' is not a time in seconds")
    return int(stamp)


def _mail(message_id: str, sent: int, post: Mapping[str, Any]) -> ForwardedMail:
    if post.get("type") != "inbound.received":
        raise WebhookMalformed(f"{_POST} is not of type 'inbound.received'")
    size, raw = post.get("size"), post.get("raw")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise WebhookMalformed(f"{_POST} has no number 'size'")
    return ForwardedMail(
        id=message_id,
        sent_at=datetime.fromtimestamp(sent, UTC),
        connection_id=text_of(post, "connection_id", _POST),
        account_id=text_of(post, "account_id", _POST),
        region=text_of(post, "region", _POST),
        bucket=text_of(post, "bucket", _POST),
        key=text_of(post, "key", _POST),
        version_id=None if post.get("version_id") is None else text_of(post, "version_id", _POST),
        size=size,
        sha256=None if post.get("sha256") is None else text_of(post, "sha256", _POST),
        ses_message_id=text_of(post, "ses_message_id", _POST),
        envelope=_envelope(post.get("envelope")),
        headers=_headers(post.get("headers")),
        raw=None if raw is None else _raw(raw, size, post.get("sha256")),
    )


def _raw(encoded: Any, size: int, digest: Any) -> bytes:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError):
        raise WebhookMalformed(f"{_POST} has a 'raw' that is not base64") from None
    if len(raw) != size or hashlib.sha256(raw).hexdigest() != digest:
        raise WebhookMalformed(f"{_POST} has a 'raw' that is not the message it describes")
    return raw


def _envelope(found: Any) -> Envelope:
    envelope = found if isinstance(found, dict) else {}
    sender, recipients = envelope.get("sender"), envelope.get("recipients")
    if not isinstance(sender, str | None) or not isinstance(recipients, list) or not _are_texts(recipients):
        raise WebhookMalformed(f"{_POST} has no envelope")
    return Envelope(sender=sender, recipients=tuple(recipients))


def _headers(found: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(found, list) or not all(_are_texts(pair) and len(pair) == 2 for pair in found):
        raise WebhookMalformed(f"{_POST} has no list 'headers'")
    return tuple((name, value) for name, value in found)


def _are_texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)
