"""Condition operators: how one value of a request is held against one value of a policy.

Names are compared exactly: IAM refuses `stringEquals` ("Invalid Condition type"), so another spelling is in doubt,
never a match. Source: IAM user guide, "IAM JSON policy elements: Condition operators".
"""

import base64
import binascii
import functools
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeAlias

from byoaws.iam.patterns import ARN_PARTS, Pattern, as_text, matches, matches_arn
from byoaws.iam.truth import NO, Truth, not_documented, truth

Qualifier = Literal["ForAllValues", "ForAnyValue"]
Compare: TypeAlias = Callable[[str, Pattern], Truth]

NULL = "Null"
_QUALIFIERS: tuple[Qualifier, ...] = ("ForAllValues", "ForAnyValue")
_IF_EXISTS = "IfExists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """An operator of a Condition block, taken apart."""

    name: str
    """Without qualifier and `IfExists`."""
    compare: Compare
    """The affirmative comparison of (request value, policy value)."""
    negated: bool
    variables: bool
    """True if policy variables are replaced in its values."""
    qualifier: Qualifier | None = None
    if_exists: bool = False


@functools.lru_cache(maxsize=256)
def parse_operator(text: str) -> Operator | None:
    """Take an operator apart; None if AWS has no such operator. `Null` is not compared and not known here."""
    qualifier = next((name for name in _QUALIFIERS if text.startswith(f"{name}:")), None)
    rest = text[len(qualifier) + 1 :] if qualifier else text
    name = rest.removesuffix(_IF_EXISTS)
    if name not in _TABLE:
        return None
    compare, negated, variables = _TABLE[name]
    return Operator(
        name=name,
        compare=compare,
        negated=negated,
        variables=variables,
        qualifier=qualifier,
        if_exists=rest != name,
    )


def _equals(found: str, wanted: Pattern) -> Truth:
    return truth(found == as_text(wanted))


def _equals_ignoring_case(found: str, wanted: Pattern) -> Truth:
    return truth(found.lower() == as_text(wanted).lower())


def _like(found: str, wanted: Pattern) -> Truth:
    return truth(matches(wanted, found))


def _arn(found: str, wanted: Pattern) -> Truth:
    matched = matches_arn(wanted, found)
    return not_documented(f"'{as_text(wanted)}' is not an ARN") if matched is None else truth(matched)


def _not_arn(found: str, wanted: Pattern) -> Truth:
    return _arn(found, wanted) if found.count(":") >= ARN_PARTS - 1 else _unreadable(found, "an ARN")


def _bool(found: str, wanted: Pattern) -> Truth:
    text = as_text(wanted).lower()
    return truth(found.lower() == text) if text in ("true", "false") else _malformed(wanted, "true or false")


def _binary(found: str, wanted: Pattern) -> Truth:
    known = _bytes(as_text(wanted))
    return _malformed(wanted, "base64") if known is None else truth(_bytes(found) == known)


def _ip(found: str, wanted: Pattern) -> Truth:
    network = _network(as_text(wanted))
    if network is None:
        return _malformed(wanted, "an IP address or range")
    address = _network(found)
    if address is None or address.version != network.version:
        return NO
    return truth(address.network_address in network and address.prefixlen == address.max_prefixlen)


def _not_ip(found: str, wanted: Pattern) -> Truth:
    return _ip(found, wanted) if _network(found) else _unreadable(found, "an IP address")


def _ordered(
    read: Callable[[str], Any], kind: str, holds: Callable[[Any, Any], bool], *, negated: bool = False
) -> Compare:
    """Compare by order. A policy value of another kind is in doubt; such a request value simply does not match.

    Whether it then satisfies a *negated* operator AWS does not say, so there it is in doubt as well.
    """

    def compare(found: str, wanted: Pattern) -> Truth:
        limit, value = read(as_text(wanted)), read(found)
        if limit is None:
            return _malformed(wanted, kind)
        if value is None:
            return _unreadable(found, kind) if negated else NO
        return truth(holds(value, limit))

    return compare


def _unreadable(found: str, kind: str) -> Truth:
    return not_documented(f"the request's value '{found}' is not {kind}")


def _malformed(wanted: Pattern, kind: str) -> Truth:
    return not_documented(f"'{as_text(wanted)}' is not {kind}")


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    if not text.isascii() or "_" in text or text != text.strip() or len(text) > 64:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(text: str) -> datetime | None:
    """Read ISO 8601 or seconds since 1970; a time without a zone is in UTC."""
    try:
        if text.isascii() and text.isdecimal():
            return datetime.fromtimestamp(int(text), tz=UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda value, limit: value == limit,
    "LessThan": lambda value, limit: value < limit,
    "LessThanEquals": lambda value, limit: value <= limit,
    "GreaterThan": lambda value, limit: value > limit,
    "GreaterThanEquals": lambda value, limit: value >= limit,
}

# Name to (affirmative comparison, negated, variables).
_TABLE: dict[str, tuple[Compare, bool, bool]] = {
    "StringEquals": (_equals, False, True),
    "StringNotEquals": (_equals, True, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False, True),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True, True),
    "StringLike": (_like, False, True),
    "StringNotLike": (_like, True, True),
    "ArnEquals": (_arn, False, True),
    "ArnLike": (_arn, False, True),
    "ArnNotEquals": (_not_arn, True, True),
    "ArnNotLike": (_not_arn, True, True),
    "Bool": (_bool, False, False),
    "BinaryEquals": (_binary, False, False),
    "IpAddress": (_ip, False, False),
    "NotIpAddress": (_not_ip, True, False),
    "NumericNotEquals": (_ordered(_number, "a number", _ORDERS["Equals"], negated=True), True, False),
    "DateNotEquals": (_ordered(_moment, "a date", _ORDERS["Equals"], negated=True), True, False),
    **{f"Numeric{name}": (_ordered(_number, "a number", holds), False, False) for name, holds in _ORDERS.items()},
    **{f"Date{name}": (_ordered(_moment, "a date", holds), False, False) for name, holds in _ORDERS.items()},
}
