"""What MiniStack lacks about reading a stack, added beside it through IAM's own API.

Asked for `cloudformation:DescribeStackResources` and its like, AWS looks for the stack's ARN in the caller's policies;
MiniStack reads the stack's name off the query string, where no SDK puts it, and looks for `*`, so that a role could
not read its own stack. Here such a role may read any stack of its account; in AWS, only its own. The same goes for the
stack's alarm and its topics' subscriptions, for which MiniStack looks for `*`, too.
"""

import json
from typing import Any

from byoaws.model import Json

_READS = frozenset(
    {
        *(
            f"cloudformation:{name}"
            for name in ("DescribeStackResources", "DescribeStacks", "GetTemplate", "ListStackResources")
        ),
        "cloudwatch:DescribeAlarms",
        "sns:GetSubscriptionAttributes",
    }
)


def also_any_stack(document: dict[str, Json]) -> dict[str, Json]:
    """Return a policy whose statements that allow to read a stack, and nothing else, say so of any stack."""
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_widened(statement) for statement in listed]}


def _widened(statement: Json) -> Json:
    if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
        return statement
    given = statement.get("Action")
    actions = given if isinstance(given, list) else [given]
    reads = bool(actions) and all(isinstance(action, str) and action in _READS for action in actions)
    return {**statement, "Resource": "*"} if reads else statement


def mend(iam: Any, role_name: str) -> None:
    """Rewrite a role's inline policies by `also_any_stack`."""
    for name in iam.list_role_policies(RoleName=role_name)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]
        if (widened := also_any_stack(document)) != document:
            iam.put_role_policy(RoleName=role_name, PolicyName=name, PolicyDocument=json.dumps(widened))
