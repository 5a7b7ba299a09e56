"""Permission packs of a vendor's own: files beside its vendor file, read as strictly, every mistake with its place."""

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pydantic_core import ValidationError

from byoaws.errors import UsageError, VendorFileError
from byoaws.packs import Pack
from byoaws.problem import Problem
from byoaws.vendors import pack_schema
from byoaws.vendors.document import Document, parse
from byoaws.vendors.mistakes import problems
from byoaws.vendors.names import is_pack_file, pack_file_mistake, pack_name

ReadFile = Callable[[str], str]
"""Given a path below the vendor file's folder, the text of the file; raises UsageError, VendorFileError."""


def own_packs(document: Document, read: ReadFile, source: str) -> tuple[Pack, ...]:
    """Read the packs that a vendor file names by their files; what is wrong with them becomes the document's problems.

    Args:
        document: The vendor file.
        read: Gives the text of a file.
        source: Where the vendor file is from.
    """
    found = []
    for index, item in _files(document):
        place = posixpath.join(posixpath.dirname(source), posixpath.normpath(item))
        try:
            text = read(item)
        except VendorFileError as error:
            document.problems += [replace(problem, source=place) for problem in error.problems]
            continue
        except UsageError as error:
            document.refuse(("packs", index), error.message)
            continue
        pack, mistakes = read_pack(text, pack_name(item))
        document.problems += [replace(problem, source=place) for problem in mistakes]
        found += [pack] if pack else []
    return tuple(found)


def _files(document: Document) -> Iterator[tuple[int, str]]:
    """What can be read at all; the rest is told of by the schema."""
    listed = document.value.get("packs") if isinstance(document.value, dict) else None
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(item, str) and is_pack_file(item) and not pack_file_mistake(item):
            yield index, item


def read_pack(text: str, name: str) -> tuple[Pack | None, Sequence[Problem]]:
    """Check the text of a pack; return it, or None and every mistake."""
    document = parse(text)
    if () in document.unusable:
        return None, document.problems
    if not isinstance(document.value, dict):
        what = "expected keys with values" if document.value is not None else "the file is empty"
        document.refuse((), what, mark=(1, 1))
        return None, document.problems
    try:
        found = pack_schema.checked(document.value)
    except ValidationError as error:
        return None, [*document.problems, *problems(error, document, pack_schema.keys)]
    return (None, document.problems) if document.problems else (pack_schema.pack(found, name), ())
