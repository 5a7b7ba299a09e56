"""The role: who may assume it, and what it may do."""

from collections.abc import Iterator
from functools import partial

from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.comparison import differences, policy_differences
from byoaws.lifecycle.drift import Row
from byoaws.templates.names import ACCESS_ROLE

_POLICY = "AWS::IAM::Policy"


def rows(world: World) -> Iterator[Row]:
    """Yield what the role's trust and permissions have become."""
    if ACCESS_ROLE not in world.template["Resources"]:
        return
    yield world.row("trust-policy", ACCESS_ROLE, "iam:GetRole", partial(_trust, world))
    for policy in world.of_type(_POLICY):
        if world.wanted(policy).get("Roles") == [world.ids.get(ACCESS_ROLE)]:
            yield world.row("permissions", policy, "iam:GetRolePolicy", partial(_permits, world, policy))


def _trust(world: World, name: str) -> Iterator[str]:
    role = world.reader.ask("iam", "get_role", RoleName=name).get("Role")
    wanted = world.wanted(ACCESS_ROLE)
    yield from policy_differences(
        wanted.get("AssumeRolePolicyDocument"), inside(role, dict, "AssumeRolePolicyDocument")
    )
    found = role if isinstance(role, dict) else {}
    yield from differences({key: wanted[key] for key in ("Path", "MaxSessionDuration") if key in wanted}, found)
    if found.get("PermissionsBoundary"):
        yield "it has a permissions boundary, and the template gives it none"


def _permits(world: World, policy: str, _: str) -> list[str]:
    wanted = world.wanted(policy)
    answer = world.reader.ask(
        "iam", "get_role_policy", RoleName=world.ids[ACCESS_ROLE], PolicyName=wanted.get("PolicyName")
    )
    return policy_differences(wanted.get("PolicyDocument"), answer.get("PolicyDocument"))
