"""Whether what AWS has is what the template says: values, and policies in whatever order they are written."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lifecycle.expressions import is_plain, scalar

_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_LONGEST = 160


class NotKnown(Exception):
    """The template's own value cannot be worked out from what is known.

    `value` is that value, as far as it was worked out.
    """

    def __init__(self, what: str, value: Any = None) -> None:
        super().__init__(what)
        self.value = value


def differences(
    wanted: Mapping[str, Any], found: Mapping[str, Any], *, ignoring: frozenset[str] = frozenset()
) -> list[str]:
    """Say in what AWS has another value than wanted, name by name.

    Raises:
        NotKnown: a wanted value is an expression.
    """
    told = []
    for name, value in wanted.items():
        if name in ignoring:
            continue
        if not is_plain(value):
            raise NotKnown(name, value)
        if _loose(value) != _loose(found.get(name)):
            told.append(f"{name} is {shown(found.get(name))}, not {shown(value)}")
    return told


def shown(value: Any) -> str:
    """A value for people, on one line."""
    if value is None:
        return "not set"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    clipped = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in clipped)


def _loose(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _loose(item) for key, item in value.items()}
    return [_loose(item) for item in value] if isinstance(value, list) else scalar(value)


def policy_differences(wanted: Any, found: Any) -> list[str]:
    """Say which statements of a policy are missing, and which are more than the template has.

    Args:
        wanted: The template's, expressions worked out.
        found: AWS's, as a document or as its text.

    Raises:
        NotKnown: an expression is left in the template's.
    """
    if not is_plain(wanted):
        raise NotKnown("PolicyDocument", wanted)
    ours, theirs = _statements(wanted), _statements(_parsed(found))
    lacking, more = _without(ours, theirs), _without(theirs, ours)
    told = []
    for statement in lacking:
        twin = next((one for one in more if one.get("Sid") == statement.get("Sid") is not None), None)
        if twin is None:
            told.append(f"{_called(statement)} is missing")
        else:
            more.remove(twin)
            told += [f"{_called(statement)}: {text}" for text in _elements(statement, twin)]
    return told + [f"there is also {_called(statement)}: {shown(statement)}" for statement in more]


def _without(some: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Statements that are not among the others, whatever they are called."""
    known = [_meaning(one) for one in others]
    return [one for one in some if _meaning(one) not in known]


def _meaning(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != "Sid"}


def _called(statement: Mapping[str, Any]) -> str:
    if "Sid" in statement:
        return f"statement '{shown(statement['Sid'])}'"
    return f"a statement ({shown(statement.get('Effect'))} {shown(statement.get('Action'))})"


def _elements(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Say in which of its elements a statement differs."""
    for key in sorted(wanted.keys() | found.keys()):
        ours, theirs = wanted.get(key), found.get(key)
        if ours == theirs:
            continue
        if isinstance(ours, list) and isinstance(theirs, list):
            yield from (f"{key} has also {shown(item)}" for item in theirs if item not in ours)
            yield from (f"{key} lacks {shown(item)}" for item in ours if item not in theirs)
        else:
            yield f"{key} is {shown(theirs)}, not {shown(ours)}"


def _parsed(found: Any) -> Any:
    if not isinstance(found, str):
        return found
    try:
        return json.loads(found)
    except (ValueError, RecursionError):
        return {"Statement": [{"Unreadable": found}]}


def _statements(document: Any) -> list[dict[str, Any]]:
    """Each statement in one way of writing it, which two of the same meaning share."""
    held = document.get("Statement") if isinstance(document, Mapping) else None
    listed = held if isinstance(held, list) else [held] if held is not None else []
    return [
        {key: _element(key, value) for key, value in item.items()}
        if isinstance(item, Mapping)
        else {"Unreadable": item}
        for item in listed
    ]


def _element(key: str, value: Any) -> Any:
    if key in _LISTS:
        return _several(value)
    if key in ("Principal", "NotPrincipal") and isinstance(value, Mapping):
        return {kind: _several(names) for kind, names in value.items()}
    if key == "Condition" and isinstance(value, Mapping):
        return {
            operator: {name: _several(values) for name, values in keys.items()} if isinstance(keys, Mapping) else keys
            for operator, keys in value.items()
        }
    return value


def _several(value: Any) -> list[Any]:
    listed = value if isinstance(value, list) else [value]
    texts = {item if isinstance(item, str) else json.dumps(item, default=str) for item in map(scalar, listed)}
    return sorted(texts)


def missing(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Say which names are missing, and which are more."""
    for name in sorted(wanted.keys() - found.keys()):
        yield f"{shown(name)} is missing"
    for name in sorted(found.keys() - wanted.keys()):
        yield f"there is also {shown(name)}"
