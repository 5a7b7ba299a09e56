"""What MiniStack lacks about role paths, added beside it through IAM's own API.

Asked for `iam:GetRole`, AWS looks for `arn:...:role/PATH/NAME` in the caller's policies; MiniStack looks for
`arn:...:role/NAME`, so that a role with a path could not read itself. A role's name is unique in its account whatever
its path, so naming the ARN without the path too allows nothing more, there or in AWS.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from byoaws.arn import RoleArn, parse_role_arn
from byoaws.model import Json


def also_without_path(document: dict[str, Json], role: RoleArn, below: Sequence[RoleArn] = ()) -> dict[str, Json]:
    """Return a policy that, wherever it names `role`, also names it without its path.

    Where it names all roles of the path `functions/` below that, each of `below` is named so.
    """
    twins = {str(role): [_bare(role)], _pattern(role): [_bare(one) for one in below]}
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_named_twice(statement, twins) for statement in listed]}


def _bare(role: RoleArn) -> str:
    return str(RoleArn(partition=role.partition, account_id=role.account_id, path="/", name=role.name))


def _pattern(role: RoleArn) -> str:
    return f"arn:{role.partition}:iam::{role.account_id}:role{role.path}functions/*"


def _named_twice(statement: Json, twins: Mapping[str, list[str]]) -> Json:
    if not isinstance(statement, dict):
        return statement
    resources = statement.get("Resource", [])
    listed = resources if isinstance(resources, list) else [resources]
    more = [bare for full, bares in twins.items() if full in listed for bare in bares if bare not in listed]
    return {**statement, "Resource": [*listed, *more]} if more else statement


def mend(iam: Any, role_name: str) -> None:
    """Rewrite a role's inline policies by `also_without_path`, where it has a path."""
    role = parse_role_arn(iam.get_role(RoleName=role_name)["Role"]["Arn"])
    if role.path == "/":
        return
    below = [parse_role_arn(one["Arn"]) for one in iam.list_roles(PathPrefix=f"{role.path}functions/")["Roles"]]
    for name in iam.list_role_policies(RoleName=role_name)["PolicyNames"]:
        document = also_without_path(
            iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"], role, below
        )
        iam.put_role_policy(RoleName=role_name, PolicyName=name, PolicyDocument=json.dumps(document))
