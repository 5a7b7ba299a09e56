"""Work that cfn-lint does anew for each file, or each property of one, with the same result: here it is done once.

A third of the time of a lint went into it.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from cfnlint.jsonschema import validators  # type: ignore[import-untyped]

_MOST = 1_000
"""Classes of validators to keep; a set of rules makes about a dozen."""

Create = Callable[..., type]


def make_validators_once() -> None:
    """Let cfn-lint, in this process, take a class of validators that it has made already.

    It makes one for each property that it looks at, of the functions for its keywords and of a few switches.
    """
    validators.create = _once(validators.create)


def _once(create: Create) -> Create:
    made: dict[Any, type] = {}

    @functools.wraps(create)
    def once(**parts: Any) -> type:
        try:
            key = tuple((name, _key(part)) for name, part in sorted(parts.items()))
            known = made.get(key)
        except TypeError:  # a part that has no hash
            return create(**parts)
        if known is None:
            if len(made) >= _MOST:
                made.clear()
            known = made[key] = create(**parts)
        return known

    return once


def _key(part: Any) -> Any:
    """Equal for equal parts: functions by keyword, of which a rule's method is that rule's own; or switches."""
    return frozenset(part.items()) if isinstance(part, Mapping) else repr(part)


class _Found(dict[str, Any]):
    """Children of a rule that have been looked up, so that there is none whose name is to be looked up."""

    def keys(self) -> Any:
        return ()


def look_up_children(rules: Mapping[str, Any]) -> None:
    """Find each rule's children among all rules, as cfn-lint does before each file by going through them one by one."""
    for rule in rules.values():
        rule.child_rules = _Found({code: rules.get(code, child) for code, child in rule.child_rules.items()})
