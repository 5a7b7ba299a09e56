"""What AWS would refuse in a request, by botocore's model: all of it, of which botocore itself checks a part.

botocore sends wrong enums, patterns and too long texts as they are; AWS answers them with ValidationException.
"""

import re
from collections.abc import Iterator
from typing import Any

from botocore.validate import ParamValidator


def mistakes(parameters: Any, shape: Any) -> list[str]:
    """Return what is wrong with the input of an operation, in AWS's way of saying it."""
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        return [report.generate_report().replace("\n", "; ")]
    return list(_mistakes(parameters, shape, ""))


def _mistakes(value: Any, shape: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _mistakes(value[name], member, f"{path}.{name}" if path else name)
    elif kind == "list":
        yield from _too_many(len(value), shape, path)
        for index, item in enumerate(value):
            yield from _mistakes(item, shape.member, f"{path}[{index}]")
    elif kind == "string":
        yield from _text(value, shape, path)
    elif kind in ("integer", "long", "double", "float"):
        yield from _too_many(value, shape, path)


def _text(value: str, shape: Any, path: str) -> Iterator[str]:
    yield from _too_many(len(value), shape, path)
    allowed = getattr(shape, "enum", None)
    pattern = shape.metadata.get("pattern")
    if allowed and value not in allowed:
        yield _constraint(path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    elif pattern and not re.fullmatch(pattern, value):
        yield _constraint(path, f"Member must satisfy regular expression pattern: {pattern}")


def _too_many(amount: float, shape: Any, path: str) -> Iterator[str]:
    most, least = shape.metadata.get("max"), shape.metadata.get("min")
    what = "value" if shape.type_name not in ("string", "list") else "length"
    if most is not None and amount > most:
        yield _constraint(path, f"Member must have {what} less than or equal to {most}")
    if least is not None and amount < least:
        yield _constraint(path, f"Member must have {what} greater than or equal to {least}")


def _constraint(path: str, what: str) -> str:
    field = path[:1].lower() + path[1:]
    return f"1 validation error detected: Value at '{field}' failed to satisfy constraint: {what}"
