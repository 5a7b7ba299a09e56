"""The keys of a permission pack, a line each, and the `Pack` that they make; docs/own-vendor.md describes every key."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import (
    CoreConfig,
    CoreSchema,
    dict_schema,
    no_info_after_validator_function,
    nullable_schema,
)

from byoaws.packs import Grant, Pack, PackStatement
from byoaws.vendors import checks, pack_checks
from byoaws.vendors.kinds import default, group, optional, required, rows, text


def _checked(check: Any, schema: CoreSchema) -> CoreSchema:
    return no_info_after_validator_function(check, schema)


_ACTIONS = {
    "action": required(text(pack_checks.action)),
    "reason": required(text(checks.line)),
}
_CONDITION = dict_schema(text(str), dict_schema(text(str), text(pack_checks.variables)))
_STATEMENTS = {
    "sid": required(text(pack_checks.sid)),
    "block": optional(text(pack_checks.block)),
    "inbound": optional(text(pack_checks.inbound)),
    "actions": required(_checked(pack_checks.actions, rows(group(_ACTIONS)))),
    "resources": required(_checked(pack_checks.resources, rows(text(pack_checks.resource)))),
    "condition": default(None, nullable_schema(_checked(pack_checks.condition, _CONDITION))),
}
PACK = group(
    {
        "title": required(text(checks.line)),
        "statements": required(_checked(pack_checks.statements, rows(group(_STATEMENTS)))),
    }
)
"""A whole pack."""

_VALIDATOR = SchemaValidator(PACK, CoreConfig(hide_input_in_errors=True))


def checked(value: object) -> dict[str, Any]:
    """Return every key with its value, as the tables above say; raises pydantic_core's ValidationError."""
    found: dict[str, Any] = _VALIDATOR.validate_python(value)
    return found


def pack(found: dict[str, Any], name: str) -> Pack:
    """Return the pack of checked keys."""
    return Pack(
        name=name,
        title=found["title"],
        statements=tuple(
            PackStatement(
                sid=item["sid"],
                block=item["block"],
                inbound=item["inbound"],
                grants=tuple(Grant(**grant) for grant in item["actions"]),
                resources=item["resources"],
                condition=item["condition"],
            )
            for item in found["statements"]
        ),
    )


def keys() -> Iterator[str]:
    """Every key of a pack, dotted, in the order of the file."""
    yield from ("title", "statements")
    for name in _STATEMENTS:
        yield f"statements.{name}"
        if name == "actions":
            yield from (f"statements.actions.{inner}" for inner in _ACTIONS)
