"""YAML text to plain data, with the place of every value, and with none of YAML's surprises.

Every scalar keeps the text that is written: `012345678901` is not an octal number, and the schema gives each value its
type. Aliases, anchors, tags, merge keys, duplicate keys and unquoted truth values (`no`, `on`) are mistakes. Works from
the parser's events, so that nothing is ever constructed and nesting costs no stack.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from byoaws.problem import Problem
from byoaws.vendors.words import CONTROL, dotted, plain

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
Path: TypeAlias = tuple[str | int, ...]
Mark: TypeAlias = tuple[int, int]
"""Line and column, both 1-based."""

MAX_DEPTH = 16
# What YAML 1.1 reads, unquoted, as something else than text (numbers and dates keep their text here).
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = frozenset({"true", "false", "yes", "no", "on", "off"})

# Where the two parsers may differ: tabs, line separators and other odd characters, `?` in brackets, directives, and a
# `#` with nothing before it.
_RARE = re.compile(r"[^\n -~]|[?%]|\S#")


@dataclass(slots=True, kw_only=True)
class Document:
    """What a YAML text holds, and what is wrong with it so far."""

    value: Value = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    """For a value in a mapping that of its key."""
    variables: dict[Path, tuple[str, ...]] = field(default_factory=dict)
    """Environment variables that a value was made from."""
    problems: list[Problem] = field(default_factory=list)
    unusable: set[Path] = field(default_factory=set)
    """Where the value is None only because of a problem already listed."""

    def refuse(self, path: Path, message: str, *, mark: Mark | None = None) -> None:
        """List a problem at `path`."""
        self.problems.append(self.problem(path, message, mark=mark))

    def drop(self, path: Path, message: str, *, mark: Mark | None = None) -> Value:
        """List a problem at `path` that leaves nothing to check there; returns None, the value to go on with."""
        self.refuse(path, message, mark=mark)
        self.unusable.add(path)
        return None

    def problem(self, path: Path, message: str, *, mark: Mark | None = None) -> Problem:
        """Return a problem at `path`, without listing it."""
        line, column = mark or self.mark(path) or (None, None)
        return Problem(where=dotted(path), line=line, column=column, message=message)

    def mark(self, path: Path) -> Mark | None:
        """Return where `path` is, or the nearest thing around it; None for the whole file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.marks:
                return self.marks[path[:length]]
        return None


def parse(text: str) -> Document:
    """Take YAML apart. Never raises: whatever is wrong is in the document's problems."""
    return _quickly(text) or _thoroughly(text)


def _quickly(text: str) -> Document | None:
    """By libyaml, in a tenth of the time; None where it finds fault, since PyYAML itself says better what is wrong."""
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None or _RARE.search(text):
        return None
    document = Document()
    try:
        _Composer(document, yaml.parse(text, Loader=loader)).compose()
    except (_TooDeepError, yaml.YAMLError, ValueError, OverflowError):
        return None
    return None if document.problems else document


def _thoroughly(text: str) -> Document:
    document = Document()
    try:
        _Composer(document, yaml.parse(text, Loader=yaml.SafeLoader)).compose()
    except _TooDeepError as error:
        document.drop((), f"nested more than {MAX_DEPTH} levels deep", mark=error.mark)
    except yaml.YAMLError as error:
        document.problems.append(_syntax(error, text))
        document.unusable.add(())
    except (ValueError, OverflowError):
        # PyYAML lets these out of escapes such as "\UFFFFFFFF" and of endless version numbers in directives.
        document.drop((), "not YAML: an escape or a number in it is out of range")
    return document


def _syntax(error: yaml.YAMLError, text: str) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        line, column = text.count("\n", 0, error.position) + 1, error.position - text.rfind("\n", 0, error.position)
        message = f"character {plain(chr(error.character))} is not allowed in YAML"
        return Problem(where="", line=line, column=column, message=message)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = plain(getattr(error, "problem", None) or getattr(error, "context", None) or "syntax error", 200)
    if mark is None:
        return Problem(where="", line=None, message=f"not YAML: {what}")
    lines = text.splitlines()
    braces = mark.line < len(lines) and "${" in lines[mark.line]
    hint = "; inside { } and [ ] a value with ${ needs quotes" if braces else ""
    return Problem(where="", line=mark.line + 1, column=mark.column + 1, message=f"not YAML: {what}{hint}")


class _TooDeepError(Exception):
    """Ends the reading: PyYAML's time for deep nesting grows with the square of the depth."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(mark)
        self.mark = mark


class _Composer:
    """Walks the events once; recursion is bounded by MAX_DEPTH."""

    def __init__(self, document: Document, events: Iterator[yaml.Event]) -> None:
        self._document = document
        self._events = events

    def compose(self) -> None:
        """Fill the document from the first YAML document; a second one is a mistake."""
        starts = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                starts += 1
                if starts == 1:
                    self._document.value = self._value(next(self._events), ())
                elif starts == 2:
                    self._document.refuse((), "a second YAML document begins here", mark=_mark(event))

    def _value(self, event: yaml.Event, path: Path) -> Value:
        self._document.marks.setdefault(path, _mark(event))
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            return self._document.drop(path, "YAML alias (*name) is refused; write the value out")
        if event.anchor is not None:
            self._document.refuse(path, f"YAML anchor '&{plain(event.anchor)}' is refused; write each value out")
        if event.tag is not None:
            self._document.refuse(path, f"YAML tag '{plain(event.tag)}' is refused; write the value without it")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if len(path) >= MAX_DEPTH:
            raise _TooDeepError(_mark(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Value:
        text: str = event.value
        # The first flag: neither quoted nor tagged, so that YAML would give it a type of its own.
        unquoted = event.implicit[0]
        if unquoted and text in _NULL:
            return None
        if unquoted and text.lower() in _TRUTH:
            return self._document.drop(
                path, f"'{text}' without quotes means true or false in YAML; put it in quotes if the word is meant"
            )
        if CONTROL.search(text):
            return self._document.drop(path, "holds a line break or a control character; write it on one line")
        return text

    def _sequence(self, path: Path) -> Value:
        items: list[Value] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> Value:
        pairs: dict[str, Value] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, path)
            if key is None or key in pairs:
                self._drop(event, key, path)
                continue
            self._document.marks[(*path, key)] = _mark(event)
            pairs[key] = self._value(next(self._events), (*path, key))
        return pairs

    def _key(self, event: yaml.Event, path: Path) -> str | None:
        if not isinstance(event, yaml.ScalarEvent):
            what = "an alias" if isinstance(event, yaml.AliasEvent) else "a list or a mapping"
            self._document.refuse(path, f"{what} is refused as a key", mark=_mark(event))
            return None
        if event.anchor is not None or event.tag is not None:
            self._document.refuse(path, "YAML anchors and tags are refused on keys", mark=_mark(event))
        if event.implicit[0] and event.value == "<<":
            self._document.refuse(path, "YAML merge key '<<' is refused; write the keys out", mark=_mark(event))
            return None
        key: str = event.value
        if CONTROL.search(key):
            message = f"key '{plain(key)}' holds a line break or a control character"
            self._document.refuse(path, message, mark=_mark(event))
            return None
        return key

    def _drop(self, event: yaml.Event, key: str | None, path: Path) -> None:
        """Pass over a pair whose key cannot be used; a repeated key keeps its first value."""
        if key is None:
            self._pass_over(event)
        else:
            first, _ = self._document.marks[(*path, key)]
            self._document.refuse((*path, key), f"is given twice, first on line {first}", mark=_mark(event))
        self._pass_over(next(self._events))

    def _pass_over(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.CollectionStartEvent):
            self._skip()

    def _skip(self) -> None:
        """Pass over the rest of a collection whose start was just read."""
        depth = 1
        while depth:
            event = next(self._events)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _TooDeepError(_mark(event))


def _mark(event: yaml.Event) -> Mark:
    # Only an event that was built by hand has no mark.
    return (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
