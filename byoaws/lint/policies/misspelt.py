"""Condition keys in a template that are close to one that AWS has."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.lint.policies.condition_keys import keys_in, meant
from byoaws.lint.policies.statements import Path
from byoaws.lint.policies.trust import trust_mistakes

_TRUST = "AssumeRolePolicyDocument"


@dataclass(frozen=True, slots=True, kw_only=True)
class MisspeltKey:
    """A key that AWS does not have."""

    path: Path
    """Of the key; of the whole policy where that is one JSON text."""
    key: str
    meant: str


def misspelt_keys(template: Mapping[str, Any]) -> Iterator[MisspeltKey]:
    """Find the misspelt keys of all policies, each where it stands.

    Of a trust policy that opens wrongly or never for another account E9101 speaks, and says which key was meant.
    """
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        properties = resource.get("Properties") if isinstance(resource, Mapping) else None
        found = list(_in_policies(properties, ("Resources", name, "Properties")))
        of_trust = [one for one in found if one.path[3] == _TRUST]
        if of_trust and trust_mistakes(template, name):
            found = [one for one in found if one not in of_trust]
        yield from found


def _in_policies(node: Any, path: Path) -> Iterator[MisspeltKey]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _in_policies(item, (*path, index))
    elif isinstance(node, Mapping):
        if "Effect" in node and "Condition" in node:
            yield from _in_block(node["Condition"], (*path, "Condition"))
        for key, item in node.items():
            yield from _in_policies(item, (*path, key))
    elif isinstance(node, str) and '"Effect"' in node and '"Condition"' in node:
        for one in {one.key: one for one in _in_policies(_parsed(node), ())}.values():
            yield MisspeltKey(path=path, key=one.key, meant=one.meant)


def _in_block(block: Any, path: Path) -> Iterator[MisspeltKey]:
    for key, where in keys_in(block, path):
        right = meant(key)
        if right is not None:
            yield MisspeltKey(path=where, key=key, meant=right)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
