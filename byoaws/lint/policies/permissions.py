"""Who is allowed what by a template's policies, gathered over every world: what may be granted counts as granted.

Rules that look for a *missing* permission ask here. A deny is not looked at, nor are resources and conditions.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from byoaws.iam.patterns import alike
from byoaws.lint.worlds.expand import OPAQUE, World
from byoaws.lint.worlds.expressions import NOTHING, is_single
from byoaws.lint.worlds.intrinsics import is_intrinsic, refuse_macros

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One entry of an Action element."""

    path: Path
    """Where in the template."""
    pattern: str
    """As IAM reads it; what only the deployed stack knows is a `*`."""


@dataclass(slots=True)
class Permissions:
    """What a policy, or all policies of a principal, allow."""

    allowed: dict[Allowed, None] = field(default_factory=dict)
    """In the order of the template, each once."""
    all_but: list[tuple[str, ...]] = field(default_factory=list)
    """The NotAction of each statement that has one."""
    is_unknown: bool = False
    """True if something that the template does not show may allow anything."""

    def add(self, other: "Permissions") -> None:
        """Allow what `other` allows, too."""
        self.allowed |= other.allowed
        self.all_but += other.all_but
        self.is_unknown |= other.is_unknown

    def grants(self, action: str) -> bool:
        """Say whether the action is allowed, or may be."""
        return (
            self.is_unknown
            or any(_covers(one.pattern, action) for one in self.allowed)
            or any(not any(_covers(pattern, action) for pattern in patterns) for patterns in self.all_but)
        )


def read_policy(world: World, written: Any, path: Sequence[str | int]) -> Permissions:
    """Return what a policy document at `path` allows in one world.

    Raises:
        Undecidable: it holds a macro.
    """
    document, where = world.follow(written, path)
    if isinstance(document, Mapping) and not _is_intrinsic(document):
        return _document(world, document, where)
    if document is NOTHING or document is None:
        return Permissions()
    value = world.value(document)
    found = Permissions(is_unknown=True)
    if isinstance(value, str):
        found = _from_text(world, value)
    elif isinstance(value, Mapping):
        found = _document(world, value, where)
    # One text has one place for all that it allows.
    found.allowed = {Allowed(path=tuple(where), pattern=one.pattern): None for one in found.allowed}
    return found


def _from_text(world: World, text: str) -> Permissions:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Permissions(is_unknown=True)
    return _document(world, document, ()) if isinstance(document, Mapping) else Permissions(is_unknown=True)


def _document(world: World, document: Mapping[str, Any], path: Sequence[str | int]) -> Permissions:
    refuse_macros(document)
    found = Permissions()
    for statement, where in _each(world, document.get("Statement"), (*path, "Statement")):
        if isinstance(statement, Mapping):
            found.add(_statement(world, statement, where))
        else:
            found.is_unknown = True
    return found


def _statement(world: World, statement: Mapping[str, Any], path: Path) -> Permissions:
    refuse_macros(statement)
    found = Permissions(is_unknown=_is_intrinsic(statement))
    if world.value(statement.get("Effect")) == "Deny":
        return found
    for action, where in _each(world, statement.get("Action"), (*path, "Action")):
        for pattern in _texts(world.value(action)):
            found.allowed[Allowed(path=where, pattern=OPAQUE.sub("*", pattern))] = None
    if "NotAction" in statement:
        excluded = [world.value(action) for action, _ in _each(world, statement["NotAction"], ())]
        # An unknown one is taken to exclude nothing.
        found.all_but.append(tuple(text for one in excluded for text in _texts(one)))
    return found


def _each(world: World, written: Any, path: Sequence[str | int]) -> Iterator[tuple[Any, Path]]:
    """Yield the items of a list, or the one that stands there without a list, each with its place."""
    found, where = world.follow(written, path)
    if found is NOTHING or found is None:
        return
    if not isinstance(found, list):
        yield found, tuple(where)
        return
    for index, item in enumerate(found):
        followed, place = world.follow(item, (*where, index))
        if followed is not NOTHING:
            yield followed, tuple(place)


def _texts(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _is_intrinsic(found: Mapping[str, Any]) -> bool:
    return is_single(found) and is_intrinsic(next(iter(found)))


def _covers(pattern: str, action: str) -> bool:
    return alike(pattern.lower(), action.lower())
