"""What a single value of a vendor file must look like. Pure functions from a value to the value.

Each raises `ValueError` with a predicate that reads after the value (`is not 12 digits`), `Complete` where the message
already names the value, or `Mistakes` where a list holds several.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from byoaws.arn import ACCOUNT_ID, parse_role_arn
from byoaws.errors import ArnError
from byoaws.vendors.words import plain

EXTERNAL_ID_MAX = 1224
"""Characters. Source: botocore sts, shape externalIdType."""

MOST_INLINE = 10 * 2**20
"""Bytes of a message that the forwarder can post itself, in its 256 MB."""

# IAM allows them; in a policy they are wildcards and variables, and Fn::Sub replaces ${...}.
_NOT_IN_PATHS = re.compile(r"[*?${}]")


class Complete(ValueError):
    """A mistake whose message names the value itself."""


class Mistakes(ValueError):
    """Several mistakes in one list, each with the index of the item, or None for the list as a whole."""

    def __init__(self, found: Iterable[tuple[int | None, str]]) -> None:
        super().__init__()
        self.found = tuple(found)


def matching(pattern: str, predicate: str) -> Callable[[str], str]:
    """Return a check that the whole value matches `pattern`."""
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(predicate)
        return text

    return check


vendor_name = matching(
    r"[a-z][a-z0-9-]{1,30}", "is not a vendor name: 2 to 31 lower-case letters, digits and '-', beginning with a letter"
)
account_id = matching(ACCOUNT_ID.pattern, "is not an AWS account id: 12 digits, such as 123456789012")
# Matched against aws:PrincipalArn, which for a session is the ARN of its role; `*` and `?` are wildcards there.
principal = matching(
    r"(?:role|user)(?:/[\w+=,.@*?-]{1,512}){1,8}",
    "is not role/PATTERN or user/PATTERN, such as role/mailer or role/mail/* (letters, digits and +=,.@*?-)",
)
# Source: botocore sts, shapes roleSessionNameType and externalIdType.
session_name = matching(r"[\w+=,.@-]{2,64}", "is not a session name: 2 to 64 letters, digits and _+=,.@-")
external_id_prefix = matching(r"[\w+=,.@:/-]*", "cannot begin an ExternalId: only letters, digits and _+=,.@:/-")
# Source: botocore iam, shape roleNameType.
role_name = matching(r"[\w+=,.@-]{1,64}", "is not a role name: 1 to 64 letters, digits and _+=,.@-")
# Source: botocore iam, shape userNameType.
user_name = matching(r"[\w+=,.@-]{1,64}", "is not a user name: 1 to 64 letters, digits and _+=,.@-")
# Source: CloudFormation user guide, limits (parameter and stack names).
parameter_name = matching(r"[A-Za-z0-9]{1,255}", "is not a parameter name: 1 to 255 letters and digits")
stack_name = matching(
    r"[A-Za-z][A-Za-z0-9-]{0,127}",
    "is not a stack name: at most 128 letters, digits and '-', beginning with a letter",
)
version = matching(r"(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2}", "is not MAJOR.MINOR.PATCH, such as 1.0.0")
subdomain = matching(
    r"(?!.{190})[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*",
    "is not the part before the domain, such as mail (lower case, without the domain itself)",
)
spf = matching(
    r"(?!.{451})v=spf1(?: [\x21\x23-\x7e]+)+", "is not an SPF record, such as v=spf1 include:amazonses.com ~all"
)
_URL = re.compile(r"[!$-;=?-\[\]_a-z~]+")
_LONGEST_URL = 2048
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|[0-9a-f:.]*:[0-9a-f:.]*")


def title(text: str) -> str:
    """A name for people: 1 to 100 printable characters."""
    if not text.strip() or len(text) > 100 or not text.isprintable():
        raise ValueError("is not a title: 1 to 100 printable characters")
    if "${" in text:
        raise ValueError("holds ${, which CloudFormation would take for a variable")
    return text


def line(text: str) -> str:
    """One line for people: 1 to 200 printable characters."""
    if not text.strip() or len(text) > 200 or not text.isprintable():
        raise ValueError("is not a line: 1 to 200 printable characters")
    return text


def whole_number(value: object) -> object:
    """The number that a text writes; anything but text is left for the schema to refuse."""
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"0|[1-9][0-9]{0,8}", value):
        raise ValueError("is not a whole number")
    return int(value)


def session_duration(seconds: int) -> int:
    """Source: botocore sts, shape roleDurationSecondsType."""
    if not 900 <= seconds <= 43200:
        raise ValueError("is not from 900 to 43200 seconds (at most 3600 where the vendor itself runs under a role)")
    return seconds


def inline_limit(count: int) -> int:
    """In base64 and with its headers it still fits the function's memory and what `byoaws.webhooks` reads."""
    if count > MOST_INLINE:
        raise ValueError(f"is more than {MOST_INLINE} bytes (10 MiB); larger mail goes by reference to the bucket")
    return count


def external_id_bytes(count: int, prefix: str) -> int:
    """At least 192 bits, and with the prefix no longer than AWS takes; each byte is two characters."""
    if count < 24:
        raise ValueError("is too few: 24 random bytes (192 bits) or more")
    if len(prefix) + 2 * count > EXTERNAL_ID_MAX:
        raise ValueError(f"is too many: the prefix and two characters a byte exceed {EXTERNAL_ID_MAX} characters")
    return count


def role_arn(text: str) -> str:
    """The ARN of an IAM role, without wildcards and without what Fn::Sub would replace."""
    try:
        parsed = parse_role_arn(text)
    except ArnError as error:
        raise Complete(f"{error.message}; {error.hint}") from None
    if _NOT_IN_PATHS.search(parsed.path):
        raise ValueError("has one of * ? $ { } in the role's path")
    return text


def role_path(text: str) -> str:
    """A path as IAM takes it, without the characters that mean something in a policy's Resource."""
    try:
        parsed = parse_role_arn(f"arn:aws:iam::123456789012:role{text}x")
    except ArnError:
        parsed = None
    if parsed is None or parsed.path != text or _NOT_IN_PATHS.search(text):
        raise ValueError("is not a role path: at most 512 characters, '/' first and last, without * ? $ { }")
    return text


def https_url(text: str) -> str:
    """An https URL with a host, and with neither credentials nor a fragment."""
    if predicate := _url_mistake(text):
        # A query or what stands before '@' may be a credential (presigned URLs): never repeat it.
        shown = "the URL (not shown)" if "@" in text else f"'{plain(text.partition('?')[0])}'"
        raise Complete(f"{shown} {predicate}")
    return text


def _url_mistake(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    if "@" in parts.netloc:
        return "carries credentials, and a customer's stack shows it to everyone; take them out"
    if parts.scheme != "https":
        return "does not begin with https://"
    if "#" in text:
        return "has a fragment ('#...'), which is never sent to a server"
    if not _HOST.fullmatch(host):
        return "has no valid host name"
    if len(text) > _LONGEST_URL or not _URL.fullmatch(text):
        return f"is not a URL of at most {_LONGEST_URL} ASCII characters, with anything else percent-encoded"
    return None


def dmarc(text: str) -> str:
    """A DMARC record: version first, and a policy. Source: RFC 7489, section 6.3."""
    tags = [tag.strip() for tag in text.split(";")]
    policies = [tag for tag in tags[1:] if re.fullmatch(r"p\s*=\s*(?:none|quarantine|reject)", tag)]
    if (
        tags[0] != "v=DMARC1"
        or len(policies) != 1
        or len(text) > 450
        or not re.fullmatch(r"[\x20\x21\x23-\x7e]+", text)
    ):
        raise ValueError("is not a DMARC record, such as v=DMARC1; p=none (or p=quarantine, p=reject)")
    return text
