"""What stands at the top of a YAML or JSON document, without building the document: it may be deep, or a bomb."""

import contextlib
import json
from collections.abc import Iterator

import yaml

from byoaws.libyaml import LOADER

MAX_DEPTH = 100
"""Deeper than any real template; cfn-lint itself gives up at about 100."""


def events(content: str) -> Iterator[tuple[yaml.Event, int]]:
    """YAML's events, each with the number of collections open after it. Never recurses.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    depth = 0
    for event in yaml.parse(content, Loader=LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        yield event, depth


def has_resources(content: str) -> bool:
    """True if the text is a template, or could be one: it has a top-level `Resources`, or is broken or too deep."""
    try:
        return any(key == "Resources" for key in _top_level_keys(content))
    except (yaml.YAMLError, _TooDeepError):
        return True


def is_policy(content: str) -> bool:
    """True if the text is an IAM policy by itself: a top-level `Statement`, and no `Resources`."""
    if "Statement" not in content:
        return False
    keys: set[str] = set()
    try:
        for key in _top_level_keys(content):
            keys.add(key)
            if key == "Resources":  # nearly every template: the rest need not be read
                break
    except (yaml.YAMLError, _TooDeepError):
        keys = _keys_of_json(content)
    return "Statement" in keys and "Resources" not in keys


class _TooDeepError(Exception):
    """Nested deeper than MAX_DEPTH."""


def _top_level_keys(content: str) -> Iterator[str]:
    """Keys of the outermost mapping; none where it is a list."""
    key_next = True
    for event, depth in events(content):
        if depth > MAX_DEPTH:
            raise _TooDeepError
        if depth == 1 and isinstance(event, yaml.SequenceStartEvent):
            return
        if depth == 1 and isinstance(event, yaml.ScalarEvent | yaml.CollectionEndEvent | yaml.AliasEvent):
            if key_next and isinstance(event, yaml.ScalarEvent):
                yield event.value
            key_next = not key_next


def _keys_of_json(content: str) -> set[str]:
    """JSON may have tabs, which YAML does not bear."""
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(content)
        if isinstance(document, dict):
            return set(document)
    return set()
