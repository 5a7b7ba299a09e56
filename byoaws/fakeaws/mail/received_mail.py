"""What SES puts in front of a message that it received: the headers of the stored object.

The form is that of captured messages. The message itself follows byte for byte.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

# AWS's documentation of spam and virus scanning says to test it with these two.
_GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_ID_LETTERS = "abcdefghijklmnopqrstuv0123456789"
_ID_LENGTH = 38


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message as it came by SMTP."""

    id: str
    """SES's own id of it, which is also the name of the stored object."""
    sender: str
    """Of MAIL FROM; empty for a bounce."""
    recipients: Sequence[str]
    """Of RCPT TO."""
    content: bytes
    """As it was sent."""
    helo: str
    client: str
    """Address of whoever sent it."""
    at: datetime
    """Aware, UTC."""
    over_tls: bool


def new_id() -> str:
    """Return an id as SES gives one to a message: 40 letters and digits that end in `01`."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH)) + "01"


def headers(mail: Received, *, region: str, recipients: Sequence[str], scanned: bool) -> bytes:
    """Return the headers that SES adds.

    Args:
        mail: The message.
        region: Where it was received.
        recipients: Whom the rule means. Several are not named, as one `for` has room for one (RFC 5321, 4.4).
        scanned: Whether the rule wants spam and viruses looked for.
    """
    known = f"client-ip={mail.client}; envelope-from={mail.sender}; helo={mail.helo};"
    spf = f"none (spfCheck: {mail.client} is neither permitted nor denied) {known}"
    lines = [
        f"Return-Path: <{mail.sender}>",
        f"Received: from {mail.helo} ({mail.helo} [{mail.client}])",
        f" by inbound-smtp.{region}.amazonaws.com with SMTP id {mail.id}",
        *([f" for {recipients[0]};"] if len(recipients) == 1 else [" ;"]),
        f" {format_datetime(mail.at.astimezone(UTC))} (UTC)",
        *(_verdicts(mail.content) if scanned else ()),
        f"Received-SPF: {spf}",
        "Authentication-Results: amazonses.com;",
        f" spf={spf}",
        " dkim=none;",
        f" dmarc=none header.from={mail.sender.rpartition('@')[2]};",
        # In AWS it is sealed, and of use to AWS alone.
        f"X-SES-RECEIPT: {base64.b64encode(mail.id.encode()).decode()}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _verdicts(content: bytes) -> tuple[str, str]:
    return (
        f"X-SES-Spam-Verdict: {'FAIL' if _GTUBE in content else 'PASS'}",
        f"X-SES-Virus-Verdict: {'FAIL' if _EICAR in content else 'PASS'}",
    )


SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
"""Name of the object that SES writes, below the prefix, when a rule with an S3 action is made."""
SETUP_TEXT = (
    b"From: Amazon Web Services <no-reply-aws@amazon.com>\r\n"
    b"Subject: Amazon SES Setup Notification\r\n"
    b"Message-ID: <AMAZON_SES_SETUP_NOTIFICATION>\r\n"
    b"\r\n"
    b"Amazon SES will keep mail in this bucket.\r\n"
)
