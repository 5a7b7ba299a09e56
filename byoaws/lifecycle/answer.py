"""Values out of what AWS answered, each checked: an answer of another shape than documented is no answer."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from byoaws.errors import Unreachable
from byoaws.model import Json

Value = TypeVar("Value")


def inside(answer: object, kind: type[Value], *path: str) -> Value | None:
    """Return what lies at a path; None where it, or something on the way, is missing.

    Raises:
        Unreachable: it is not of that kind, or something on the way is no object.
    """
    found: object = answer
    for name in path:
        if not isinstance(found, Mapping):
            raise _odd(path)
        found = found.get(name)
        if found is None:
            return None
    if isinstance(found, kind) and not (isinstance(found, bool) and kind is not bool):
        return found
    raise _odd(path)


def objects(found: object, *path: str) -> Iterator[Mapping[str, Json]]:
    """Yield the objects of the list that lies at a path; nothing where it is missing.

    Raises:
        Unreachable: it is no list of objects.
    """
    for item in inside(found, list, *path) or ():
        if not isinstance(item, Mapping):
            raise _odd(path)
        yield item


def _odd(path: tuple[str, ...]) -> Unreachable:
    return Unreachable(
        f"no usable answer ({'.'.join(path) or 'it'} is not what AWS documents)",
        hint="if AWS_ENDPOINT_URL is set, check what answers there",
    )
