"""Roles that the stack gives its own functions and Mail Manager rules, and whatever was added to any of its roles."""

from collections.abc import Iterator
from functools import partial

from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.comparison import NotKnown, differences, policy_differences, shown
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain
from byoaws.templates.names import ACCESS_ROLE


def rows(world: World) -> Iterator[Row]:
    """Yield what each role has become; trust and permissions of the vendor's own are told elsewhere."""
    for role in world.of_type("AWS::IAM::Role"):
        if role != ACCESS_ROLE:
            yield world.row("role-trust", role, "iam:GetRole", partial(_trust, world, role))
            for policy in _inline(world, role):
                yield world.row("role-permissions", role, "iam:GetRolePolicy", partial(_permits, world, role, policy))
        yield world.row("role-policies", role, "iam:ListRolePolicies", partial(_more, world, role))
        yield world.row("role-attached", role, "iam:ListAttachedRolePolicies", partial(_attached, world, role))


def _inline(world: World, role: str) -> list[str]:
    """Names of the inline policies that the template gives a role."""
    names = [inside(one, str, "PolicyName") for one in objects(world.wanted(role), "Policies")]
    for policy in world.of_type("AWS::IAM::Policy"):
        wanted = world.wanted(policy)
        if world.ids.get(role) in (inside(wanted, list, "Roles") or ()):
            names.append(inside(wanted, str, "PolicyName"))
    return [name for name in names if name]


def _trust(world: World, role: str, name: str) -> Iterator[str]:
    found = inside(world.reader.ask("iam", "get_role", RoleName=name), dict, "Role") or {}
    wanted = world.wanted(role)
    yield from policy_differences(wanted.get("AssumeRolePolicyDocument"), found.get("AssumeRolePolicyDocument"))
    yield from differences({key: wanted[key] for key in ("Path",) if key in wanted}, found)


def _permits(world: World, role: str, policy: str, name: str) -> list[str]:
    wanted = next(one for one in objects(world.wanted(role), "Policies") if one.get("PolicyName") == policy)
    found = world.reader.ask("iam", "get_role_policy", RoleName=name, PolicyName=policy)
    return policy_differences(wanted.get("PolicyDocument"), found.get("PolicyDocument"))


def _more(world: World, role: str, name: str) -> Iterator[str]:
    wanted = _inline(world, role)
    for policy in world.reader.every("iam", "list_role_policies", "PolicyNames", RoleName=name):
        if policy not in wanted:
            yield f"it has a policy '{shown(policy)}' that the template does not have"


def _attached(world: World, role: str, name: str) -> Iterator[str]:
    wanted = world.wanted(role).get("ManagedPolicyArns") or []
    if not is_plain(wanted):
        raise NotKnown("ManagedPolicyArns", wanted)
    answer = world.reader.every("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    found = [inside(one, str, "PolicyArn") for one in objects(answer)]
    yield from (f"managed policy {shown(arn)} is attached to it" for arn in found if arn not in wanted)
    yield from (f"managed policy {shown(arn)} is not attached to it" for arn in wanted if arn not in found)
