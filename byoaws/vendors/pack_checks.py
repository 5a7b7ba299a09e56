"""What a single value of a permission pack must look like. Pure functions from a value to the value.

Each raises `ValueError` with a predicate that reads after the value, or `Complete` where the message names the value.
Narrow on purpose: what IAM would take and no honest pack needs is refused.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from byoaws.packs import VARIABLES
from byoaws.registry import BLOCKS
from byoaws.vendor_model import Inbound
from byoaws.vendors.checks import Complete, matching
from byoaws.vendors.words import plain

_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z][A-Za-z0-9]*", re.ASCII)
_ARN = re.compile(
    r"arn:\$\{AWS::Partition\}:(?P<service>[a-z0-9-]+):(?P<region>\$\{AWS::Region\}|[a-z0-9-]*|\*):"
    r"(?P<account>\$\{AWS::AccountId\}|aws|):(?P<resource>[\x21-\x7e]+)",
    re.ASCII,
)
_WHOLE = (
    *("*", "${AWS::StackId}", "${stack:webhook-secret}", "${stack:forwarder}", "${stack:forwarder-dead-letters}"),
    *("${stack:forwarder}:*", "${stack:bounce-topic}", "${stack:complaint-topic}", "${stack:delivery-topic}"),
    *("${stack:bounce-topic}*", "${stack:complaint-topic}*", "${stack:delivery-topic}*"),
    *("${stack:event-dead-letters}", "${stack:forwarder-alarm}"),
    *("${stack:setup-function}", "${stack:registration-function}"),
)
"""Resources that are no ARN with a partition: all of them, and those that stand for an ARN."""
_VARIABLE = re.compile(r"\$\{([^}]*)\}?")

# Source: IAM user guide, "IAM JSON policy elements: Condition operators".
OPERATORS = frozenset(
    {
        *(f"String{name}" for name in ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase")),
        *("StringLike", "StringNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
        *("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
        *(
            f"{kind}{name}"
            for kind in ("Numeric", "Date")
            for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
        ),
    }
)
_OPERATOR = re.compile(r"(?:ForAllValues:|ForAnyValue:)?(?P<name>[A-Za-z]+?)(?:IfExists)?", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9-]+:[!-~]{1,256}", re.ASCII)


def block(name: str) -> str:
    """A building block of a stack."""
    if name not in BLOCKS:
        raise ValueError(f"is no building block; known are {', '.join(BLOCKS)}")
    return name


def inbound(name: str) -> str:
    """A way of receiving."""
    known = [str(way) for way in Inbound]
    if name not in known:
        raise ValueError(f"is no way of receiving; known are {', '.join(known)}")
    return name


sid = matching(r"[A-Za-z0-9]{1,64}", "is not a sid: 1 to 64 letters and digits")


def action(text: str) -> str:
    """One action of one service, without a wildcard."""
    if "*" in text or "?" in text:
        raise ValueError("has a wildcard; name each action, with its reason")
    if not _ACTION.fullmatch(text):
        raise ValueError("is not an action, such as cloudwatch:GetMetricData")
    return text


def resource(text: str) -> str:
    """All resources, or an ARN of the customer's own account, in whatever partition that is."""
    variables(text)
    if text not in _WHOLE and not _ARN.fullmatch(text):
        raise ValueError(
            "is neither '*' nor arn:${AWS::Partition}:SERVICE:REGION:ACCOUNT:RESOURCE, where REGION is ${AWS::Region} "
            "and ACCOUNT is ${AWS::AccountId}, or either is empty where the service has none"
        )
    return text


def resources(given: Sequence[str]) -> Sequence[str]:
    """At least one, none twice, and nothing beside `*`."""
    if not given:
        raise Complete("is empty; name what the actions may be used on")
    if len(set(given)) < len(given):
        raise Complete("names a resource twice")
    if "*" in given and len(given) > 1:
        raise Complete("names '*', which holds all the others; leave it or them out")
    return given


def variables(text: str) -> str:
    """Text whose `${...}` are all known; they are CloudFormation's, and never the environment's."""
    for name in _VARIABLE.findall(text):
        if name not in VARIABLES:
            raise Complete(f"'${{{plain(name)}}}' is not known in a pack; known: {', '.join(VARIABLES)}")
    return text


def actions(given: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """At least one, none twice."""
    return _each_once(given, "action", "name what the vendor may do")


def statements(given: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """At least one, no sid twice."""
    return _each_once(given, "sid", "a pack without a permission is none")


def condition(given: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    """Operators that IAM knows, each with condition keys."""
    if not given:
        raise Complete("is empty; leave it out")
    for operator, keys in given.items():
        match = _OPERATOR.fullmatch(operator)
        if match is None or match["name"] not in OPERATORS:
            raise Complete(f"'{plain(operator)}' is not a condition operator of IAM, such as StringEquals")
        if not keys:
            raise Complete(f"'{operator}' has no condition key")
        for key in keys:
            if not _KEY.fullmatch(key):
                raise Complete(f"'{plain(key)}' is not a condition key, such as aws:ResourceTag/NAME")
    return given


def _each_once(given: Sequence[Mapping[str, Any]], key: str, why: str) -> Sequence[Mapping[str, Any]]:
    if not given:
        raise Complete(f"is empty; {why}")
    named = [str(item[key]) for item in given]
    for name in named:
        if named.count(name) > 1:
            raise Complete(f"{key} '{plain(name)}' is given twice")
    return given
