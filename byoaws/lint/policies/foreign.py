"""What a stranger's call says of itself: the values of condition keys that name an account, a resource or a place.

A pattern that a stranger's value could match (`*`, `arn:aws:s3:::*`) is matched; one that names something of
somebody's is not. Source: IAM user guide, "AWS global condition context keys".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from byoaws.iam.context import Values
from byoaws.iam.documents import Policy

_ACCOUNT = "000700070007"
_ARN = f"arn:aws:zq7:us-east-1:{_ACCOUNT}:stranger"
# What a service or a network path says of the account, resource or place behind a call. Source: IAM user guide, "AWS
# global condition context keys"; aws:SourceOwner: SNS developer guide; s3:DataAccessPoint...: S3 user guide.
_ACCOUNTS = frozenset(
    {"aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount", "kms:calleraccount", "s3:dataaccesspointaccount"}
)
_ARNS = frozenset({"aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn", "aws:chatbotsourcearn"})
_IDS = frozenset(
    {
        *("aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceorgid"),
        *("aws:vpceorgpaths", "aws:ec2instancesourcevpc", "sns:endpoint", "lambda:eventsourcetoken"),
        *("aws:principalorgid", "aws:principalorgpaths"),
    }
)
# The key's value names the resource that is encrypted. Source: CloudWatch Logs user guide, "Encrypt log data".
_CONTEXT = "kms:encryptioncontext:"
# Parts of a pattern that narrow nothing: how every such value begins.
_EMPTY = re.compile(r"(?:https?://|vpce?-|o-|arn:)?", re.ASCII)
_DIGITS = 12
_ADDRESSES = ("198.51.100.77", "2600:1f00::77")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a stranger comes: what their calls say besides who they are."""

    context: Mapping[str, Values]
    absent: frozenset[str] = frozenset()


def ways(policy: Policy, *, accounts: Sequence[str] = ()) -> Iterator[Way]:
    """Yield the ways of a stranger: from nowhere in particular, from a place of their own, and as a pattern allows.

    Args:
        policy: What the stranger wants to get in by.
        accounts: Further keys, in lower case, whose value names an account.
    """
    patterns = _patterns(policy, accounts)
    for address in _ADDRESSES:
        given = {"aws:SecureTransport": "true", "aws:SourceIp": address}
        yield Way(context=given, absent=frozenset(patterns))
        near = given | {key: _stranger(key, accounts) for key in patterns}
        yield Way(context=near)
        matched = {
            key: filled
            for key, values in patterns.items()
            for filled in [next(filter(None, (_fill(key, value, accounts) for value in values)), None)]
            if filled
        }
        if matched:
            yield Way(context=near | matched)


def _patterns(policy: Policy, accounts: Sequence[str]) -> dict[str, list[str]]:
    """Return the keys of the policy that say whose call it is, with what they are held against."""
    found: dict[str, list[str]] = {}
    for statement in policy.statements:
        for condition in statement.conditions:
            key = condition.key.lower()
            if key in _ACCOUNTS or key in _ARNS or key in _IDS or key in accounts or key.startswith(_CONTEXT):
                found.setdefault(key, []).extend(condition.values)
    return found


def _stranger(key: str, accounts: Sequence[str]) -> str:
    if key in _ACCOUNTS or key in accounts:
        return _ACCOUNT
    return "zq7-stranger" if key in _IDS else _ARN


def _fill(key: str, pattern: str, accounts: Sequence[str]) -> str | None:
    """Return a stranger's value that a pattern matches; None where it names something of somebody's."""
    if not {"*", "?"} & set(pattern):
        return None
    if key in _ACCOUNTS or key in accounts:
        digits = pattern.replace("?", "7").replace("*", "7" * (_DIGITS - len(pattern.replace("*", ""))), 1)
        return digits.replace("*", "")
    plain = pattern.replace("*", "zq7").replace("?", "z")
    if key in _IDS:
        return plain if _EMPTY.fullmatch(re.split(r"[*?]", pattern)[0]) and pattern[-1] in "*?" else None
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return f"{_ARN}/{plain}" if pattern == "*" else _reaching(pattern)
    is_named = not {"*", "?"} & set(parts[4]) and parts[4] != ""
    # A bucket's ARN has no account, and its name belongs to one account in the world.
    is_bucket = parts[2] == "s3" and not parts[5].startswith(("*", "?"))
    return None if is_named or is_bucket else plain


def _reaching(pattern: str) -> str | None:
    """Return an ARN for a text pattern whose `*` reaches over colons, such as `arn:aws:ses:*`."""
    if any(len(part) == _DIGITS and part.isdecimal() for part in pattern.split(":")) or not pattern.endswith("*"):
        return None
    parts = [*pattern[:-1].split(":"), *[""] * 5]
    filled = [part.replace("*", "zq7") for part in parts[:6]]
    return ":".join([*filled[:4], filled[4] or _ACCOUNT, f"{filled[5]}zq7"])
