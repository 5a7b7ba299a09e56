"""Hold a value against a shape: one mistake for each fault, at its place, with the mend."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from byoaws.mail_manager import wording
from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Shape, Text

Path = tuple[str | int, ...]

UNKNOWN = object()
"""A value that only AWS knows, and that may thus be right."""
ABSENT = object()
"""A value that turns out not to be there."""

# AWS's pattern for IP ranges takes time without end in a text with a line break; this one takes the same texts.
_LINEAR = {"(([0-9]|.|:|/)*)": ".*"}

View = Callable[[Any, Path], tuple[Any, Path]]
"""Looks at a value before it is judged: what it comes to (or UNKNOWN, or ABSENT), and where that stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One fault."""

    path: Path
    """Where it is."""
    message: str
    """What is wrong, in lower case. Never holds a secret."""
    fix: str
    """What to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a value stands, and what a sentence calls it."""

    path: Path
    label: str
    is_item: bool = False
    """True in a list that has no name for its items."""

    def mistake(self, said: wording.Said) -> Mistake:
        return Mistake(path=self.path, message=said.message, fix=said.fix)


def check(
    value: Any, shape: Shape, *, path: Path = (), view: View = lambda value, path: (value, path)
) -> list[Mistake]:
    """Return what is wrong with `value`; nothing where only AWS can tell.

    Args:
        value: Mappings, lists and scalars, as YAML or JSON gives them; anything else is a mistake, too.
        shape: What it should be.
        path: Where it stands.
        view: Looks through what stands for a value, such as CloudFormation's functions.
    """
    seen, where = view(value, path)
    return list(_judge(seen, shape, _Place(path=where, label=wording.noun(shape)), view))


def _judge(seen: Any, shape: Shape, place: _Place, view: View) -> Iterator[Mistake]:
    if seen is UNKNOWN or seen is ABSENT:
        return
    if isinstance(shape, Text):
        yield from _text(seen, shape, place)
    elif isinstance(shape, Number):
        yield from _number(seen, shape, place)
    elif isinstance(shape, Items):
        yield from _items(seen, shape, place, view)
    elif not isinstance(seen, Mapping):
        yield place.mistake(wording.wrong_kind(place.label, shape, seen))
    elif isinstance(shape, Fields):
        yield from _fields(seen, shape, place, view)
    else:
        yield from _one_of(seen, shape, place, view)


def _text(value: Any, shape: Text, place: _Place) -> Iterator[Mistake]:
    if not isinstance(value, str | int | float):
        yield place.mistake(wording.wrong_kind(place.label, shape, value))
        return
    # CloudFormation and YAML write truth values in lower case.
    text = str(value).lower() if isinstance(value, bool) else wording.plain(value)
    fits = not shape.pattern or re.fullmatch(_LINEAR.get(shape.pattern, shape.pattern), text, re.ASCII)
    if shape.values:
        if text not in shape.values:
            yield place.mistake(wording.not_one_of(place.label, text, shape, place.path, is_item=place.is_item))
    elif not fits and text:
        yield place.mistake(wording.wrong_form(place.label, text, shape, place.path, is_item=place.is_item))
    elif not fits or len(text) < shape.shortest or (shape.longest is not None and len(text) > shape.longest):
        yield place.mistake(wording.wrong_length(place.label, text, shape))


def _number(value: Any, shape: Number, place: _Place) -> Iterator[Mistake]:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or (shape.whole and number != int(number)):
        yield place.mistake(wording.wrong_kind(place.label, shape, value))
    elif (shape.least is not None and number < shape.least) or (shape.most is not None and number > shape.most):
        yield place.mistake(wording.out_of_range(place.label, value, shape))


def _items(value: Any, shape: Items, place: _Place, view: View) -> Iterator[Mistake]:
    if not isinstance(value, list):
        yield place.mistake(wording.wrong_kind(place.label, shape, value))
        return
    seen = [view(item, (*place.path, index)) for index, item in enumerate(value)]
    there = [item for item, _ in seen if item is not ABSENT]
    # An item that only AWS knows may be a list that is spliced in, or nothing.
    is_sure = not any(item is UNKNOWN for item in there)
    if len(there) < shape.fewest and is_sure:
        yield place.mistake(wording.too_few(place.label, len(there), shape))
    if shape.most is not None and len(there) > shape.most:
        yield place.mistake(wording.too_many(place.label, len(there), shape))
    label = place.label if isinstance(shape.of, Text | Number) else wording.noun(shape.of)
    earlier: list[Any] = []
    for item, where in seen:
        at = _Place(path=where, label=label, is_item=True)
        if shape.distinct and isinstance(item, str) and item in earlier:
            yield at.mistake(wording.twice(place.label, item))
        earlier.append(item)
        yield from _judge(item, shape.of, at, view)


def _fields(value: Mapping[Any, Any], shape: Fields, place: _Place, view: View) -> Iterator[Mistake]:
    there = _there(value, place, view)
    missing = sorted(shape.required - there.keys())
    for key, (_, at) in there.items():
        if key not in shape.fields:
            # One fault, told once: the misspelt key is the missing one.
            meant = wording.meant(key, missing)
            missing = [name for name in missing if name != meant]
            free = [name for name in shape.fields if name not in there]
            yield _unknown_key(key, place, at, shape.name, free, list(shape.fields))
    if missing:
        yield place.mistake(wording.missing_keys(place.label, missing))
    for key, (seen, at) in there.items():
        if key in shape.fields:
            yield from _judge(seen, shape.fields[key], at, view)


def _one_of(value: Mapping[Any, Any], shape: OneOf, place: _Place, view: View) -> Iterator[Mistake]:
    there = _there(value, place, view)
    if not there:
        yield place.mistake(wording.empty_choice(place.label, shape))
    known = [key for key in there if key in shape.choices]
    for key, (_, at) in there.items():
        if key not in shape.choices:
            yield _unknown_key(key, place, at, shape.name, list(shape.choices), list(shape.choices))
    for other in known[1:2]:
        yield there[other][1].mistake(wording.two_choices(place.label, known))
    for key in known:
        seen, at = there[key]
        yield from _judge(seen, shape.choices[key], at, view)


def _there(value: Mapping[Any, Any], place: _Place, view: View) -> dict[Any, tuple[Any, _Place]]:
    """Return what stands under each key, and where; without what turns out not to be there."""
    found = {key: view(item, (*place.path, key)) for key, item in value.items()}
    return {
        key: (seen, _Place(path=where, label=f"'{key}'")) for key, (seen, where) in found.items() if seen is not ABSENT
    }


def _unknown_key(key: Any, place: _Place, at: _Place, name: str, free: list[str], known: list[str]) -> Mistake:
    said = wording.unknown_key(place.label, key, (*place.path, name), free=free, known=known)
    # The key itself is wrong, whatever branch of its value is looked at.
    return replace(at, path=(*place.path, key)).mistake(said)
