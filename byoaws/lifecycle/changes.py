"""What becomes of resources in an update, and what CloudFormation's schemas say of a property that changes."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacing:
    """Of a resource type: which properties cannot change without a new resource, as paths."""

    always: tuple[tuple[str, ...], ...]
    sometimes: tuple[tuple[str, ...], ...] = ()


ReplacingOf = Callable[[str], Replacing | None]
"""Looks a resource type up; None for one that is not known."""


class Effect(enum.IntEnum):
    """What becomes of a resource, from harmless to worst."""

    IN_PLACE = 0
    ADDS = 1
    LEAVES = 2
    """It goes on to exist outside of the stack."""
    MAY_REPLACE = 3
    REPLACES = 4
    DELETES = 5

    @property
    def word(self) -> str:
        """As JSON and people have it."""
        return self.name.lower().replace("_", "-")


LOSES = (Effect.MAY_REPLACE, Effect.REPLACES, Effect.DELETES)
"""Effects that need somebody to ask for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyChange:
    """One property that changes."""

    path: str
    """With dots; empty for the resource as a whole."""
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of one resource."""

    name: str
    kind: str
    effect: Effect
    properties: tuple[PropertyChange, ...] = ()
    because: str = ""
    """Where the properties alone do not say why."""
    trust: bool = False
    """Who may assume a role changes."""
    permissions: bool = False
    """What somebody may do changes."""


def is_custom(kind: str) -> bool:
    """True for a resource that a function makes."""
    return kind == "AWS::CloudFormation::CustomResource" or kind.startswith("Custom::")


def effect_of(path: tuple[str, ...], kind: str, rules: Replacing | None) -> Effect:
    """Return what a change at a path does to a resource of that type; the worst where it is not known."""
    if is_custom(kind):
        # Its own function decides; only another function is another resource. Source: CloudFormation user guide,
        # "Custom resources": the ServiceToken cannot change.
        return Effect.MAY_REPLACE if path[:1] == ("ServiceToken",) else Effect.IN_PLACE
    if rules is None:
        return Effect.MAY_REPLACE
    if any(_touches(path, rule) for rule in rules.always):
        return Effect.REPLACES
    return Effect.MAY_REPLACE if any(_touches(path, rule) for rule in rules.sometimes) else Effect.IN_PLACE


def _touches(path: tuple[str, ...], rule: tuple[str, ...]) -> bool:
    """True if one lies within the other."""
    return all(part in ("*", step) for step, part in zip(path, rule, strict=False))


def kind_of(resource: Mapping[str, Any]) -> str:
    """The type of a resource."""
    return str(resource.get("Type", "?"))
