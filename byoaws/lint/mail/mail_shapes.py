"""Hold Mail Manager's resources in a template against what AWS takes, in every world that matters.

A resource is judged in parts (each condition, each action, and what is around them), so that the worlds of one
do not multiply those of the other. `Fn::If` and `AWS::NoValue` are looked through, what can be evaluated is judged as
what it comes to, and what only a deployed stack knows may be right. Nothing here knows cfn-lint.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.lint.worlds.expand import OPAQUE, World
from byoaws.lint.worlds.expressions import NOTHING, Undecidable, is_no_echo, is_single
from byoaws.lint.worlds.intrinsics import is_intrinsic
from byoaws.lint.worlds.likely import worlds
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.walk import Mistake, Path, named
from byoaws.mail_manager.check import ABSENT, UNKNOWN, View, check
from byoaws.mail_manager.check import Mistake as Fault
from byoaws.mail_manager.cloudformation import RESOURCES
from byoaws.mail_manager.shapes import Fields, Items, OneOf, Shape

FRAME = "frame"
"""What is around the parts."""
CONDITION_OF_POLICY, CONDITION_OF_RULE, ACTION = "PolicyCondition", "RuleCondition", "RuleAction"
"""Parts, by AWS's names for them."""
UNIONS = ("RelayAuthentication", "ArchiveRetention", "IngressPointConfiguration", "NetworkConfiguration")
"""The other parts: properties of which stock cfn-lint says the more the less it knows."""
_PARTS = frozenset({CONDITION_OF_POLICY, CONDITION_OF_RULE, ACTION, *UNIONS})

_MACROS = ("Fn::Transform", "Fn::ForEach")


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    shape: Shape
    path: Path


def shape_mistakes(template: Mapping[str, Any], type_: str, *kinds: str) -> list[Mistake]:
    """Return what AWS would refuse in the resources of one type; each mistake once.

    Args:
        template: A CloudFormation template.
        type_: One of Mail Manager's types.
        kinds: Which parts are judged: FRAME, or names of others.
    """
    found: list[Mistake] = []
    for name in named(template, type_):
        shape, path = RESOURCES[type_], ("Resources", name, "Properties")
        resource = template["Resources"][name]
        inner = list(_parts(resource.get("Properties"), shape, path))
        for part in (_Part(FRAME, shape, path), *inner):
            if part.kind in kinds:
                others = frozenset(one.path for one in inner) if part.kind == FRAME else frozenset()
                found += _in_worlds(template, part, others)
    return found


def _parts(written: Any, shape: Shape, path: Path) -> Iterator[_Part]:
    """Yield the parts of a resource as they are written, in all branches."""
    if is_single(written) and "Fn::If" in written:
        branches = written["Fn::If"]
        for index in (1, 2):
            if isinstance(branches, list) and len(branches) == 3:
                yield from _parts(branches[index], shape, (*path, "Fn::If", index))
    elif isinstance(shape, Fields | OneOf) and shape.name in _PARTS:
        yield _Part(shape.name, shape, path)
    elif isinstance(shape, Fields) and isinstance(written, Mapping):
        for key in written:
            if key in shape.fields:
                yield from _parts(written[key], shape.fields[key], (*path, key))
    elif isinstance(shape, Items) and isinstance(written, list):
        for index, item in enumerate(written):
            yield from _parts(item, shape.of, (*path, index))


def _in_worlds(template: Mapping[str, Any], part: _Part, others: frozenset[Path]) -> list[Mistake]:
    found: dict[tuple[Path, str], Mistake] = {}
    for world, faults in worlds(template, lambda world: _judge(world, part, others)):
        for fault in faults:
            path, is_open = _place(template, fault.path)
            # What differs from world to world is told of once; an object may lack one thing in one, another in another.
            found.setdefault((path, fault.message if is_open else ""), _told(fault, path, part, world))
    return list(found.values())


def _told(fault: Fault, path: Path, part: _Part, world: World) -> Mistake:
    where = f", where {' and '.join(world.assumptions)}" if world.assumptions else ""
    folds = path if part.kind == FRAME else part.path
    return Mistake(path=path, message=f"{fault.message}{where}", fix=fault.fix, folds=folds)


def _judge(world: World, part: _Part, others: frozenset[Path]) -> list[Fault]:
    seen = _reach(world, part.path)
    return [] if seen is NOTHING else check(seen, part.shape, path=part.path, view=_view(world, others))


def _reach(world: World, path: Path) -> Any:
    """Return what stands at `path`; NOTHING where this world has nothing there."""
    resource = world.section("Resources")[str(path[1])]
    if "Condition" in resource and not world.condition(resource["Condition"]):
        return NOTHING
    written = resource.get("Properties")
    expression, where = world.follow({} if written is None else written, path[:3])
    while tuple(where) != path:
        if tuple(where) != path[: len(where)]:
            return NOTHING
        step = path[len(where)]
        expression, where = world.follow(expression[step], (*where, step))
    return expression


def _place(template: Mapping[str, Any], path: Path) -> tuple[Path, bool]:
    """Return as much of a path as is in the template, and whether an object or a list that can be read is there."""
    found: Any = template
    for index, step in enumerate(path):
        is_there = step in found if isinstance(found, Mapping) else isinstance(found, list) and isinstance(step, int)
        if not is_there:
            return path[:index], _is_open(found)
        found = found[step]
    return path, _is_open(found)


def _is_open(found: Any) -> bool:
    return isinstance(found, list) or (isinstance(found, Mapping) and not _is_intrinsic(found))


def _view(world: World, others: frozenset[Path]) -> View:
    def view(value: Any, path: Path) -> tuple[Any, Path]:
        if not isinstance(value, Mapping):
            return _scalar(value), path
        try:
            written, followed = world.follow(value, path)
            where = tuple(followed)
            if written is NOTHING:
                return ABSENT, where
            return (UNKNOWN if where in others else _seen(world, written)), where
        except Undecidable:
            return UNKNOWN, path

    return view


def _seen(world: World, written: Any) -> Any:
    if not isinstance(written, Mapping):
        return _scalar(written)
    if any(str(key).startswith(_MACROS) for key in written):
        return UNKNOWN
    if not _is_intrinsic(written):
        return written
    # What is NoEcho is not for messages.
    if any(is_no_echo(world.section("Parameters").get(name)) for name in mentions(written)):
        return UNKNOWN
    value = world.value(written)
    # A parameter that is empty by default waits for a value.
    return ABSENT if value is NOTHING else UNKNOWN if value == "" else _scalar(value)


def _scalar(value: Any) -> Any:
    return UNKNOWN if isinstance(value, str) and (OPAQUE.search(value) or "{{resolve:" in value) else value


def _is_intrinsic(found: Mapping[str, Any]) -> bool:
    return is_single(found) and is_intrinsic(next(iter(found)))
