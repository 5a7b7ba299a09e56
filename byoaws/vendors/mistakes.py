"""pydantic_core's findings in our own words: where, on which line, what is wrong, and what would be right."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pydantic_core import ValidationError

from byoaws.problem import Problem
from byoaws.vendors.checks import Complete, Mistakes
from byoaws.vendors.document import Document, Path
from byoaws.vendors.schema import keys
from byoaws.vendors.words import SECRET, closest, plain

LIMIT = 100
"""Problems that are listed; a file with more is not a vendor file."""

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "tuple_type": "a list",
    "dict_type": "keys with values",
}


def problems(error: ValidationError, document: Document, known: Callable[[], Iterable[str]] = keys) -> list[Problem]:
    """Return what `error` found, without what follows from a problem that the document already lists.

    `known` lists the keys of such a file, dotted.
    """
    found: list[Problem] = []
    for item in error.errors(include_url=False):
        path: Path = tuple(item["loc"])
        if not any(path[:length] in document.unusable for length in range(len(path) + 1)):
            for place, message in _worded(item, path, document, known if len(found) < LIMIT else tuple):
                found.append(document.problem(place, message))
    return found


def _worded(
    item: Any, path: Path, document: Document, known: Callable[[], Iterable[str]]
) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes that one finding stands for, each with its place."""
    kind, given = item["type"], item["input"]
    if kind == "missing":
        yield path, "is missing"
    elif kind == "extra_forbidden":
        yield path, _unknown_key(path, list(known()))
    elif kind != "value_error":
        yield path, _wrong_type(item, path, document)
    elif isinstance(item["ctx"]["error"], Mistakes):
        for index, message in item["ctx"]["error"].found:
            place = path if index is None else (*path, index)
            yield place, message if index is None else _about(given[index], message, place, document)
    else:
        cause = item["ctx"]["error"]
        yield path, _about(given, str(cause), path, document, complete=isinstance(cause, Complete))


def _about(given: object, message: str, path: Path, document: Document, *, complete: bool = False) -> str:
    """Put the value before the message, and after it the environment variable that the value came from.

    A value whose variable or key looks like a secret's is not repeated: someone may have pasted the secret itself.
    """
    variables = document.variables.get(path, ())
    if secret := [name for name in variables if SECRET.search(name)]:
        return f"the value of environment variable {secret[0]} does not fit here (not shown: it may be a secret)"
    if SECRET.search(str(path[-1])):
        return f"the value given {message}"
    origin = f" (from environment variable {', '.join(variables)})" if variables else ""
    return f"{message}{origin}" if complete else f"'{plain(str(given))}' {message}{origin}"


def _wrong_type(item: Any, path: Path, document: Document) -> str:
    given = item["input"]
    # An enumeration says itself what it takes: 'generated' or 'parameter'.
    wanted = item["ctx"]["expected"].replace("'", "") if item["type"] == "enum" else _WANTED[item["type"]]
    if given is None:
        return f"has no value; expected {wanted}"
    if isinstance(given, str):
        return _about(given, f"is not {wanted}", path, document)
    return f"is {'a list' if isinstance(given, list | tuple) else 'a mapping'}; expected {wanted}"


def _unknown_key(path: Path, everything: list[str]) -> str:
    *parents, key = [part for part in path if isinstance(part, str)]
    prefix = "".join(f"{parent}." for parent in parents)
    siblings = [name.removeprefix(prefix) for name in everything if name.rpartition(".")[0] == ".".join(parents)]
    if near := closest(key, siblings):
        return f"unknown key; did you mean '{near}'?"
    if elsewhere := [name for name in everything if name.rpartition(".")[2] == key]:
        return f"unknown key here; did you mean '{elsewhere[0]}'?"
    return f"unknown key; known here: {', '.join(siblings)}" if siblings else "unknown key"
