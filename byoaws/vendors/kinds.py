"""The kinds of keys that a vendor file has, as schemas of pydantic_core.

A key is `required(schema)`, `default(value, schema)` or `optional(schema)`. Input is text, lists and mappings only
(`byoaws.vendors.document`), so each kind says how text becomes its type. pydantic itself would cost each command three
times as much: it derives these schemas from classes.
"""

import enum
from collections.abc import Callable
from typing import Any, TypeAlias

from pydantic_core import core_schema
from pydantic_core.core_schema import CoreSchema, TypedDictField, ValidationInfo

from byoaws.vendors.checks import whole_number

Check: TypeAlias = Callable[[Any], Any]
Beside: TypeAlias = Callable[[Any, ValidationInfo], Any]
"""A check that needs more than the value: keys further up in the same group (`info.data`), or the known names."""


def required(schema: CoreSchema) -> TypedDictField:
    """A key that must be there."""
    return core_schema.typed_dict_field(schema, required=True)


def default(value: object, schema: CoreSchema) -> TypedDictField:
    """A key that stands for `value` when it is left out; the value is checked as if it were written."""
    filled = core_schema.with_default_schema(schema, default=value, validate_default=True)
    return core_schema.typed_dict_field(filled, required=False)


def optional(schema: CoreSchema) -> TypedDictField:
    """A key that is None when it is left out or empty."""
    return default(None, maybe(schema))


def maybe(schema: CoreSchema) -> CoreSchema:
    """The schema, or None for an empty value."""
    return core_schema.no_info_before_validator_function(_empty_is_none, core_schema.nullable_schema(schema))


def group(keys: dict[str, TypedDictField]) -> CoreSchema:
    """Keys that belong together; any other key is a mistake."""
    return core_schema.typed_dict_schema(keys, extra_behavior="forbid")


def text(check: Check, beside: Beside | None = None) -> CoreSchema:
    """Text that `check`, and then `beside`, lets through."""
    return _then(core_schema.no_info_after_validator_function(check, core_schema.str_schema()), beside)


def number(check: Check | None = None, beside: Beside | None = None) -> CoreSchema:
    """A whole number that the checks let through."""
    schema: CoreSchema = core_schema.no_info_before_validator_function(whole_number, core_schema.int_schema())
    return _then(core_schema.no_info_after_validator_function(check, schema) if check else schema, beside)


def choice(kind: type[enum.StrEnum]) -> CoreSchema:
    """One of the values of an enumeration."""
    return core_schema.enum_schema(kind, list(kind), sub_type="str")


def texts(beside: Beside) -> CoreSchema:
    """A list of texts that `beside` lets through, as a tuple."""
    return _then(core_schema.tuple_schema([core_schema.str_schema()], variadic_item_index=0), beside)


def rows(schema: CoreSchema) -> CoreSchema:
    """A list of groups, as a tuple."""
    return core_schema.tuple_schema([schema], variadic_item_index=0)


def _then(schema: CoreSchema, beside: Beside | None) -> CoreSchema:
    return core_schema.with_info_after_validator_function(beside, schema) if beside else schema


def _empty_is_none(value: object) -> object:
    return None if value == "" else value
