"""Reports of a customer's stack that it was made, changed or deleted. A claim each, and not a fact."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any

from byoaws.arn import parse_role_arn
from byoaws.errors import ArnError, WebhookForged, WebhookMalformed
from byoaws.quickcreate.registration_token import PATTERN
from byoaws.webhooks.documents import json_object, text_of, within
from byoaws.webhooks.signatures import TOLERANCE, signed

MOST_BYTES = 65_536
"""Of a body."""
CREATED, UPDATED, DELETED = "stack.created", "stack.updated", "stack.deleted"

_POST = "the stack's report"
_STACK_ID = re.compile(
    r"arn:(?P<partition>[a-z-]+):cloudformation:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):stack/[A-Za-z0-9-]{1,128}/[\w-]+",
    re.ASCII,
)
_MOST_OUTPUTS = 200
# Source: Amazon S3 user guide, "General purpose bucket naming rules". Old buckets of us-east-1 are not ours.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a stack says of itself."""

    type: str
    """`stack.created`, `stack.updated` or `stack.deleted`."""
    connection_id: str
    account_id: str
    region: str
    stack_id: str
    role_arn: str
    """In the same account and partition as the stack; whether it is there, and opens to us alone, is to be verified."""
    bucket_name: str | None
    template_version: str
    outputs: Mapping[str, str]
    """As they would be pasted."""
    token: str | None = field(default=None, repr=False)
    """The one-time token, where it is this that proves the report."""
    id: str | None = None
    """The same at every try; None where the report is not signed."""
    signed_at: datetime | None = None
    """Aware, UTC. None where the report is not signed: then only its token can prove it."""


def connection_of(body: bytes) -> str:
    """Return the id of the connection that a report says it is of, before anything is proven.

    Raises:
        WebhookTooLarge, WebhookMalformed: as `verify_registration`.
    """
    return text_of(json_object(within(body, MOST_BYTES), _POST), "connection_id", _POST)


def verify_registration(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str] = (),
    *,
    tolerance: int = TOLERANCE,
    now: float | None = None,
) -> Registration:
    """Return what was reported, once its signature is right; or with the token that has still to be judged.

    A report with a one-time token need not be signed, for the webhook secret may be unknown yet. What has neither, and
    a deletion that is not signed, are forgeries.

    Args:
        headers: Of the request; the case of names does not matter.
        body: As it came, byte for byte.
        secrets: Webhook secrets of the connection that `connection_of(body)` names; empty where none is known.
        tolerance: Seconds between the signature and now, either way.
        now: Seconds since 1970; the clock's by default.

    Raises:
        WebhookForged: neither token nor signature prove it, or the account, region or partition of its parts differ.
        WebhookStale: it was signed too long ago, or ahead of now.
        WebhookTooLarge: the body has more than 64 KiB.
        WebhookMalformed: it is no stack's report.
        UsageError: one of the secrets is none: the receiver's own fault.
    """
    post = json_object(within(body, MOST_BYTES), _POST)
    kind, token = text_of(post, "type", _POST), post.get("token")
    if kind not in (CREATED, UPDATED, DELETED):
        raise WebhookMalformed(f"{_POST} is of no type that is known")
    if kind == DELETED or token is None:
        if not any(name.lower() == "webhook-signature" for name in headers):
            raise WebhookForged(f"{_POST} has nothing that could prove it")
        # Where none is known, one that nobody has: a stranger does not learn from the answer for which connections we
        # know one.
        known = secrets or ("whsec_" + base64.b64encode(token_bytes(32)).decode(),)
        message_id, at = signed(headers, body, known, tolerance=tolerance, now=now)
        return _registration(post, kind, None, message_id, datetime.fromtimestamp(at, UTC))
    if not isinstance(token, str) or not PATTERN.fullmatch(token):
        raise WebhookForged(f"{_POST} has a token that is none of ours")
    return _registration(post, kind, token, None, None)


def _registration(
    post: Mapping[str, Any], kind: str, token: str | None, message_id: str | None, at: datetime | None
) -> Registration:
    account_id, region, stack_id, role_arn = (
        text_of(post, key, _POST) for key in ("account_id", "region", "stack_id", "role_arn")
    )
    _require_one_account(account_id, region, stack_id, role_arn)
    bucket_name = None if post.get("bucket_name") is None else text_of(post, "bucket_name", _POST)
    version = text_of(post, "template_version", _POST)
    # Both are kept, printed and put into commands.
    if (bucket_name is not None and not _BUCKET.fullmatch(bucket_name)) or not _VERSION.fullmatch(version):
        raise WebhookMalformed(f"{_POST} has a 'bucket_name' or a 'template_version' that is none")
    return Registration(
        type=kind,
        connection_id=text_of(post, "connection_id", _POST),
        account_id=account_id,
        region=region,
        stack_id=stack_id,
        role_arn=role_arn,
        bucket_name=bucket_name,
        template_version=version,
        outputs=_outputs(post.get("outputs")),
        token=token,
        id=message_id,
        signed_at=at,
    )


def _require_one_account(account_id: str, region: str, stack_id: str, role_arn: str) -> None:
    stack = _STACK_ID.fullmatch(stack_id)
    try:
        role = parse_role_arn(role_arn)
    except ArnError:
        raise WebhookMalformed(f"{_POST} has a 'role_arn' that is none") from None
    if stack is None:
        raise WebhookMalformed(f"{_POST} has a 'stack_id' that is none")
    if {account_id, role.account_id} != {stack["account"]} or role.partition != stack["partition"]:
        raise WebhookForged(f"{_POST} names a role in another account than its stack's")
    if region != stack["region"]:
        raise WebhookForged(f"{_POST} names another region than its stack's")


def _outputs(found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or len(found) > _MOST_OUTPUTS:
        raise WebhookMalformed(f"{_POST} has no 'outputs'")
    if not all(isinstance(value, str) for value in found.values()):
        raise WebhookMalformed(f"{_POST} has an output that is no text")
    return found
