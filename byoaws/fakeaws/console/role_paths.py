"""What MiniStack lacks about role paths, added beside it through IAM's own API.

Asked for `iam:GetRole`, AWS looks for `arn:...:role/PATH/NAME` in the caller's policies; MiniStack looks for
`arn:...:role/NAME`, so that a role with a path could not read itself. A role's name is unique in its account whatever
its path, so naming the ARN without the path too allows nothing more, there or in AWS.
"""

import json
from typing import Any

from byoaws.arn import RoleArn, parse_role_arn
from byoaws.model import Json


def also_without_path(document: dict[str, Json], role: RoleArn) -> dict[str, Json]:
    """Return a policy that, wherever it names `role`, also names it without its path."""
    bare = str(RoleArn(partition=role.partition, account_id=role.account_id, path="/", name=role.name))
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_named_twice(statement, str(role), bare) for statement in listed]}


def _named_twice(statement: Json, full: str, bare: str) -> Json:
    if not isinstance(statement, dict):
        return statement
    resources = statement.get("Resource", [])
    listed = resources if isinstance(resources, list) else [resources]
    if full not in listed or bare in listed:
        return statement
    return {**statement, "Resource": [*listed, bare]}


def mend(iam: Any, role_name: str) -> None:
    """Rewrite a role's inline policies by `also_without_path`, where it has a path."""
    role = parse_role_arn(iam.get_role(RoleName=role_name)["Role"]["Arn"])
    if role.path == "/":
        return
    for name in iam.list_role_policies(RoleName=role_name)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]
        iam.put_role_policy(
            RoleName=role_name, PolicyName=name, PolicyDocument=json.dumps(also_without_path(document, role))
        )
