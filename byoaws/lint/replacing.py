"""Which properties of a resource type cannot change in place, from CloudFormation's schemas that cfn-lint ships.

Of cfn-lint nothing but these files is read: to import it takes half a second.
"""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from byoaws.errors import UsageError
from byoaws.lifecycle.changes import Replacing, ReplacingOf

_INDEX = "data/schemas/providers/us-east-1.json"
_SCHEMAS = "data/schemas/resources"


def replacing_of() -> ReplacingOf:
    """Read the list of schemas; each one is read when it is asked for.

    Raises:
        UsageError: the installed cfn-lint has none, or others than we know. So may the function that is returned.
    """
    folder = _folder()
    index: Mapping[str, Any] = _read(folder / _INDEX)
    known: dict[str, Replacing | None] = {}

    def look(kind: str) -> Replacing | None:
        if kind not in known:
            name = index.get(kind)
            known[kind] = _of(_read(folder / _SCHEMAS / f"{name.removesuffix('.json')}.json")) if name else None
        return known[kind]

    return look


def _of(schema: Mapping[str, Any]) -> Replacing:
    return Replacing(
        always=_paths(schema, "createOnlyProperties"), sometimes=_paths(schema, "conditionalCreateOnlyProperties")
    )


def _paths(schema: Mapping[str, Any], name: str) -> tuple[tuple[str, ...], ...]:
    """JSON pointers, such as `/properties/EventDestination/Name`, without their first step."""
    return tuple(tuple(pointer.split("/")[2:]) for pointer in schema.get(name, ()))


def _folder() -> Path:
    spec = find_spec("cfnlint")
    if spec is None or not spec.submodule_search_locations:
        raise _unreadable()
    return Path(spec.submodule_search_locations[0])


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable() from error


def _unreadable() -> UsageError:
    return UsageError(
        "the installed cfn-lint has no CloudFormation schemas that we can read",
        hint="install another release of cfn-lint, 1.58 or newer",
    )
