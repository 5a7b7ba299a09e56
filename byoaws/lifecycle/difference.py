"""What an update from one template to another does to each resource, as CloudFormation's schemas say.

A change set says it too, and only the customer can make one; this is told before anybody is asked for anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from byoaws.lifecycle.changes import Change, Effect, PropertyChange, ReplacingOf, effect_of, is_custom, kind_of
from byoaws.lifecycle.expressions import Known, call_of, scalar
from byoaws.lifecycle.spread import spread

Template = Mapping[str, Any]


def difference(old: Template, new: Template, replacing: ReplacingOf, known: tuple[Known, Known]) -> tuple[Change, ...]:
    """Return what changes, in the order of the new template, then what goes.

    Args:
        old: The template that the stack has.
        new: The one that it is to have.
        replacing: CloudFormation's schemas.
        known: What is known of the stack's values under each of them.
    """
    before, after = _settled(old, known[0]), _settled(new, known[1])
    changes = {}
    for name, resource in after.items():
        change = _compare(name, before.get(name), resource, replacing)
        if change:
            changes[name] = change
    for name, resource in before.items():
        if name not in after:
            changes[name] = _gone(name, resource)
    for name in before.keys() & after.keys():
        condition = after[name].get("Condition")
        if condition is not None and not _same_condition(condition, before[name], old, new):
            changes[name] = replace(
                changes.get(name) or Change(name=name, kind=kind_of(after[name]), effect=Effect.DELETES),
                effect=Effect.DELETES,
                because=f"unless condition {condition} holds, which could not be told",
            )
    return tuple(spread(changes, after, replacing).values())


def _same_condition(name: object, before: Mapping[str, Any], old: Template, new: Template) -> bool:
    """False where a resource may go for a condition that it did not have."""
    if not isinstance(name, str) or before.get("Condition") != name:
        return False
    return bool((old.get("Conditions") or {}).get(name) == (new.get("Conditions") or {}).get(name))


def _settled(template: Template, known: Known) -> dict[str, Mapping[str, Any]]:
    """The resources that there are, conditions and branches decided where their values are known."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, resource in (template.get("Resources") or {}).items():
        condition = resource.get("Condition")
        holds = known.holds(condition) if isinstance(condition, str) else True
        if holds is False:
            continue
        settled = {key: value for key, value in resource.items() if key != "Condition" or holds is None}
        found[name] = {**settled, "Properties": known.settle(resource.get("Properties") or {})}
    return found


def _keeps(resource: Mapping[str, Any], attribute: str) -> bool:
    return str(resource.get(attribute, "")).startswith("Retain")


def _gone(name: str, resource: Mapping[str, Any]) -> Change:
    kept = _keeps(resource, "DeletionPolicy")
    return Change(
        name=name,
        kind=kind_of(resource),
        effect=Effect.LEAVES if kept else Effect.DELETES,
        because="the stack lets it go, and it stays in the account" if kept else "the new template has none of it",
        trust=kind_of(resource) == "AWS::IAM::Role",
        permissions=kind_of(resource).startswith("AWS::IAM::"),
    )


def _compare(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any], replacing: ReplacingOf) -> Change | None:
    kind = kind_of(new)
    iam = kind.startswith("AWS::IAM::")
    if old is None:
        return Change(name=name, kind=kind, effect=Effect.ADDS, trust=kind == "AWS::IAM::Role", permissions=iam)
    if kind_of(old) != kind:
        return Change(
            name=name, kind=kind, effect=Effect.DELETES, because=f"it was {kind_of(old)}", trust=iam, permissions=iam
        )
    paths = list(_paths(old["Properties"], new["Properties"]))
    if not paths:
        return None
    rules = replacing(kind)
    properties = tuple(PropertyChange(path=".".join(path), effect=effect_of(path, kind, rules)) for path in paths)
    names = {path[0] for path in paths if path}
    return _softened(
        Change(
            name=name,
            kind=kind,
            effect=max(item.effect for item in properties),
            properties=properties,
            because="" if rules or is_custom(kind) else "how this type changes is not known",
            trust="AssumeRolePolicyDocument" in names,
            permissions=iam and bool(names & _PERMITS),
        ),
        old,
        new,
    )


_PERMITS = {"Policies", "PolicyDocument", "ManagedPolicyArns", "PermissionsBoundary", "Roles", "Users"}


def _softened(change: Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    """A resource that is replaced and kept is not lost, but it is no longer the stack's."""
    if change.effect in (Effect.REPLACES, Effect.MAY_REPLACE) and all(
        _keeps(resource, "UpdateReplacePolicy") for resource in (old, new)
    ):
        return replace(change, because="the old one stays in the account, outside of the stack")
    return change


def _paths(old: Any, new: Any, here: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where two values differ; in a list, or in an expression, as a whole."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and call_of(old) == call_of(new) == (None, None):
        for key in dict.fromkeys([*old, *new]):
            if key not in old or key not in new:
                yield (*here, str(key))
            else:
                yield from _paths(old[key], new[key], (*here, str(key)))
    elif not same(old, new):
        yield here


def same(old: Any, new: Any) -> bool:
    """Whether two values are the same to CloudFormation."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(scalar(old) == scalar(new))
