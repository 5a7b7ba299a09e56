"""Rules as their shapes want them: a text that stands for a number becomes one; and one form for equal rules."""

import json
import math
from collections.abc import Mapping
from typing import Any

from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Shape


def typed(value: Any, shape: Shape) -> Any:
    """Return a value that was checked against `shape`, its numbers as numbers."""
    if isinstance(shape, Number):
        return whole(float(value))
    if isinstance(shape, Items):
        return [typed(item, shape.of) for item in value]
    if isinstance(shape, Fields | OneOf):
        inner = shape.fields if isinstance(shape, Fields) else shape.choices
        return {key: typed(item, inner[key]) for key, item in value.items()}
    return str(value)


def whole(number: float) -> float | int:
    """Return an integer where a number is one: 3.0 and 3 are written alike."""
    return int(number) if math.isfinite(number) and number == int(number) else number


def plain(value: Any) -> Any:
    """Return what AWS answered as plain data, its numbers as `whole` has them."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return whole(value)
    return value


def ordered(value: Any, shape: Shape) -> Any:
    """Return a value with the fields of each object in the order of its shape; what the shape lacks comes last."""
    if isinstance(shape, Items) and isinstance(value, list | tuple):
        return [ordered(item, shape.of) for item in value]
    if isinstance(shape, Fields | OneOf) and isinstance(value, Mapping):
        inner = shape.fields if isinstance(shape, Fields) else shape.choices
        names = [name for name in inner if name in value] + [name for name in value if name not in inner]
        return {name: ordered(value[name], inner[name]) if name in inner else value[name] for name in names}
    return value


def canonical(value: Any) -> str:
    """Return one text for everything that means the same."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
