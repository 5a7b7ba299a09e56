"""What SES tells of a message that was sent: bounces, complaints, deliveries and the rest, as values.

Source: Amazon SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS" (`eventType`) and
"Amazon SNS notification contents for Amazon SES" (`notificationType`). SES leaves fields out where it knows nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from byoaws.errors import WebhookMalformed
from byoaws.webhooks.documents import json_object

_EVENT = "the SES event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One address that an event is about."""

    address: str
    status: str | None = None
    """Of a bounce: RFC 3463's code, as `5.1.1`."""
    diagnostic: str | None = None
    """Of a bounce: what the other server said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SesEvent:
    """One event of one message that was sent."""

    type: str
    """Bounce, Complaint, Delivery, Send, Reject, Open, Click, Rendering Failure, DeliveryDelay or Subscription."""
    message_id: str
    """As SendEmail returned it."""
    at: datetime | None
    """When it happened; aware, UTC."""
    source: str | None
    """Of MAIL FROM."""
    recipients: tuple[Recipient, ...]
    """Whom the event is about; all recipients of the message where it names none."""
    kind: str | None
    """Permanent, Transient or Undetermined of a bounce; `abuse` and the like of a complaint; the kind of a delay."""
    sub_kind: str | None
    """For example `General`, `Suppressed`, `OnAccountSuppressionList`."""
    tags: Mapping[str, tuple[str, ...]]
    """Message tags, SES's own (`ses:...`) included."""
    details: Mapping[str, Any]
    """The part of the event that is its own, as SES wrote it."""

    @property
    def is_permanent(self) -> bool:
        """True for a bounce after which the address must not be written to again."""
        return self.type == "Bounce" and self.kind == "Permanent"


# Type to (its own part, the list in it that names recipients).
_PARTS = {
    "Bounce": ("bounce", "bouncedRecipients"),
    "Complaint": ("complaint", "complainedRecipients"),
    "Delivery": ("delivery", "recipients"),
    "Send": ("send", ""),
    "Reject": ("reject", ""),
    "Open": ("open", ""),
    "Click": ("click", ""),
    "Rendering Failure": ("failure", ""),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients"),
    "Subscription": ("subscription", ""),
}
_KINDS = {
    "Bounce": ("bounceType", "bounceSubType"),
    "Complaint": ("complaintFeedbackType", "complaintSubType"),
    "DeliveryDelay": ("delayType", ""),
}


def parse_event(message: str) -> SesEvent:
    """Read the `message` of a verified SNS notification.

    Raises:
        WebhookMalformed: it is no event of SES, or of a type that is not known. (SES also posts a text when a
            destination is made, "Successfully validated SNS topic"; `is_test` tells it.)
    """
    document = json_object(message, _EVENT)
    kind = document.get("eventType", document.get("notificationType"))
    if not isinstance(kind, str) or kind not in _PARTS:
        raise WebhookMalformed(f"{_EVENT} is of no type that is known")
    key, named = _PARTS[kind]
    mail, part = _mapping(document, "mail"), _mapping(document, key)
    first, second = _KINDS.get(kind, ("", ""))
    # A suppressed or delivered message names those it is about; else it is about all.
    about = part.get(named) if named in part else mail.get("destination")
    message_id = _text(mail, "messageId")
    if message_id is None:
        raise WebhookMalformed(f"{_EVENT} names no message")
    return SesEvent(
        type=kind,
        message_id=message_id,
        at=_time(part, "timestamp") or _time(mail, "timestamp"),
        source=_text(mail, "source"),
        recipients=tuple(map(_recipient, _list(about))),
        kind=_text(part, first),
        sub_kind=_text(part, second),
        tags={name: tuple(map(str, _list(values))) for name, values in _mapping(mail, "tags").items()},
        details=part,
    )


def is_test(message: str) -> bool:
    """True for the text that SES posts to a topic when an event destination is made."""
    return message.startswith("Successfully validated SNS topic for Amazon SES")


def _recipient(found: Any) -> Recipient:
    if isinstance(found, str):
        return Recipient(address=found)
    address = found.get("emailAddress") if isinstance(found, Mapping) else None
    if not isinstance(address, str):
        raise WebhookMalformed(f"{_EVENT} has a recipient without an address")
    return Recipient(address=address, status=_text(found, "status"), diagnostic=_text(found, "diagnosticCode"))


def _mapping(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key, {})
    if not isinstance(found, Mapping):
        raise WebhookMalformed(f"{_EVENT} has a '{key}' that is no object")
    return found


def _list(found: Any) -> list[Any]:
    if found is None:
        return []
    if not isinstance(found, list):
        raise WebhookMalformed(f"{_EVENT} has one thing where a list is due")
    return found


def _text(document: Mapping[str, Any], key: str) -> str | None:
    found = document.get(key)
    if found is not None and not isinstance(found, str):
        raise WebhookMalformed(f"{_EVENT} has a '{key}' that is no text")
    return found


def _time(document: Mapping[str, Any], key: str) -> datetime | None:
    text = _text(document, key)
    try:
        found = datetime.fromisoformat(text) if text else None
        return None if found is None else (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WebhookMalformed(f"{_EVENT} has a '{key}' that is no time") from None
