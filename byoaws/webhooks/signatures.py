"""Signatures of Standard Webhooks, as the functions in the customer's account make them.

Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence

from byoaws.errors import UsageError, WebhookForged, WebhookMalformed, WebhookStale

TOLERANCE = 300
"""Seconds that the clocks of sender and receiver may differ, and that a post may be replayed within."""

_SHORTEST_KEY = 24
_PREFIX = "whsec_"
# A sender that changes its key signs with two; more are only work.
_MOST_SIGNATURES = 10


def signed(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    *,
    tolerance: int = TOLERANCE,
    now: float | None = None,
) -> tuple[str, int]:
    """Return the id of a post, and when it was signed in seconds since 1970, once its signature is right.

    Raises:
        WebhookForged: none of the secrets made the signature.
        WebhookStale: it was made more than `tolerance` seconds ago, or ahead of now (the clock's by default).
        WebhookMalformed: a header is missing.
        UsageError: there is no secret, or one that is none: the receiver's own fault.
    """
    keys = [signing_key(secret) for secret in secrets]
    if not keys:
        raise UsageError("no webhook secret to verify with", hint="hand in the connection's secret")
    given = {name.lower(): value for name, value in headers.items()}
    message_id, stamp, signatures = (_header(given, f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    if not _is_signed(message_id, stamp, signatures, body, keys):
        raise WebhookForged("no secret of this connection made the webhook's signature")
    # After the signature: a stranger learns nothing of our clock.
    sent = _sent(stamp)
    age = (time.time() if now is None else now) - sent
    if abs(age) > tolerance:
        when = "ago" if age > 0 else "ahead"
        raise WebhookStale(f"the webhook was signed {abs(age):.0f} seconds {when}; {tolerance} are accepted")
    return message_id, sent


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
