"""Walk down a resource in every world that matters, keeping track of the place in the template.

Rules that look at properties ask a `Spot` for what stands below it; `Fn::If` and `AWS::NoValue` are seen through, and
what only a deployed stack knows is *unknown*: neither there nor absent. Nothing here knows cfn-lint.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.lint.worlds.expand import OPAQUE, World
from byoaws.lint.worlds.expressions import NOTHING, is_single
from byoaws.lint.worlds.intrinsics import is_intrinsic
from byoaws.lint.worlds.likely import worlds

Path = tuple[str | int, ...]

_UNKNOWN = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake in a template."""

    path: Path
    """Where in the template."""
    message: str
    fix: str = ""
    """What to do about it, where that differs from what the rule says."""
    severity: str | None = None
    """Where it differs from what the rule's id says."""
    folds: Path | None = None
    """The object of which this says all there is to say."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a template, in one world."""

    world: World
    written: Any
    """What stands there, after `Fn::If`."""
    path: Path

    @property
    def is_absent(self) -> bool:
        """True if nothing stands there."""
        return self.written is NOTHING or self.written is None

    @property
    def is_object(self) -> bool:
        """True for a mapping whose keys can be read; an intrinsic is none."""
        return isinstance(self.written, Mapping) and not any(is_intrinsic(key) for key in self.written)

    def at(self, *keys: str) -> "Spot":
        """Return the spot below: unknown where this one cannot be read, absent where nothing stands there."""
        spot = self
        for key in keys:
            if spot.is_object:
                child, path = spot.world.follow(spot.written.get(key, NOTHING), (*spot.path, key))
                spot = Spot(spot.world, child, tuple(path))
            else:
                spot = Spot(spot.world, NOTHING if spot.is_absent else _UNKNOWN, (*spot.path, key))
        return spot

    def entries(self) -> "dict[str, Spot]":
        """Return what stands under each key of an object; none where it cannot be read."""
        found = {str(key): self.at(key) for key in self.written} if self.is_object else {}
        return {key: spot for key, spot in found.items() if not spot.is_absent}

    def items(self) -> "list[Spot]":
        """Return the items of a list, or the one that stands there without a list, which may be unknown."""
        if self.is_absent or self.written is _UNKNOWN:
            return []
        if isinstance(self.written, list):
            followed = (self.world.follow(item, (*self.path, index)) for index, item in enumerate(self.written))
            return [Spot(self.world, item, tuple(path)) for item, path in followed if item is not NOTHING]
        if isinstance(self.written, Mapping) and not self.is_object:
            value = self.world.value(self.written)
            if isinstance(value, list):
                return [Spot(self.world, item, self.path) for item in value]
        return [self]

    def value(self) -> Any:
        """Return what stands there, evaluated; what is unknown is an opaque text.

        Raises:
            Undecidable: a macro, or an intrinsic that is not written as CloudFormation wants it.
        """
        return self.world.opaque(list(self.path)) if self.written is _UNKNOWN else self.world.value(self.written)

    def text(self) -> str | None:
        """Return the text that surely stands there; None for anything else."""
        value = self.value()
        return value if isinstance(value, str) and not OPAQUE.search(value) else None

    def whole(self) -> str | None:
        """Return the text that stands there, with stand-ins for what only a deployed stack knows."""
        value = self.value()
        return value if isinstance(value, str) else None


def named(template: Mapping[str, Any], *kinds: str) -> list[str]:
    """Return the names of a template's resources of these types."""
    resources = template.get("Resources")
    if not isinstance(resources, Mapping):
        return []
    return [name for name, one in resources.items() if isinstance(one, Mapping) and one.get("Type") in kinds]


def properties(world: World, name: str) -> Spot | None:
    """Return the properties of a resource; None where it is not made in this world."""
    resource = world.section("Resources").get(name)
    if not isinstance(resource, Mapping) or ("Condition" in resource and not world.condition(resource["Condition"])):
        return None
    return Spot(world, resource, ("Resources", name)).at("Properties")


def made(world: World, kind: str) -> list[str]:
    """Return the names of the resources of a type that are made in this world."""
    return [name for name in named({"Resources": world.section("Resources")}, kind) if properties(world, name)]


def mistakes_in(
    template: Mapping[str, Any], kinds: Iterable[str], look: Callable[[str, Spot], Iterator[Mistake]]
) -> list[Mistake]:
    """Return what `look` finds in each resource of these types, in whatever world; each mistake once.

    Args:
        template: A CloudFormation template.
        kinds: Types of resource.
        look: Is given a resource's name and its properties.
    """
    found: dict[tuple[Path, str], Mistake] = {}

    def visit(world: World, name: str) -> None:
        spot = properties(world, name)
        if spot is not None:
            for mistake in look(name, spot):
                found.setdefault((mistake.path, mistake.message), mistake)

    for name in named(template, *kinds):
        for _ in worlds(template, lambda world, name=name: visit(world, name)):  # type: ignore[misc]
            pass
    return list(found.values())


def has_macros(template: Mapping[str, Any]) -> bool:
    """True if a macro may add resources and properties that the template does not show."""
    named_macros = template.get("Transform", [])
    macros = named_macros if isinstance(named_macros, list) else [named_macros]
    shown = ("AWS::Serverless", "AWS::LanguageExtensions", "AWS::SecretsManager", "AWS::CodeDeployBlueGreen")
    return any(not str(macro).startswith(shown) for macro in macros) or _has_inner_macro(template.get("Resources"))


def _has_inner_macro(resources: Any) -> bool:
    keys = [str(key) for key in resources] if isinstance(resources, Mapping) else []
    return any(key.startswith(("Fn::Transform", "Fn::ForEach")) for key in keys)


def is_reference(expression: Any) -> bool:
    """True for `Ref`, `Fn::GetAtt`, `Fn::Sub` and the like."""
    return is_single(expression) and is_intrinsic(next(iter(expression)))
