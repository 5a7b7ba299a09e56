"""The stack parameters that the section declares: what type each has, and what AWS takes where it stands."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.mail_manager.placed import bare
from byoaws.mail_manager.reading import Reading, Use
from byoaws.mail_manager.shapes import Fields, Items, Number, Shape, Text
from byoaws.pipeline import StackParameter
from byoaws.vendors import checks
from byoaws.vendors.document import Path
from byoaws.vendors.words import closest, plain

_DECLARATION = Fields(
    name="Parameter",
    fields={"Description": Text(), "Default": Text()},
    required=frozenset({"Description"}),
)
# AWS's pattern of what a rule set takes for a network fits anything.
_NARROWER = {"(([0-9]|.|:|/)*)": "[0-9A-Fa-f.:]+/[0-9]{1,3}"}
_WORDS = {"CommaDelimitedList": "a list", "Number": "a number", "String": "text"}


def stack_parameters(reading: Reading, declared: Any, path: Path) -> tuple[StackParameter, ...]:
    """Read the declarations, and hold them against where the parameters stand."""
    if declared is None:
        declared = {}
    if not isinstance(declared, Mapping):
        reading.expected("names with their descriptions", declared, path)
        return ()
    uses: dict[str, list[Use]] = defaultdict(list)
    for use in reading.uses:
        uses[use.name].append(use)
        if use.name not in declared:
            reading.refuse(use.path, _undeclared(use.name, declared))
    found = (_parameter(reading, name, value, (*path, name), uses[name]) for name, value in declared.items())
    return tuple(parameter for parameter in found if parameter)


def _undeclared(name: str, declared: Mapping[str, Any]) -> str:
    guess = closest(name, declared)
    instead = f"did you mean '{guess}'?" if guess else "declare it under mail_manager.parameters, with its description"
    return f"'{plain(name)}' is no parameter; {instead}"


def _parameter(reading: Reading, name: str, value: Any, path: Path, uses: list[Use]) -> StackParameter | None:
    read = reading.fields(value, _DECLARATION, path)
    if read.broken:
        return None
    found = bare(read)
    for check, what, where in (
        (checks.parameter_name, name, path),
        (checks.line, found["Description"], (*path, "description")),
    ):
        if isinstance(what, str):
            try:
                check(what)
            except ValueError as error:
                reading.refuse(where, f"'{plain(what)}' {error}")
    if not uses:
        reading.refuse(path, "stands nowhere in the section; take it out")
        return None
    properties = _properties(reading, uses)
    default = found.get("Default")
    # What the places disagree about is no property of the parameter, and each still wants it.
    wrong = [_misfit(default, dict(_taken(use.shape))) for use in uses] if isinstance(default, str) else []
    if any(wrong):
        reading.refuse((*path, "default"), f"'{plain(default)}' {next(filter(None, wrong))}")
    return StackParameter(name=name, description=found["Description"], default=default, properties=properties)


def _properties(reading: Reading, uses: list[Use]) -> Mapping[str, Any]:
    first, *others = [dict(_taken(use.shape)) for use in uses]
    for use, other in zip(uses[1:], others, strict=True):
        if other["Type"] != first["Type"]:
            here, before = _WORDS[other["Type"]], _WORDS[first["Type"]]
            reading.refuse(use.path, f"'{use.name}' is {here} here, and {before} elsewhere")
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}


def _taken(shape: Shape) -> Iterator[tuple[str, Any]]:
    """Yield the CloudFormation properties of a parameter that stands where a shape is wanted."""
    of = shape.of if isinstance(shape, Items) else shape
    yield "Type", "CommaDelimitedList" if of is not shape else "Number" if isinstance(of, Number) else "String"
    if isinstance(of, Number):
        yield from (("MinValue", of.least),) if of.least is not None else ()
        yield from (("MaxValue", of.most),) if of.most is not None else ()
    elif isinstance(of, Text) and of.values:
        yield "AllowedValues", list(of.values)
    elif isinstance(of, Text):
        pattern = _NARROWER.get(of.pattern, of.pattern) or (r"[\s\S]+" if of.shortest else "")
        yield from (("AllowedPattern", pattern),) if pattern else ()
        if of is shape:
            yield from (("MinLength", of.shortest),) if of.shortest else ()
            yield from (("MaxLength", of.longest),) if of.longest and of.longest <= _LONGEST_VALUE else ()


_LONGEST_VALUE = 4096
"""Bytes of a parameter's value. Source: CloudFormation quotas."""


def _misfit(default: str, properties: Mapping[str, Any]) -> str:
    """Say why CloudFormation would refuse a default; empty if it would not."""
    if properties["Type"] == "Number" and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", default):
        return "is not a number"
    values = default.split(",") if properties["Type"] == "CommaDelimitedList" else [default]
    values = [value.strip() for value in values]
    for value in values:
        if "AllowedValues" in properties and value not in properties["AllowedValues"]:
            return f"is none of {', '.join(properties['AllowedValues'])}"
        if not re.fullmatch(properties.get("AllowedPattern", ".*"), value, re.DOTALL):
            return "is not what AWS takes there"
    return ""
