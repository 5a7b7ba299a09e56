"""Keys, lists and texts, however deep, to the lines of a YAML file."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

_WIDTH = 100


def lines(value: Any, scalar: Callable[[str | None], str], indent: str = "") -> Iterator[str]:
    """Yield the lines of a mapping or of a list, each behind `indent`; a short list of texts stays on one line.

    Args:
        value: Mappings with plain keys, lists, texts and None; not empty.
        scalar: Writes a text, or None.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(f"{indent}{key}:", item, scalar, f"{indent}  ")
        return
    for item in value:
        first, *others = _item(item, scalar, f"{indent}  ")
        yield f"{indent}- {first.lstrip()}"
        yield from others


def _item(item: Any, scalar: Callable[[str | None], str], indent: str) -> list[str]:
    short = _short(item, scalar)
    return [short] if short is not None else list(lines(item, scalar, indent))


def _entry(head: str, item: Any, scalar: Callable[[str | None], str], indent: str) -> Iterator[str]:
    short = _short(item, scalar)
    if short is not None and len(head) + len(short) < _WIDTH:
        yield f"{head} {short}"
        return
    yield head
    yield from lines(item, scalar, indent)


def _short(item: Any, scalar: Callable[[str | None], str]) -> str | None:
    """Write what fits on the line of its key: a text, a list of texts, what is empty."""
    if item is None or isinstance(item, str):
        return scalar(item)
    if not item:
        return "{}" if isinstance(item, Mapping) else "[]"
    if isinstance(item, list) and all(isinstance(one, str) for one in item):
        return f"[{', '.join(map(scalar, item))}]"
    return None
