"""Whether cfn-lint can be given a file at all.

cfn-lint crashes the interpreter on deeply nested YAML, takes minutes over some small files, and shows a traceback for
some malformed ones; what it cannot bear is refused here, with the place in the file.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from byoaws.lint.files import MAX_BYTES
from byoaws.lint.outline import MAX_DEPTH, events

MAX_NODES = 250_000
"""Mappings, lists and scalars, aliases followed. 1 MB of the shortest keys and values has no more."""
MAX_ALIASES = 1_000
"""cfn-lint looks for the place of each from the top; CloudFormation takes none at all."""
MAX_KEYS = 5_000
"""Of one mapping. cfn-lint holds each key against all before it; CloudFormation takes 500 resources."""
MAX_NUMBER = 1_000
"""Characters. YAML 1.1 knows numbers to the base of 60, which take the square of their length to read."""

_NUMBER = re.compile(r"[-+0-9:._]+")
# What is not closed ends with the file: a search for the next quote from every quote would take the square of it.
_JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)|[\[{]|[\]}]|:', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why a file cannot be linted, and where."""

    message: str
    line: int = 1
    """1-based."""
    column: int = 1
    """1-based."""


def flaw(data: bytes) -> Flaw | None:
    """Say what keeps cfn-lint from reading this, if anything does."""
    if len(data) > MAX_BYTES:
        return Flaw(message=f"the file is larger than {MAX_BYTES:,} bytes; CloudFormation takes templates up to 1 MB")
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        return Flaw(message="the file is not UTF-8 text", **_place(before))
    if "\0" in content:
        before = content[: content.index("\0")].encode()
        return Flaw(message="the file is binary, not a YAML or JSON template", **_place(before))
    if not content.strip("\ufeff \t\r\n"):
        return Flaw(message="the file is empty")
    return _unbearable(content)


def _place(before: bytes) -> dict[str, int]:
    return {"line": before.count(b"\n") + 1, "column": len(before) - (before.rfind(b"\n") + 1) + 1}


def _unbearable(content: str) -> Flaw | None:
    size = _Size()
    try:
        for event, depth in events(content):
            message = size.exceeded(event, depth)
            if message:
                mark = event.start_mark
                # Only events that were not read from text have no mark.
                return (
                    Flaw(message=message, line=mark.line + 1, column=mark.column + 1) if mark else Flaw(message=message)
                )
    except yaml.YAMLError:
        # cfn-lint says what is wrong with it, after trying it as JSON (which allows tabs).
        return _unbearable_json(content)
    return None


class _Size:
    """How large a document is by now, as cfn-lint would build it."""

    def __init__(self) -> None:
        self._nodes = 0
        self._aliases = 0
        self._nodes_of: dict[str, int] = {}
        """By anchor."""
        self._open: list[list[Any]] = []
        """Of each collection that has not ended: its anchor, the nodes before it, and the children it may yet have."""

    def exceeded(self, event: yaml.Event, depth: int) -> str | None:
        """Take one event in, and say which limit it is too much for."""
        if depth > MAX_DEPTH:
            return f"the template is nested more than {MAX_DEPTH} levels deep"
        if isinstance(event, yaml.ScalarEvent):
            # `!Ref x` becomes a mapping with one entry.
            self._count(event, 2 if str(event.tag or "").startswith("!") else 1)
            if len(event.value) > MAX_NUMBER and not event.style and _NUMBER.fullmatch(event.value):
                return f"a number has more than {MAX_NUMBER:,} characters"
        elif isinstance(event, yaml.AliasEvent):
            self._aliases += 1
            # An alias of what it stands in is refused by cfn-lint.
            self._count(None, self._nodes_of.get(str(event.anchor), 1))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._count(None, 1)
            room = 2 * MAX_KEYS if isinstance(event, yaml.MappingStartEvent) else MAX_NODES
            self._open.append([event.anchor, self._nodes, room])
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before, _ = self._open.pop()
            if anchor:
                self._nodes_of[anchor] = self._nodes - before + 1
        return self._too_many()

    def _count(self, event: yaml.ScalarEvent | None, nodes: int) -> None:
        self._nodes += nodes
        if self._open:
            self._open[-1][2] -= 1
        if event and event.anchor:
            self._nodes_of[event.anchor] = nodes

    def _too_many(self) -> str | None:
        if self._aliases > MAX_ALIASES:
            return f"the template has more than {MAX_ALIASES:,} aliases; CloudFormation takes none"
        if self._nodes > MAX_NODES:
            return f"the template has more than {MAX_NODES:,} nodes once its aliases are followed"
        if self._open and self._open[-1][2] < 0:
            return f"a mapping has more than {MAX_KEYS:,} keys"
        return None


def _unbearable_json(content: str) -> Flaw | None:
    keys = [0]
    for token in _JSON_TOKEN.finditer(content):
        match token.group():
            case "[" | "{":
                keys.append(0)
            case "]" | "}" if len(keys) > 1:
                keys.pop()
            case ":":
                keys[-1] += 1
        if len(keys) - 1 > MAX_DEPTH:
            message = f"the template is nested more than {MAX_DEPTH} levels deep"
        elif keys[-1] > MAX_KEYS:
            message = f"a mapping has more than {MAX_KEYS:,} keys"
        else:
            continue
        return Flaw(message=message, **_place(content[: token.start()].encode()))
    return None
