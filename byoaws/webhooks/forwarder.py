"""Posts of the forwarder in the customer's account: mail that was received, signed as Standard Webhooks says.

Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from byoaws.errors import UsageError, WebhookForged, WebhookMalformed, WebhookUndecided
from byoaws.webhooks.documents import json_object, text_of, within
from byoaws.webhooks.signatures import TOLERANCE, signed

MOST_BYTES = 16 * 2**20
"""Of a body: the largest message that a vendor file lets the forwarder send inline, in base64, fits."""

_POST = "the forwarder's post"


class OfAConnection(Protocol):
    """A connection, as far as its forwarder is concerned; `byoaws.model.Connection` is one."""

    @property
    def id(self) -> str:
        """As the stack was told it."""

    @property
    def account_id(self) -> str | None:
        """The customer's account, once verified."""

    @property
    def region(self) -> str:
        """Where its stack is."""


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
    """That of the endpoint which was called."""
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
    connection: OfAConnection | str,
    tolerance: int = TOLERANCE,
    most_bytes: int = MOST_BYTES,
    now: float | None = None,
) -> ForwardedMail:
    """Return what was posted, once its signature is right and it is of this connection.

    Headers, body and secrets would be enough for the signature, and not for this: the customer has the secret as well,
    and can sign a post that names another customer's connection. So whose endpoint was called must be said, and there
    is no way to leave it out.

    Args:
        headers: Of the request; the case of names does not matter.
        body: As it came, byte for byte: not parsed and written again.
        secrets: `whsec_...` and base64, of this connection; several while one replaces another.
        connection: Whose endpoint was called, or its id alone. Of an id alone the post's account and region are not
            held against anything, and remain what the customer says.
        tolerance: Seconds between the signature and now, either way.
        most_bytes: Of the body.
        now: Seconds since 1970; the clock's by default.

    Raises:
        WebhookForged: none of the secrets made the signature, or the post says it is of another connection.
        WebhookUndecided: the connection's account is not known yet, so whether it is that account's cannot be told.
        WebhookStale: it was made too long ago, or ahead of now: a replay, or a clock that is wrong.
        WebhookTooLarge: the body is larger than `most_bytes`.
        WebhookMalformed: a header is missing, or the signed body is not the forwarder's.
        UsageError: there is no connection or no secret, or one that is none: the receiver's own fault.
    """
    whose = connection if isinstance(connection, str) else getattr(connection, "id", None)
    if not whose:
        raise UsageError("no connection to hold the webhook against", hint="hand in the one whose endpoint was called")
    message_id, sent = signed(headers, within(body, most_bytes), secrets, tolerance=tolerance, now=now)
    mail = _mail(message_id, sent, json_object(body, _POST))
    # A stack that was made without a connection says none.
    if mail.connection_id not in ("", whose):
        raise _of_another()
    if not isinstance(connection, str):
        _check_account(mail, connection)
    return replace(mail, connection_id=whose)


def _check_account(mail: ForwardedMail, connection: OfAConnection) -> None:
    if connection.account_id is None:
        raise WebhookUndecided(
            "the connection's account is not known yet",
            hint="keep the body, answer 503, and verify it again once the connection is verified",
        )
    if (mail.account_id, mail.region) != (connection.account_id, connection.region):
        raise _of_another()


def _of_another() -> WebhookForged:
    return WebhookForged("the webhook is signed by this connection, and says that it is another's")


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
