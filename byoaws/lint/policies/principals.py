"""Which policies of a template a role, user or group has, wherever they are written."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.policies.permissions import Permissions, read_policy
from byoaws.lint.worlds.expand import World, variants
from byoaws.lint.worlds.expressions import NOTHING, Undecidable

# Resource type of a principal, and the properties that name it.
_PRINCIPALS = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
}
# Resource type of a policy that stands alone, and the properties that say whose it is, with the principal's type.
_ATTACHMENTS = {
    "AWS::IAM::Policy": {"Roles": "AWS::IAM::Role", "Users": "AWS::IAM::User", "Groups": "AWS::IAM::Group"},
    "AWS::IAM::ManagedPolicy": {"Roles": "AWS::IAM::Role", "Users": "AWS::IAM::User", "Groups": "AWS::IAM::Group"},
    "AWS::IAM::RolePolicy": {"RoleName": "AWS::IAM::Role"},
    "AWS::IAM::UserPolicy": {"UserName": "AWS::IAM::User"},
    "AWS::IAM::GroupPolicy": {"GroupName": "AWS::IAM::Group"},
}
_JOINING = "AWS::IAM::UserToGroupAddition"
# What AWS writes for its services' own use; any other policy from outside may allow anything.
_FOR_SERVICES = re.compile(r"arn:[^:]*:iam::aws:policy/service-role/.*")

_Holder = tuple[str, str]
"""Type of a principal, or of a managed policy, and its name or stand-in."""


def permissions(template: Mapping[str, Any]) -> list[Permissions]:
    """Return what each principal may do by all its policies; a policy that nobody has is one by itself.

    A user has the policies of its groups; a group with users counts through them. Where the template does not show
    what a principal has (a macro, a policy from elsewhere), its permissions are unknown. Empty where it does not show
    whom a policy is for.
    """
    found = _Found(template)
    if found.is_unknown:
        return []
    members: dict[_Holder, set[_Holder]] = {}
    for user, group in found.joined:
        members.setdefault(found.real(group), set()).add(found.real(user))
    total: dict[_Holder, Permissions] = {}
    for holder, policy in found.held():
        for principal in sorted(members.get(holder, {holder})):
            total.setdefault(principal, Permissions()).add(policy)
    return list(total.values())


def permissions_of_roles(template: Mapping[str, Any]) -> dict[str, Permissions]:
    """Return what each role of a template may do by all its policies, by the role's name in the template.

    A role whose policies the template does not show in full has permissions that are unknown.
    """
    found = _Found(template)
    stand_in = World(template, {}).opaque
    roles = {("AWS::IAM::Role", stand_in({"Ref": name})): name for name in found.roles}
    total = {name: Permissions(is_unknown=found.is_unknown) for name in roles.values()}
    for holder, policy in found.held():
        if holder in roles:
            total[roles[holder]].add(policy)
    return total


class _Found:
    """What the template's IAM resources say, over every world."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._template = template
        self._policies: dict[str, Permissions] = {}
        self._holders: dict[str, dict[_Holder, None]] = {}
        self._aliases: dict[_Holder, _Holder] = {}
        self.joined: dict[tuple[_Holder, _Holder], None] = {}
        """User and group."""
        self.roles: list[str] = []
        """Names of the template's roles."""
        self.is_unknown = False
        """True if it cannot be told whom a policy is for: it may be for anybody."""
        resources = template.get("Resources")
        for name, resource in resources.items() if isinstance(resources, Mapping) else ():
            kind = resource.get("Type") if isinstance(resource, Mapping) else None
            if isinstance(kind, str) and (kind in _PRINCIPALS or kind in _ATTACHMENTS or kind == _JOINING):
                self._read(name, kind, resource)

    def real(self, holder: _Holder) -> _Holder:
        """Return the same holder under the name that stands for it everywhere."""
        return self._aliases.get(holder, holder)

    def held(self) -> Iterator[tuple[_Holder, Permissions]]:
        """Yield each policy with each of its holders."""
        for name, policy in self._policies.items():
            holders = dict.fromkeys(self.real(holder) for holder in self._holders.get(name, {}))
            for holder in holders or [("policy", name)]:
                yield holder, policy

    def _read(self, name: str, kind: str, resource: Mapping[str, Any]) -> None:
        self._policies[name] = Permissions()
        if kind == "AWS::IAM::Role":
            self.roles.append(name)
        try:
            for _ in variants(self._template, lambda world: self._in_world(world, name, kind, resource)):
                pass
        except Undecidable:
            self._policies[name].is_unknown = True
            self.is_unknown |= name not in self._holders

    def _in_world(self, world: World, name: str, kind: str, resource: Mapping[str, Any]) -> None:
        properties = resource.get("Properties")
        if ("Condition" in resource and not world.condition(resource["Condition"])) or not isinstance(
            properties, Mapping
        ):
            return
        if kind in _PRINCIPALS:
            self._principal(world, name, kind, properties)
        elif kind in _ATTACHMENTS:
            self._policy(world, name, kind, properties)
        else:
            groups = _names(world, properties.get("GroupName"), "AWS::IAM::Group")
            self._join(_names(world, properties.get("Users"), "AWS::IAM::User"), groups)

    def _principal(self, world: World, name: str, kind: str, properties: Mapping[str, Any]) -> None:
        own = (kind, world.opaque({"Ref": name}))
        self._holders.setdefault(name, {})[own] = None
        for other in _names(world, properties.get(_PRINCIPALS[kind]), kind):
            self._aliases.setdefault(other, own)
        if kind == "AWS::IAM::User":
            self._join([own], _names(world, properties.get("Groups"), "AWS::IAM::Group"))
        path = ("Resources", name, "Properties", "Policies")
        inline, where = world.follow(properties.get("Policies"), path)
        for index, policy in enumerate(inline if isinstance(inline, list) else []):
            one, place = world.follow(policy, (*where, index))
            if isinstance(one, Mapping):
                self._add(name, read_policy(world, one.get("PolicyDocument"), (*place, "PolicyDocument")))
        for _, arn in _names(world, properties.get("ManagedPolicyArns"), ""):
            self._attach(world, name, own, arn)

    def _policy(self, world: World, name: str, kind: str, properties: Mapping[str, Any]) -> None:
        attached = [_names(world, properties.get(key), principal) for key, principal in _ATTACHMENTS[kind].items()]
        self._holders.setdefault(name, {}).update(dict.fromkeys(one for names in attached for one in names))
        path = ("Resources", name, "Properties", "PolicyDocument")
        self._add(name, read_policy(world, properties.get("PolicyDocument"), path))

    def _attach(self, world: World, name: str, own: _Holder, arn: str) -> None:
        """Note that a principal has a managed policy."""
        for other in world.section("Resources"):
            if arn == world.opaque({"Ref": other}):
                self._holders.setdefault(other, {})[own] = None
                return
        if not _FOR_SERVICES.fullmatch(arn):
            self._policies[name].is_unknown = True

    def _add(self, name: str, policy: Permissions) -> None:
        known = self._policies[name]
        policy.all_but = [one for one in policy.all_but if one not in known.all_but]
        known.add(policy)

    def _join(self, users: list[_Holder], groups: list[_Holder]) -> None:
        self.joined.update(dict.fromkeys((user, group) for user in users for group in groups))


def _names(world: World, written: Any, kind: str) -> list[_Holder]:
    """Return what a property names: one text, or a list of them."""
    value = NOTHING if written is None else world.value(written)
    items = value if isinstance(value, list) else [value]
    return [(kind, item) for item in items if isinstance(item, str)]
