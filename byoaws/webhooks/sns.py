"""Posts of Amazon SNS, verified.

Source: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages", and "Amazon SNS message and JSON
formats".
"""

import base64
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from byoaws.errors import UsageError, WebhookForged, WebhookMalformed, WebhookStale, WebhookUndecided
from byoaws.regions import partition_of
from byoaws.webhooks.certificates import Certificates, check_certificate_url
from byoaws.webhooks.documents import json_object, text_of, within

MOST_BYTES = 2**20
"""SNS delivers 256 KiB at most, with escapes and the envelope around it."""
OLDEST = timedelta(hours=1, minutes=5)
"""SNS tries for an hour at most, with the time of the first try."""
_AHEAD = timedelta(minutes=5)
_POST = "the SNS message"
_RAW = (
    "it is a raw delivery, which has no signature: switch raw message delivery off for this subscription "
    "(RawMessageDelivery: false)"
)
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
# Subject only where there is one.
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}


class OfAnAccount(Protocol):
    """A connection, as far as SNS is concerned; `byoaws.model.Connection` is one."""

    @property
    def account_id(self) -> str | None:
        """The customer's account, once verified."""

    @property
    def region(self) -> str:
        """Where its stack is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsMessage:
    """One message, of a topic in the connection's account and region."""

    type: str
    """Notification, SubscriptionConfirmation or UnsubscribeConfirmation."""
    id: str
    """The same at every try: drop what was seen before."""
    topic_arn: str
    sent_at: datetime
    """Aware, UTC."""
    subject: str | None
    message: str
    """For SES events: JSON, which `parse_event` reads."""
    subscribe_url: str | None
    """Of a confirmation; `confirm_subscription` opens it."""


@functools.cache
def _shared() -> Certificates:
    return Certificates()


def verify_sns(
    body: bytes,
    connection: OfAnAccount,
    *,
    headers: Mapping[str, str] | None = None,
    certificates: Certificates | None = None,
    topics: Sequence[str] = (),
    now: datetime | None = None,
) -> SnsMessage:
    """Return what SNS posted, once its signature is right and its topic lies in the connection's account and region.

    Args:
        body: As it came.
        connection: Whose endpoint was called.
        headers: Of the request, which tell a raw delivery at once.
        certificates: Where signing certificates are kept; by default one for the whole process.
        topics: ARNs; if given, no other topic is accepted.
        now: Aware; the clock's by default.

    Raises:
        WebhookForged: another account or region, a certificate that is not SNS's, or a wrong signature.
        WebhookStale: older than SNS tries to deliver, or ahead of now.
        WebhookUndecided: the certificate cannot be fetched, or the connection's account is not known yet. Answer 503,
            and SNS tries again: it gives up a message for good after an answer from 400 to 499.
        WebhookTooLarge: over 1 MiB.
        WebhookMalformed: not a message of SNS, or a raw delivery.
    """
    within(body, MOST_BYTES)
    given = {name.lower(): value for name, value in (headers or {}).items()}
    if given.get("x-amz-sns-rawdelivery", "").lower() == "true":
        raise WebhookMalformed(f"{_POST} cannot be verified: {_RAW}")
    document = json_object(body, _POST)
    message = _message(document)
    _check_topic(message.topic_arn, connection, topics)
    _check_signature(document, connection, certificates or _shared())
    _check_time(message.sent_at, now or datetime.now(UTC))
    return message


def _message(document: Mapping[str, Any]) -> SnsMessage:
    kind = document.get("Type")
    if kind is None and ("eventType" in document or "notificationType" in document):
        raise WebhookMalformed(f"{_POST} cannot be verified: {_RAW}")
    if not isinstance(kind, str) or kind not in _SIGNED:
        raise WebhookMalformed(f"{_POST} has no Type that SNS posts")
    subject = document.get("Subject")
    return SnsMessage(
        type=kind,
        id=text_of(document, "MessageId", _POST),
        topic_arn=text_of(document, "TopicArn", _POST),
        sent_at=_time(text_of(document, "Timestamp", _POST)),
        subject=None if subject is None else text_of(document, "Subject", _POST),
        message=text_of(document, "Message", _POST),
        subscribe_url=None if kind == "Notification" else text_of(document, "SubscribeURL", _POST),
    )


def _check_topic(arn: str, connection: OfAnAccount, topics: Sequence[str]) -> None:
    if connection.account_id is None:
        raise WebhookUndecided(
            "the connection's account is not known yet",
            hint="keep the body, answer 503, and verify it again once the connection is verified",
        )
    partition = partition_of(connection.region).name
    start = f"arn:{partition}:sns:{connection.region}:{connection.account_id}:"
    if not arn.startswith(start) or ":" in arn[len(start) :] or (topics and arn not in topics):
        raise WebhookForged("the SNS message comes from a topic that is not this connection's")


def _check_signature(document: Mapping[str, Any], connection: OfAnAccount, certificates: Certificates) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

    # Version 1 is SHA-1, which is SNS's default: a topic has version 2 only if it was asked for.
    algorithms: dict[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303
    algorithm = algorithms.get(text_of(document, "SignatureVersion", _POST))
    if algorithm is None:
        raise WebhookMalformed(f"{_POST} has a SignatureVersion that is neither 1 nor 2")
    try:
        signature = base64.b64decode(text_of(document, "Signature", _POST), validate=True)
    except ValueError:
        raise WebhookMalformed(f"{_POST} has a Signature that is not base64") from None
    signed = _signed_text(document)
    url = check_certificate_url(text_of(document, "SigningCertURL", _POST), connection.region)
    key = certificates.key(url, asker=connection.account_id or "")
    try:
        key.verify(signature, signed, PKCS1v15(), algorithm)
    except InvalidSignature:
        raise WebhookForged("the SNS message's signature is not right") from None


def _signed_text(document: Mapping[str, Any]) -> bytes:
    """Return what SNS signs: name and value of each field, on lines of their own.

    Raises:
        WebhookMalformed: a line break stands in another field than the message. SNS writes none there, and with one the
            same lines, and so the same signature, could be those of a message with another id or subject.
    """
    names = [name for name in _SIGNED[document["Type"]] if name != "Subject" or document.get("Subject") is not None]
    fields = {name: text_of(document, name, _POST) for name in names}
    for name, value in fields.items():
        if "\n" in value and name != "Message":
            raise WebhookMalformed(f"{_POST} has a line break in '{name}'")
    return "".join(f"{name}\n{value}\n" for name, value in fields.items()).encode()


def _check_time(sent: datetime, now: datetime) -> None:
    if now.tzinfo is None:
        raise UsageError("'now' has no time zone", hint="hand in an aware datetime")
    if not -_AHEAD <= now - sent <= OLDEST:
        raise WebhookStale(f"the SNS message is of {sent.isoformat()}, and SNS delivers for an hour at most")


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise WebhookMalformed(f"{_POST} has a Timestamp that is no time") from None
    raise WebhookMalformed(f"{_POST} has a Timestamp without a time zone")
