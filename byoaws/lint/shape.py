"""Sections that are not what CloudFormation wants them to be; over these cfn-lint stumbles without saying where.

Looked at only once a rule, or cfn-lint itself, has crashed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.flaws import Flaw

_SECTIONS = ("Metadata", "Parameters", "Mappings", "Conditions", "Rules", "Resources", "Outputs")
_LISTS_OF_IDS = ("ignore_checks", "include_checks")


def misshapen(template: Any) -> list[Flaw]:
    """Return what has the wrong form, with its place.

    Args:
        template: As cfn-lint decodes it: its mappings, lists and texts, keys as well, know their `start_mark`.
    """
    return list(_template(template)) if isinstance(template, Mapping) else []


def _template(template: Mapping[Any, Any]) -> Iterator[Flaw]:
    for section in _SECTIONS:
        yield from _not_a_mapping(template, section, section)
    yield from _metadata(template, "Metadata")
    resources = template.get("Resources")
    if isinstance(resources, Mapping):
        for name, resource in resources.items():
            place = f"Resources/{name}"
            yield from _not_a_mapping(resources, name, place)
            if isinstance(resource, Mapping):
                yield from _not_a_mapping(resource, "Metadata", f"{place}/Metadata")
                yield from _metadata(resource, f"{place}/Metadata")


def _metadata(around: Mapping[Any, Any], place: str) -> Iterator[Flaw]:
    """What cfn-lint reads of Metadata as its own settings."""
    inner: Any = around.get("Metadata")
    for key in ("cfn-lint", "config"):
        if not isinstance(inner, Mapping):
            return
        place = f"{place}/{key}"
        yield from _not_a_mapping(inner, key, place)
        inner = inner.get(key)
    if isinstance(inner, Mapping):
        for key in _LISTS_OF_IDS:
            ids = inner.get(key, [])
            if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
                yield _flaw(inner, key, f"{place}/{key} is not a list of rule ids")


def _not_a_mapping(around: Mapping[Any, Any], key: Any, place: str) -> Iterator[Flaw]:
    if key in around and not isinstance(around[key], Mapping):
        yield _flaw(around, key, f"{place} is not a mapping")


def _flaw(around: Mapping[Any, Any], key: Any, message: str) -> Flaw:
    """At the value, or at its key where the value does not know its place, as numbers do not."""
    written = next(one for one in around if one == key)
    marks = (getattr(one, "start_mark", None) for one in (around[key], written, around))
    mark = next((one for one in marks if one is not None), None)
    return Flaw(message=message, line=mark.line + 1, column=mark.column + 1) if mark else Flaw(message=message)
