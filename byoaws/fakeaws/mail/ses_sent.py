"""What a request to SES's API sent, once MiniStack has taken it: SendEmail of v2, SendEmail and SendRawEmail of v1."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr
from typing import Any
from urllib.parse import parse_qs

from byoaws.fakeaws.server.front import Answered, Asked

_V2 = "/v2/email/outbound-emails"
_CREDENTIAL = re.compile(r"Credential=(?P<key>\w+)/\d{8}/(?P<region>[a-z0-9-]+)/")
_MESSAGE_ID = re.compile(rb"<MessageId>([^<]+)</MessageId>")
_RECIPIENTS = ("To", "Cc", "Bcc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message that SES took for sending."""

    message_id: str
    access_key_id: str
    region: str
    source: str
    """The From, as it was given."""
    recipients: Sequence[str]
    """Addresses of To, Cc and Bcc."""
    configuration_set: str
    """Empty where none was named."""
    tags: Mapping[str, str]
    headers: Sequence[tuple[str, str]]
    content: bytes
    """Raw mail only; empty otherwise."""

    @property
    def address(self) -> str:
        """Of the sender, alone."""
        return parseaddr(self.source)[1]


def sent(asked: Asked, answered: Answered) -> Sent | None:
    """Return what was sent; None where the request was another one, or was refused."""
    signed = _CREDENTIAL.search(asked.headers.get("authorization", ""))
    if answered.status != 200 or asked.method != "POST" or not signed:
        return None
    if asked.path.partition("?")[0] == _V2:
        message_id = json.loads(answered.body)["MessageId"]
        found: dict[str, Any] | None = _by_v2(json.loads(asked.body))
    else:
        named = _MESSAGE_ID.search(answered.body)
        message_id = named[1].decode() if named else ""
        found = _by_v1(asked.body)
    if not found:
        return None
    return Sent(message_id=message_id, access_key_id=signed["key"], region=signed["region"], **found)


def _by_v2(body: Mapping[str, Any]) -> dict[str, Any]:
    content = body.get("Content", {})
    destination = body.get("Destination", {})
    listed = {name: destination.get(f"{name}Addresses", []) for name in _RECIPIENTS}
    subject = content.get("Simple", {}).get("Subject", {}).get("Data", "")
    raw = base64.b64decode(content.get("Raw", {}).get("Data", ""))
    tags = {tag["Name"]: tag["Value"] for tag in body.get("EmailTags", [])}
    return _message(body.get("FromEmailAddress", ""), listed, subject, raw, body.get("ConfigurationSetName", ""), tags)


def _by_v1(body: bytes) -> dict[str, Any] | None:
    fields = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    if fields.get("Action") not in ("SendEmail", "SendRawEmail"):
        return None
    listed = {name: _members(fields, f"Destination.{name}Addresses.member") for name in _RECIPIENTS}
    listed["To"] += _members(fields, "Destinations.member")
    raw = base64.b64decode(fields.get("RawMessage.Data", ""))
    names, values = (
        [fields[key] for key in sorted(fields) if re.fullmatch(rf"Tags\.member\.\d+\.{part}", key)]
        for part in ("Name", "Value")
    )
    tags = dict(zip(names, values, strict=False))
    configuration_set, subject = fields.get("ConfigurationSetName", ""), fields.get("Message.Subject.Data", "")
    return _message(fields.get("Source", ""), listed, subject, raw, configuration_set, tags)


def _members(fields: Mapping[str, str], prefix: str) -> list[str]:
    return [value for name, value in fields.items() if name.rpartition(".")[0] == prefix]


def _message(
    source: str,
    listed: Mapping[str, list[str]],
    subject: str,
    raw: bytes,
    configuration_set: str,
    tags: Mapping[str, str],
) -> dict[str, Any]:
    head: Message = BytesHeaderParser().parsebytes(raw)
    given = [str(value) for name in _RECIPIENTS for value in head.get_all(name, [])]
    named = [address for addresses in listed.values() for address in addresses]
    source = source or str(head.get("From", ""))
    simple = [("From", source), ("To", ", ".join(listed["To"])), ("Subject", subject)]
    return {
        "source": source,
        "recipients": [address for _, address in getaddresses(named or given) if address],
        # What the API says wins over what the message says.
        "configuration_set": configuration_set or str(head.get("X-SES-CONFIGURATION-SET", "")).strip(),
        "tags": tags or _tags_in(str(head.get("X-SES-MESSAGE-TAGS", ""))),
        "headers": [(name, str(value)) for name, value in head.items()] if raw else simple,
        "content": raw,
    }


def _tags_in(header: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in header.split(",") if "=" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}
