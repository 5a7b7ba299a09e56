"""An `AWS::Lambda::Permission` as the statement that Lambda makes of it.

Source: Lambda API reference, AddPermission; Lambda developer guide, "Viewing resource-based IAM policies in Lambda".
"""

import re
from collections.abc import Mapping
from typing import Any

LAMBDA_PERMISSION = "AWS::Lambda::Permission"

_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_CONDITIONS = {
    "SourceArn": ("ArnLike", "aws:SourceArn"),
    "SourceAccount": ("StringEquals", "aws:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def as_statement(properties: Any) -> Mapping[str, Any]:
    """Return the statement; an empty one where the properties are not what CloudFormation wants."""
    if not isinstance(properties, Mapping) or not isinstance(properties.get("Principal"), str):
        return {}
    who = properties["Principal"]
    named: Any = "*" if who == "*" else {"Service": who} if _SERVICE.fullmatch(who) else {"AWS": who}
    conditions: dict[str, dict[str, Any]] = {}
    for name, (operator, key) in _CONDITIONS.items():
        if name in properties:
            conditions.setdefault(operator, {})[key] = properties[name]
    return {
        "Effect": "Allow",
        "Principal": named,
        "Action": properties.get("Action", "lambda:InvokeFunction"),
        "Resource": properties.get("FunctionName", "*"),
        **({"Condition": conditions} if conditions else {}),
    }
