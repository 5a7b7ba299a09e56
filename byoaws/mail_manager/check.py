"""Hold a value against a shape: one mistake for each fault, at its place, with the mend."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.mail_manager.hints import hint
from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Shape, Text

Path = tuple[str | int, ...]

UNKNOWN = object()
"""A value that only AWS knows, and that may thus be right."""
ABSENT = object()
"""A value that turns out not to be there."""

View = Callable[[Any, Path], tuple[Any, Path]]
"""Looks at a value before it is judged: what it comes to (or UNKNOWN, or ABSENT), and where that stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One fault."""

    path: Path
    """Where it is."""
    message: str
    """What is wrong, in lower case."""
    fix: str
    """What to do about it."""


def check(
    value: Any, shape: Shape, *, path: Path = (), view: View = lambda value, path: (value, path)
) -> list[Mistake]:
    """Return what is wrong with `value`; nothing where only AWS can tell.

    Args:
        value: Mappings, lists and scalars, as YAML or JSON gives them.
        shape: What it should be.
        path: Where it stands.
        view: Looks through what stands for a value, such as CloudFormation's functions.
    """
    return list(_check(value, shape, path, view))


def _check(value: Any, shape: Shape, path: Path, view: View) -> Iterator[Mistake]:
    seen, where = view(value, path)
    if seen is UNKNOWN or seen is ABSENT:
        return
    if isinstance(shape, Text):
        yield from _text(seen, shape, where)
    elif isinstance(shape, Number):
        yield from _number(seen, shape, where)
    elif isinstance(shape, Items):
        yield from _items(seen, shape, where, view)
    elif not isinstance(seen, Mapping):
        yield _wrong_kind(where, "an object", seen)
    elif isinstance(shape, Fields):
        yield from _fields(seen, shape, where, view)
    else:
        yield from _one_of(seen, shape, where, view)


def _text(value: Any, shape: Text, path: Path) -> Iterator[Mistake]:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        yield _wrong_kind(path, "a text", value)
        return
    text = str(value)
    if shape.values:
        if text not in shape.values:
            yield _not_one_of(path, text, shape.values)
    elif not shape.shortest <= len(text) <= (len(text) if shape.longest is None else shape.longest):
        yield _mistake(path, f"{_name(path)} has {len(text)} characters", f"AWS takes {_span(shape)} characters")
    elif shape.pattern and not re.fullmatch(shape.pattern, text):
        fix = hint(path, text) or f"AWS takes what matches {shape.pattern}"
        yield _mistake(path, f"{_name(path)} {text!r} is not what AWS takes", fix)


def _number(value: Any, shape: Number, path: Path) -> Iterator[Mistake]:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or (shape.whole and number != int(number)):
        yield _wrong_kind(path, "a whole number" if shape.whole else "a number", value)
    elif (shape.least is not None and number < shape.least) or (shape.most is not None and number > shape.most):
        ends = f"from {shape.least}" + ("" if shape.most is None else f" to {shape.most}")
        yield _mistake(path, f"{_name(path)} is {value}", f"AWS takes {ends}")


def _items(value: Any, shape: Items, path: Path, view: View) -> Iterator[Mistake]:
    if not isinstance(value, list):
        yield _wrong_kind(path, "a list", value)
        return
    seen = [view(item, (*path, index))[0] for index, item in enumerate(value)]
    there = sum(item is not ABSENT for item in seen)
    # An item that only AWS knows may be a list that is spliced in, or nothing.
    if there < shape.fewest and UNKNOWN not in seen:
        yield _mistake(path, f"{_name(path)} is empty", f"AWS takes at least {shape.fewest}")
    if shape.most is not None and there > shape.most:
        yield _mistake(path, f"{_name(path)} has {there} entries", f"AWS takes at most {shape.most}")
    for index, item in enumerate(value):
        yield from _check(item, shape.of, (*path, index), view)


def _fields(value: Mapping[Any, Any], shape: Fields, path: Path, view: View) -> Iterator[Mistake]:
    there = _there(value, path, view)
    unknown = [key for key in there if key not in shape.fields]
    missing = sorted(shape.required - there.keys())
    for key in unknown:
        yield _unknown_key(key, shape.name, shape.fields, (*path, key))
        # One fault, told once: the misspelt key is the missing one.
        meant = _meant(key, missing)
        missing = [name for name in missing if name != meant]
    for key in missing:
        yield _mistake(path, f"{_object(shape.name)} has no '{key}'", hint(path, key) or f"add '{key}'")
    for key in there:
        if key in shape.fields:
            yield from _check(value[key], shape.fields[key], (*path, key), view)


def _one_of(value: Mapping[Any, Any], shape: OneOf, path: Path, view: View) -> Iterator[Mistake]:
    there = _there(value, path, view)
    names = ", ".join(shape.choices)
    if not there:
        yield _mistake(path, f"{_object(shape.name)} is empty", f"give it one of {names}")
    known = [key for key in there if key in shape.choices]
    for key in there:
        if key not in shape.choices:
            yield _unknown_key(key, shape.name, shape.choices, (*path, key))
    if len(known) > 1:
        both = " and ".join(f"'{key}'" for key in known)
        fix = "AWS takes exactly one: make an entry of its own of each"
        yield _mistake((*path, known[1]), f"{_object(shape.name)} holds {both}", fix)
    for key in known:
        yield from _check(value[key], shape.choices[key], (*path, key), view)


def _there(value: Mapping[Any, Any], path: Path, view: View) -> dict[Any, None]:
    return {key: None for key in value if view(value[key], (*path, key))[0] is not ABSENT}


def _unknown_key(key: Any, name: str, known: Mapping[str, Shape], path: Path) -> Mistake:
    meant = _meant(key, list(known))
    fix = hint((*path[:-1], name), str(key)) or (f"write '{meant}'" if meant else f"it takes {', '.join(known)}")
    return _mistake(path, f"{_object(name)} has no '{key}'", fix)


def _not_one_of(path: Path, text: str, values: tuple[str, ...]) -> Mistake:
    meant = _meant(text, list(values))
    choice = f"write '{meant}'" if meant else f"write {' or '.join(values[:1] if len(values) == 1 else values)}"
    return _mistake(path, f"{_name(path)} '{text}' is not what AWS takes", hint(path, text) or choice)


def _meant(word: Any, known: list[str]) -> str | None:
    folded = {name.lower().replace("-", "_"): name for name in known}
    near = difflib.get_close_matches(str(word).lower().replace("-", "_"), folded, n=1, cutoff=0.75)
    return folded[near[0]] if near else None


def _wrong_kind(path: Path, wanted: str, value: Any) -> Mistake:
    kinds = (
        (Mapping, "an object"),
        (list, "a list"),
        (bool, "true or false"),
        (str, "a text"),
        (int | float, "a number"),
    )
    found = next((name for kind, name in kinds if isinstance(value, kind)), "empty")
    return _mistake(path, f"{_name(path)} is {found}", f"write {wanted}")


def _mistake(path: Path, message: str, fix: str) -> Mistake:
    return Mistake(path=path, message=message, fix=fix)


def _name(path: Path) -> str:
    words = [step for step in path if isinstance(step, str)]
    return f"'{words[-1]}'" if words else "it"


def _object(name: str) -> str:
    spelt = " ".join(re.findall(r"[A-Z][a-z0-9]*", name)).lower()
    article = "an" if spelt[0] in "aeio" else "a"
    return f"{article} {spelt}"


def _span(shape: Text) -> str:
    if shape.longest is None:
        return f"at least {shape.shortest}"
    return f"{shape.shortest}" if shape.shortest == shape.longest else f"{shape.shortest} to {shape.longest}"
