"""YAML of a rule set: read with the place of every value and without YAML's surprises, and written for people.

A text is what is written: `550` is no number until a shape says so. Aliases, anchors, tags, merge keys and keys given
twice are mistakes, so that nothing is ever expanded. Works from the parser's events: nesting costs no stack.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from byoaws.errors import UsageError
from byoaws.libyaml import LOADER

Path = tuple[str | int, ...]
MOST_BYTES = 1_000_000
_DEPTH = 24
_NULL = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands."""

    line: int
    """1-based."""
    column: int
    """1-based."""


@dataclass(slots=True, kw_only=True)
class Tree:
    """What a text holds."""

    value: Any = None
    """Mappings, lists, texts and None."""
    places: dict[Path, Place] = field(default_factory=dict)
    """Of a value in a mapping the place of its key."""

    def place(self, path: Path) -> Place:
        """Return the place of `path`, or of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return self.places.get((), Place(line=1, column=1))


def read(text: str, source: str) -> Tree:
    """Take YAML apart.

    Raises:
        UsageError: it is not YAML, or has what is refused here; with line and column.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise UsageError(f"'{source}' is larger than {MOST_BYTES:,} bytes", hint="no rule set is")
    tree = Tree()
    try:
        _Reader(tree, yaml.parse(text, Loader=LOADER), source).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(line=mark.line + 1, column=mark.column + 1) if mark else Place(line=1, column=1)
        raise _refused(source, place, f"not YAML: {error.problem or error.context or 'syntax error'}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _refused(source, Place(line=line, column=1), "a character that YAML does not allow") from None
    except (ValueError, OverflowError):
        raise _refused(source, Place(line=1, column=1), "not YAML: an escape or a number is out of range") from None
    return tree


def written(name: str, rules: Sequence[Mapping[str, Any]]) -> str:
    """Return a rule set as YAML, in the API's own words; a character that could deceive a reader is escaped."""
    value = {"RuleSetName": name, "Rules": list(rules)}
    return yaml.dump(
        value,
        Dumper=_Writer,
        sort_keys=False,
        width=110,
        # The other way would show what turns text around, or is not seen at all, as it is.
        allow_unicode=all(char.isprintable() or char == "\n" for text in _texts(value) for char in text),
        default_flow_style=False,
    )


class _Writer(yaml.SafeDumper):
    """Writes everything out, and lists indented under their keys."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never a reference: the reader above refuses them."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """As people indent lists."""
        super().increase_indent(flow, False)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _refused(source: str, place: Place, what: str) -> UsageError:
    return UsageError(f"{source}:{place.line}:{place.column}: {what}", hint="write every value out, once")


class _Reader:
    """Walks the events once; recursion is bounded by _DEPTH."""

    def __init__(self, tree: Tree, events: Iterator[yaml.Event], source: str) -> None:
        self._tree = tree
        self._events = events
        self._source = source

    def read(self) -> None:
        """Fill the tree from the only document."""
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._wrong(event, "a second YAML document begins here")
                self._tree.value = self._value(next(self._events), ())

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self._tree.places.setdefault(path, _place(event))
        self._plain(event)
        if isinstance(event, yaml.ScalarEvent):
            # Neither quoted nor tagged, so that YAML would take it for nothing.
            return None if event.implicit[0] and event.value in _NULL else event.value
        if len(path) >= _DEPTH:
            raise self._wrong(event, f"nested more than {_DEPTH} levels deep")
        return self._items(path) if isinstance(event, yaml.SequenceStartEvent) else self._pairs(path)

    def _items(self, path: Path) -> list[Any]:
        items: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._value(event, (*path, len(items))))
        return items

    def _pairs(self, path: Path) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            self._plain(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._wrong(event, "a list or a mapping cannot be a key")
            if event.value in pairs or (event.implicit[0] and event.value == "<<"):
                what = "merge key '<<' is refused" if event.value == "<<" else "this key is given twice"
                raise self._wrong(event, what)
            self._tree.places[(*path, event.value)] = _place(event)
            pairs[event.value] = self._value(next(self._events), (*path, event.value))
        return pairs

    def _plain(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._wrong(event, "an alias (*name) is refused")
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise self._wrong(event, "anchors (&name) and tags (!name) are refused")

    def _wrong(self, event: yaml.Event, what: str) -> UsageError:
        return _refused(self._source, _place(event), what)


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(line=mark.line + 1, column=mark.column + 1) if mark else Place(line=1, column=1)
