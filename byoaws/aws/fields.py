"""The fields of one answer of AWS's, each checked: botocore checks what is sent and hardly what comes back.

A missing or odd field is "no usable answer" here: whoever gets an empty key must not go on to look for other
credentials, nor judge a trust policy that is not one.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from byoaws.errors import Unreachable

Value = TypeVar("Value")
Answer = Mapping[str, object]


def structure(answer: Answer, name: str, operation: str) -> Answer:
    """Return a field that holds fields; without any where it is missing. Raises Unreachable where it holds none."""
    return optional(answer, name, dict, operation) or {}


def required(answer: Answer, name: str, operation: str) -> str:
    """Return a field that is text; raises Unreachable where it is missing, empty, or no text."""
    value = optional(answer, name, str, operation)
    if not value:
        raise unusable(operation, f"{name} is missing")
    return value


def optional(answer: Answer, name: str, kind: type[Value], operation: str) -> Value | None:
    """Return a field of just that type, None where it is missing; raises Unreachable for any other type, and NaN."""
    value = answer.get(name)
    if isinstance(value, float) and not math.isfinite(value):
        raise unusable(operation, f"{name} is not a number")
    if value is None or type(value) is kind:
        return value
    raise unusable(operation, f"{name} is not of type {kind.__name__}")


def items(answer: Answer, name: str, operation: str) -> Iterator[Mapping[str, Any]]:
    """Yield what is in a field that holds a list of fields; nothing where it is missing.

    Raises:
        Unreachable: it holds anything else.
    """
    for item in optional(answer, name, list, operation) or ():
        if not isinstance(item, dict):
            raise unusable(operation, f"{name} holds something else than fields")
        yield item


def texts(answer: Answer, name: str, operation: str) -> list[str]:
    """Return what is in a field that holds a list of texts; nothing where it is missing.

    Raises:
        Unreachable: it holds anything else.
    """
    found = optional(answer, name, list, operation) or []
    if not all(isinstance(one, str) for one in found):
        raise unusable(operation, f"{name} holds something else than names")
    return found


def present(answer: Answer, name: str, operation: str) -> Answer:
    """Return the answer, if it has a field that AWS always sends: of a list, none at all is not an empty one.

    Raises:
        Unreachable: it is missing.
    """
    if answer.get(name) is None:
        raise unusable(operation, f"{name} is missing")
    return answer


def unusable(operation: str, why: str) -> Unreachable:
    """Return the error for an answer that cannot be used."""
    # The value itself stays out: it may be a credential.
    return Unreachable(
        f"{operation}: no usable answer ({why})",
        operation=operation,
        hint="if AWS_ENDPOINT_URL, or one for that service, is set, check what answers there",
    )
