"""What a template's expressions come to in one stack, as far as its values are known.

What is not known stays the expression that it was: nobody is told that something differs because we could not tell.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_NO_VALUE = {"Ref": "AWS::NoValue"}
_LONGEST = 1_000_000
"""Characters of a text: what CloudFormation takes for a whole template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one stack."""

    conditions: Mapping[str, Any] = field(default_factory=dict)
    """The template's."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Of parameters and pseudo parameters, and what `Ref` of a resource gives."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What `Fn::GetAtt` gives, by `Resource.Attribute`."""

    def holds(self, name: str, within: tuple[str, ...] = ()) -> bool | None:
        """Whether a condition holds; None where that is not known."""
        if name in within or name not in self.conditions:
            return None
        return self._true(self.conditions[name], (*within, name))

    def _true(self, test: Any, within: tuple[str, ...]) -> bool | None:
        function, given = call_of(test)
        if function == "Condition" and isinstance(given, str):
            return self.holds(given, within)
        if not isinstance(given, list) or not given:
            return None
        if function == "Fn::Equals" and len(given) == 2:
            left, right = self.evaluate(given[0]), self.evaluate(given[1])
            return scalar(left) == scalar(right) if is_plain(left) and is_plain(right) else None
        found = [self._true(part, within) for part in given]
        if function == "Fn::Not":
            return None if found[0] is None else not found[0]
        if function in ("Fn::And", "Fn::Or"):
            ends = function == "Fn::Or"
            return ends if ends in found else None if None in found else not ends
        return None

    def evaluate(self, value: Any) -> Any:
        """Return what a value comes to; expressions that are not known stay as they are."""
        function, given = call_of(value)
        if function in _FUNCTIONS:
            return _FUNCTIONS[function](self, given, value)
        if isinstance(value, Mapping):
            found = {key: self.evaluate(item) for key, item in value.items()}
            return {key: item for key, item in found.items() if item != _NO_VALUE}
        if isinstance(value, list):
            return [item for item in map(self.evaluate, value) if item != _NO_VALUE]
        return value

    def settle(self, value: Any) -> Any:
        """Return a value with each `Fn::If` whose condition is known replaced by its branch, and nothing else."""
        function, given = call_of(value)
        if function == "Fn::If":
            return _branch(self, given, value, self.settle)
        if isinstance(value, Mapping):
            found = {key: self.settle(item) for key, item in value.items()}
            return {key: item for key, item in found.items() if item != _NO_VALUE}
        if isinstance(value, list):
            return [item for item in map(self.settle, value) if item != _NO_VALUE]
        return value


def call_of(value: Any) -> tuple[str | None, Any]:
    """Return name and argument of an expression; (None, None) for any other value."""
    if isinstance(value, Mapping) and len(value) == 1:
        name, given = next(iter(value.items()))
        if isinstance(name, str) and (name in ("Ref", "Condition") or name.startswith("Fn::")):
            return name, given
    return None, None


def is_plain(value: Any) -> bool:
    """True for a value without any expression in it."""
    if isinstance(value, Mapping):
        return call_of(value)[0] is None and all(map(is_plain, value.values()))
    return all(map(is_plain, value)) if isinstance(value, list) else True


def lacking(known: Known, value: Any) -> str | None:
    """Return the first name that a value, worked out as far as possible, still waits for; None for a plain one.

    `Name`, `Name.Attribute` or `condition Name`.
    """
    function, given = call_of(value)
    if function in ("Ref", "Fn::GetAtt"):
        return ".".join(map(str, given)) if isinstance(given, list) else str(given)
    if function in ("Condition", "Fn::If"):
        return f"condition {given[0] if isinstance(given, list) and given else given}"
    if function == "Fn::Sub":
        return _lacking_in_text(known, given)
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next(filter(None, (lacking(known, item) for item in inner)), None)


def _lacking_in_text(known: Known, given: Any) -> str | None:
    text, own = given if isinstance(given, list) and len(given) == 2 else (given, {})
    if not isinstance(text, str) or not isinstance(own, Mapping):
        return None
    there = {**known.attributes, **known.values, **own}
    names = (name for name in _VARIABLE.findall(text) if name not in there)
    return next(names, None) or lacking(known, list(own.values()))


def scalar(value: Any) -> Any:
    """Return a value as CloudFormation compares it: `60` is `"60"`, and `true` is `"true"`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _branch(known: Known, given: Any, value: Any, go_on: Callable[[Any], Any]) -> Any:
    if not isinstance(given, list) or len(given) != 3 or not isinstance(given[0], str):
        return value
    holds = known.holds(given[0])
    if holds is None:
        return {"Fn::If": [given[0], go_on(given[1]), go_on(given[2])]}
    return go_on(given[1] if holds else given[2])


def _if(known: Known, given: Any, value: Any) -> Any:
    return _branch(known, given, value, known.evaluate)


def _ref(known: Known, given: Any, value: Any) -> Any:
    return known.values.get(given, value) if isinstance(given, str) else value


def _get_att(known: Known, given: Any, value: Any) -> Any:
    name = ".".join(map(str, given)) if isinstance(given, list) else given
    return known.attributes.get(name, value) if isinstance(name, str) else value


def _sub(known: Known, given: Any, value: Any) -> Any:
    text, own = (given[0], given[1]) if isinstance(given, list) and len(given) == 2 else (given, {})
    if not isinstance(text, str) or not isinstance(own, Mapping):
        return value
    mine = {name: known.evaluate(item) for name, item in own.items()}
    everything = {**known.attributes, **known.values, **mine}
    if any(not isinstance(everything.get(name), str | int) for name in _VARIABLE.findall(text)):
        return value
    found = _VARIABLE.sub(lambda match: str(scalar(everything[match[1]])), text).replace("${!", "${")
    return found if len(found) <= _LONGEST else value


def _join(known: Known, given: Any, value: Any) -> Any:
    found = known.evaluate(given)
    if not isinstance(found, list) or len(found) != 2 or not isinstance(found[0], str):
        return value
    parts = found[1]
    if not isinstance(parts, list) or not all(isinstance(part, str | int) for part in parts):
        return value
    text = found[0].join(str(scalar(part)) for part in parts)
    return text if len(text) <= _LONGEST else value


def _split(known: Known, given: Any, value: Any) -> Any:
    found = known.evaluate(given)
    if isinstance(found, list) and len(found) == 2 and all(isinstance(part, str) for part in found) and found[0]:
        return found[1].split(found[0])
    return value


def _select(known: Known, given: Any, value: Any) -> Any:
    found = known.evaluate(given)
    if not isinstance(found, list) or len(found) != 2 or not isinstance(found[1], list):
        return value
    number = str(found[0])
    if not number.isdecimal() or len(number) > 6 or int(number) >= len(found[1]):
        return value
    return found[1][int(number)]


_FUNCTIONS: dict[str | None, Callable[[Known, Any, Any], Any]] = {
    "Fn::If": _if,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Ref": _ref,
}
