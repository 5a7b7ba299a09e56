"""What becomes of a message that SES sent: the events, by the addresses of SES's mailbox simulator.

Everybody else's mail is delivered. Source: Amazon SES Developer Guide, "Using the mailbox simulator" (which also says
that an EICAR test file is rejected) and "Contents of event data that Amazon SES publishes to Amazon SNS".
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from byoaws.fakeaws.mail.ses_sent import Sent

Event = Mapping[str, Any]

DOMAIN = "simulator.amazonses.com"
_MTA = "a8-70.smtp-out.amazonses.com"
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_UNKNOWN_USER = "smtp; 550 5.1.1 user unknown"
_SUPPRESSED = "Amazon SES has suppressed sending to this address because it has a recent history of bouncing"


def events(sent: Sent, *, account_id: str, configuration_set: str, at: datetime) -> list[Event]:
    """Return the events of a message, in the order of time.

    Args:
        sent: The message.
        account_id: Of the sender.
        configuration_set: That it was sent with.
        at: When; aware.
    """
    mail = _mail(sent, account_id, configuration_set, at)
    if _EICAR in sent.content:
        happened = [("Send", "send", {}), ("Reject", "reject", {"reason": "Bad content"})]
    else:
        happened = [("Send", "send", {}), *(one for address in sent.recipients for one in _became(address, at))]
    return [{"eventType": kind, "mail": mail, key: detail} for kind, key, detail in happened]


def _became(address: str, at: datetime) -> Iterator[tuple[str, str, dict[str, Any]]]:
    local, _, domain = address.lower().rpartition("@")
    # `bounce+label@` is `bounce@`.
    mailbox = local.partition("+")[0] if domain == DOMAIN else ""
    if mailbox == "bounce":
        who = {"emailAddress": address, "action": "failed", "status": "5.1.1", "diagnosticCode": _UNKNOWN_USER}
        yield "Bounce", "bounce", _bounce("General", who, at) | {"reportingMTA": f"dns; {_MTA}"}
        return
    if mailbox == "suppressionlist":
        who = {"emailAddress": address, "action": "failed", "status": "5.1.1", "diagnosticCode": _SUPPRESSED}
        yield "Bounce", "bounce", _bounce("Suppressed", who, at) | {"reportingMTA": "dns; amazonses.com"}
        return
    yield "Delivery", "delivery", _delivery(address, at)
    if mailbox == "complaint":
        yield "Complaint", "complaint", _complaint(address, at)


def _bounce(kind: str, who: Mapping[str, str], at: datetime) -> dict[str, Any]:
    return {
        "feedbackId": _feedback_id(),
        "bounceType": "Permanent",
        "bounceSubType": kind,
        "bouncedRecipients": [who],
        "timestamp": _time(at),
    }


def _delivery(address: str, at: datetime) -> dict[str, Any]:
    return {
        "timestamp": _time(at),
        "processingTimeMillis": 1,
        "recipients": [address],
        "smtpResponse": "250 2.6.0 Message received",
        "remoteMtaIp": "127.0.0.1",
        "reportingMTA": _MTA,
    }


def _complaint(address: str, at: datetime) -> dict[str, Any]:
    return {
        "feedbackId": _feedback_id(),
        "complaintSubType": None,
        "complainedRecipients": [{"emailAddress": address}],
        "timestamp": _time(at),
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": _time(at),
    }


def _mail(sent: Sent, account_id: str, configuration_set: str, at: datetime) -> dict[str, Any]:
    domain = sent.address.rpartition("@")[2]
    own = {
        "ses:source-tls-version": "TLSv1.3",
        "ses:configuration-set": configuration_set,
        "ses:source-ip": "127.0.0.1",
        "ses:from-domain": domain,
        "ses:caller-identity": sent.access_key_id,
    }
    headers = list(sent.headers)
    common = {name.lower(): value for name, value in reversed(headers)}
    return {
        "timestamp": _time(at),
        "source": sent.source,
        "sourceArn": f"arn:aws:ses:{sent.region}:{account_id}:identity/{domain}",
        "sendingAccountId": account_id,
        "messageId": sent.message_id,
        "destination": list(sent.recipients),
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers],
        "commonHeaders": {
            "from": [common.get("from", sent.source)],
            "to": [common["to"]] if common.get("to") else [],
            "messageId": sent.message_id,
            "subject": common.get("subject", ""),
        },
        "tags": {name: [value] for name, value in (own | dict(sent.tags)).items()},
    }


def _feedback_id() -> str:
    return f"{uuid.uuid4()}-000000"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
