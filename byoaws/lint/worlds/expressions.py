"""CloudFormation expressions as plain data: how they are told apart, compared and shown."""

import datetime
import json
from collections.abc import Mapping
from typing import Any

OWN_ACCOUNT = "000000000000"
"""Stands for the account that the stack is made in."""

NOTHING = object()
"""What `AWS::NoValue` comes to."""

_LONGEST_SHOWN = 60


class Undecidable(Exception):
    """An expression that could come to anything; the message says which."""


def is_single(expression: Any) -> bool:
    """True for a mapping with one key, as every intrinsic is written."""
    return isinstance(expression, Mapping) and len(expression) == 1


def arguments(argument: Any, name: str, *counts: int) -> list[Any]:
    """Return an intrinsic's list of arguments.

    Raises:
        Undecidable: it is not a list of that length.
    """
    if not isinstance(argument, list) or len(argument) not in counts:
        raise Undecidable(f"an '{name}' that is not written as CloudFormation wants it")
    return list(argument)


def canonical(expression: Any) -> str:
    """Return the same text for the same expression."""
    return json.dumps(expression, sort_keys=True, default=str)


def shown(expression: Any) -> str:
    """Return an expression as a reader would write it, cut to 60 characters."""
    if is_single(expression):
        ((name, argument),) = expression.items()
        if name == "Ref":
            return f"${{{argument}}}"
        if name == "Fn::GetAtt" and isinstance(argument, list):
            return f"${{{'.'.join(map(str, argument))}}}"
        if isinstance(argument, str) and str(name).startswith("Fn::"):
            expression = f"!{name[4:]} {argument}"
    full = expression if isinstance(expression, str) else canonical(expression)
    return full if len(full) <= _LONGEST_SHOWN else full[: _LONGEST_SHOWN - 3] + "..."


def text(value: Any) -> str:
    """Return a scalar as CloudFormation would pass it on."""
    if isinstance(value, bool):
        return "true" if value else "false"
    # YAML makes a date of an unquoted policy version.
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def is_no_echo(parameter: Any) -> bool:
    """True if CloudFormation masks the parameter."""
    return isinstance(parameter, Mapping) and str(parameter.get("NoEcho", "")).lower() == "true"
