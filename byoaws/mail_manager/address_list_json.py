"""The items of a JSON file of addresses, each with its place, which Python's own reader does not tell."""

import json
import re
from collections.abc import Iterator
from typing import Any

from byoaws.errors import UsageError

_SPACE = re.compile(r"[ \t\r\n]*")
_FORM = 'AWS takes {"items": [{"address": "..."}]}'


def items_of(text: str, source: str) -> Iterator[tuple[int, int, Any]]:
    """Yield line, column and value of each item of `{"items": [...]}`; the whole of the text is held to that.

    Raises:
        UsageError: it is not JSON of that form, with line and column.
    """
    if text.strip():
        yield from _Reader(text, source).items()


class _Reader:
    """Goes through the text once: the braces around the items by itself, each item by the standard library."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._at = 0
        self._line, self._begins, self._counted = 1, 0, 0
        self._decoder = json.JSONDecoder(object_pairs_hook=_no_key_twice, parse_constant=_no_constant)

    def items(self) -> Iterator[tuple[int, int, Any]]:
        self._expect("{")
        if self._value() != "items":
            raise self._wrong("the first key is not 'items'")
        self._expect(":")
        self._expect("[")
        if self._next() == "]":
            self._at += 1
        else:
            yield from self._elements()
        self._expect("}")
        if self._next():
            raise self._wrong("something stands behind the last '}'")

    def _elements(self) -> Iterator[tuple[int, int, Any]]:
        while True:
            self._next()
            line, column = self._place()
            yield line, column, self._value()
            mark = self._next()
            self._at += 1
            if mark == "]":
                return
            if mark != ",":
                self._at -= 1
                raise self._wrong("',' or ']' is missing")

    def _value(self) -> Any:
        self._next()
        try:
            value, self._at = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._at = error.pos
            raise self._wrong(f"not JSON: {error.msg.lower()}") from None
        except (ValueError, RecursionError) as error:
            said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise self._wrong(f"not what AWS takes: {said}") from None
        return value

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise self._wrong(f"'{mark}' is missing")
        self._at += 1

    def _next(self) -> str:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _place(self) -> tuple[int, int]:
        """Line and column of what comes next. Counted from the last place, as a file may be one long line."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._begins = max(self._begins, self._text.rfind("\n", self._counted, self._at) + 1)
        self._counted = self._at
        return self._line, self._at - self._begins + 1

    def _wrong(self, what: str) -> UsageError:
        line, column = self._place()
        return UsageError(f"{self._source}:{line}:{column}: {what}", hint=_FORM)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
