"""Things that AWS leaves switched off unless told otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.worlds.expand import World, variants
from byoaws.lint.worlds.expressions import NOTHING, Undecidable, is_single
from byoaws.lint.worlds.intrinsics import is_intrinsic


def switched_off(template: Mapping[str, Any], resource: str, key: str) -> Iterator[tuple[list[str | int], bool]]:
    """Yield each place where `Enabled` under the property `key` can never be true.

    Yields:
        The path in the template, and True if `Enabled` is missing there (rather than false). Silent where it could
        be true, and where only AWS can tell.
    """
    states: dict[tuple[str | int, ...], list[Any]] = {}

    def look(world: World) -> None:
        where = ("Resources", resource, "Properties", key)
        body = template["Resources"][resource]
        if "Condition" in body and not world.condition(body["Condition"]):
            return
        holder, path = world.follow(body.get("Properties", {}).get(key), where)
        if isinstance(holder, Mapping) and not _is_intrinsic(holder):
            states.setdefault(tuple(path), []).append(world.value(holder.get("Enabled", {"Ref": "AWS::NoValue"})))

    try:
        for _ in variants(template, look):
            pass
    except Undecidable:
        return
    for path, seen in states.items():
        if all(_is_off(state) for state in seen):
            missing = all(state is NOTHING for state in seen)
            yield [*path] if missing else [*path, "Enabled"], missing


def _is_off(state: Any) -> bool:
    return state is NOTHING or state is None or (isinstance(state, str | bool) and str(state).lower() == "false")


def _is_intrinsic(holder: Mapping[str, Any]) -> bool:
    return is_single(holder) and is_intrinsic(next(iter(holder)))
