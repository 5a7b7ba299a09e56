"""What MiniStack lacks about `aws:PrincipalArn`, added beside it through IAM's own API.

In AWS the key holds the ARN of the role, also while one of its sessions calls (source: "AWS global condition context
keys"); in MiniStack it holds the session's own ARN. A trust policy that names a role in it is given the sessions of
that role as well, which in AWS allows nothing more.
"""

import json
import re
from typing import Any

from byoaws.model import Json

_KEY = "aws:PrincipalArn"
_ROLE = re.compile(r"arn:(?P<partition>[^:]+):iam::(?P<account>[^:]+):role/(?:.*/)?(?P<name>[^/]+)")


def also_sessions(document: dict[str, Json]) -> dict[str, Json]:
    """Return a trust policy that, wherever a condition names a role by its ARN, also names the role's sessions."""
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_widened(statement) for statement in listed]}


def _widened(statement: Json) -> Json:
    if not isinstance(statement, dict) or not isinstance(statement.get("Condition"), dict):
        return statement
    conditions: Any = statement["Condition"]
    return {**statement, "Condition": {name: _both(keys) for name, keys in conditions.items()}}


def _both(keys: Any) -> Json:
    if _KEY not in keys:
        return dict(keys)
    values = keys[_KEY] if isinstance(keys[_KEY], list) else [keys[_KEY]]
    sessions = [
        f"arn:{found['partition']}:sts::{found['account']}:assumed-role/{found['name']}/*"
        for found in map(_ROLE.fullmatch, values)
        if found
    ]
    return {**keys, _KEY: list(dict.fromkeys([*values, *sessions]))} if sessions else dict(keys)


def mend(iam: Any, role_name: str) -> None:
    """Rewrite a role's trust policy by `also_sessions`, where a condition of it names a role."""
    document = iam.get_role(RoleName=role_name)["Role"]["AssumeRolePolicyDocument"]
    widened = also_sessions(document)
    if widened != document:
        iam.update_assume_role_policy(RoleName=role_name, PolicyDocument=json.dumps(widened))
