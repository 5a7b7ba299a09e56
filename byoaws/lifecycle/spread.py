"""What follows from a resource that is replaced: whatever names it gets another value there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from byoaws.lifecycle.changes import Change, Effect, PropertyChange, ReplacingOf, effect_of, kind_of
from byoaws.lifecycle.expressions import call_of


def spread(
    changes: dict[str, Change], after: Mapping[str, Mapping[str, Any]], replacing: ReplacingOf
) -> dict[str, Change]:
    """Return the changes, and those that follow from them.

    What names a resource that is replaced gets another value there, and may be replaced by that in its turn.
    """
    waiting = [name for name, change in changes.items() if change.effect in (Effect.REPLACES, Effect.MAY_REPLACE)]
    while waiting:
        source = waiting.pop()
        for name, resource in after.items():
            found = _through(name, resource, source, replacing)
            known = changes.get(name)
            if found is None or name == source or (known is not None and known.effect >= found.effect):
                continue
            properties = (*(known.properties if known else ()), *found.properties)
            changes[name] = replace(known or found, effect=found.effect, properties=properties, because=found.because)
            if found.effect in (Effect.REPLACES, Effect.MAY_REPLACE):
                waiting.append(name)
    return changes


def _through(name: str, resource: Mapping[str, Any], source: str, replacing: ReplacingOf) -> Change | None:
    kind = kind_of(resource)
    properties = tuple(
        PropertyChange(path=key, effect=min(effect_of((key,), kind, replacing(kind)), Effect.MAY_REPLACE))
        for key, value in resource["Properties"].items()
        if _names(value, source)
    )
    if not properties:
        return None
    return Change(
        name=name,
        kind=kind,
        effect=max(item.effect for item in properties),
        properties=properties,
        because=f"it names {source}, which is made anew",
    )


def _names(value: Any, source: str) -> bool:
    """True if an expression in the value names that resource."""
    function, given = call_of(value)
    if function == "Ref":
        return bool(given == source)
    if function == "Fn::GetAtt":
        return bool((given[:1] if isinstance(given, list) else str(given).split(".")[:1]) == [source])
    if function == "Fn::Sub":
        text = given[0] if isinstance(given, list) and given else given
        if isinstance(text, str) and (f"${{{source}}}" in text or f"${{{source}." in text):
            return True
    if isinstance(value, Mapping):
        return any(_names(item, source) for item in value.values())
    return isinstance(value, list) and any(_names(item, source) for item in value)
