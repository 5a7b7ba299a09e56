"""YAML of facts, read as strictly as a vendor file: every value is asked for, and every mistake is listed.

A `Reader` walks one mapping of a `vendors.document.Document`. What is wrong is noted there, and a stand-in is returned
to go on with; the caller looks at the document's problems at the end.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import TypeAlias, TypeVar

from byoaws.vendors.document import Document, Path
from byoaws.vendors.words import closest, plain

Read = TypeVar("Read")
Check: TypeAlias = Callable[[str], Read]

_DECIMAL = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_URL = re.compile(r"https://[a-z0-9.-]+(/[\x21-\x7e]*)?", re.IGNORECASE)
_LONGEST_TEXT = 200


def decimal(text: str) -> Decimal:
    """An amount: digits, perhaps a point and digits. No sign, no exponent."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("is not an amount such as 0.10, with at most 12 digits on either side")
    return Decimal(text)


def whole(text: str) -> int:
    """A whole number from 1."""
    if not _WHOLE.fullmatch(text) or not int(text):
        raise ValueError("is not a whole number from 1")
    return int(text)


def power_of_ten(text: str) -> int:
    """1, 10, 100, ...: so that a price divides into a price for one without a rest."""
    if not re.fullmatch("10{0,9}", text):
        raise ValueError("is not 1, 10, 100 and so on, up to 1000000000")
    return int(text)


def day(text: str) -> date:
    """A date, YYYY-MM-DD."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise ValueError("is not a date as YYYY-MM-DD")
    return found


def url(text: str) -> str:
    """An https URL."""
    if not _URL.fullmatch(text):
        raise ValueError("is not an https URL")
    return text


def text(value: str) -> str:
    """Printable text."""
    if not value.strip() or not value.isprintable() or len(value) > _LONGEST_TEXT:
        raise ValueError(f"is not printable text of at most {_LONGEST_TEXT} characters")
    return value


class Reader:
    """One mapping of a document, at `path`."""

    def __init__(self, document: Document, path: Path = ()) -> None:
        self._document = document
        self._path = path
        self._asked: list[str] = []
        found: object = document.value
        for part in path:
            found = found[part]  # type: ignore[index]
        self._data = found if isinstance(found, dict) else {}
        if not isinstance(found, dict):
            self._refuse(path, "expected keys with values")

    def get(self, key: str, check: Callable[[str], Read], fallback: Read) -> Read:
        """Return the checked value of `key`; where it is wrong or missing, note that and return `fallback`."""
        if key not in self._data:
            self._asked.append(key)
            self._document.refuse(self._path, f"'{key}' is missing")
            return fallback
        return self._checked(key, check, fallback)

    def maybe(self, key: str, check: Callable[[str], Read]) -> Read | None:
        """Return the checked value of `key`, or None where the file has none, or a wrong one."""
        self._asked.append(key)
        return self._checked(key, check, None) if key in self._data else None

    def group(self, key: str) -> "Reader":
        """Return the reader of the mapping at `key`."""
        self._asked.append(key)
        if key not in self._data:
            self._document.refuse(self._path, f"'{key}' is missing")
            return Reader(Document(value={}))
        return Reader(self._document, (*self._path, key))

    def groups(self, key: str) -> Iterator["Reader"]:
        """Yield the readers of a list of mappings at `key`; one item at least."""
        self._asked.append(key)
        found = self._data.get(key)
        if not isinstance(found, list) or not found:
            self._refuse((*self._path, key), "expected a list with at least one item")
            return
        for index in range(len(found)):
            yield Reader(self._document, (*self._path, key, index))

    def texts(self, key: str, check: Callable[[str], Read]) -> tuple[Read, ...]:
        """Return a list of values at `key`, each of them checked; one at least."""
        self._asked.append(key)
        found, path = self._data.get(key), (*self._path, key)
        if not isinstance(found, list) or not found or not all(isinstance(item, str) for item in found):
            self._refuse(path, "expected a list of values, with at least one")
            return ()
        checked = []
        for index, item in enumerate(found):
            try:
                checked.append(check(item))
            except ValueError as error:
                self._refuse((*path, index), f"'{plain(item)}' {error}")
        return tuple(checked)

    def has(self, key: str) -> bool:
        """True if the file has that key."""
        return key in self._data

    def refuse(self, key: str, message: str) -> None:
        """Note a mistake at `key`."""
        self._refuse((*self._path, key), message)

    def end(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                guess = closest(key, self._asked)
                instead = f"did you mean '{guess}'?" if guess else f"known here: {', '.join(self._asked)}"
                self._refuse((*self._path, key), f"unknown key; {instead}")

    def _checked(self, key: str, check: Callable[[str], Read], fallback: Read) -> Read:
        self._asked.append(key)
        given, path = self._data[key], (*self._path, key)
        if not isinstance(given, str):
            self._refuse(path, "expected one value" if given is not None else "has no value")
            return fallback
        try:
            return check(given)
        except ValueError as error:
            self._refuse(path, f"'{plain(given)}' {error}")
            return fallback

    def _refuse(self, path: Path, message: str) -> None:
        # Where the parser has already listed a problem, there is nothing more to say.
        if not any(path[:length] in self._document.unusable for length in range(len(path) + 1)):
            self._document.refuse(path, message)
