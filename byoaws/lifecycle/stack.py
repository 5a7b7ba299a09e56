"""A stack that a customer made: its template and values are the customer's, and so checked before they are used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from byoaws.errors import Unreachable
from byoaws.lifecycle.answer import inside, objects
from byoaws.model import Json

_METADATA = "byoaws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A stack as far as it is known."""

    template: Mapping[str, Any] = field(repr=False)
    version: str | None
    """Of the template; a claim, where the customer's account says it."""
    from_stack: bool
    """True if the stack itself was read; False for what was recorded when the connection began."""
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The stack's values, a webhook secret perhaps among them: never to be shown. Empty where they are not known."""
    stack_id: str | None = None


def is_template(found: object) -> bool:
    """Whether the parts that we look into have the form that CloudFormation gives them."""
    if not isinstance(found, Mapping):
        return False
    groups = [found.get(name) or {} for name in ("Resources", "Parameters", "Conditions", "Outputs")]
    if not all(isinstance(group, Mapping) for group in groups) or not groups[0]:
        return False
    return all(
        isinstance(item, Mapping)
        and isinstance(item.get("Type"), str)
        and isinstance(item.get("Properties") or {}, Mapping)
        for item in groups[0].values()
    )


def version_of(template: Mapping[str, Any]) -> str | None:
    """The version that a template says it has."""
    metadata = template.get("Metadata")
    facts = metadata.get(_METADATA) if isinstance(metadata, Mapping) else None
    version = facts.get("TemplateVersion") if isinstance(facts, Mapping) else None
    return version[:40] if isinstance(version, str) and version.isprintable() else None


def parameters_of(stack: Mapping[str, Json]) -> dict[str, str]:
    """A stack's parameters, as DescribeStacks has them."""
    return pairs(stack, "Parameters", "ParameterKey", "ParameterValue")


def outputs_of(stack: Mapping[str, Json]) -> dict[str, str]:
    """A stack's outputs, as DescribeStacks has them."""
    return pairs(stack, "Outputs", "OutputKey", "OutputValue")


def pairs(stack: Mapping[str, Json], where: str, key: str, value: str) -> dict[str, str]:
    """Names and values of a list of AWS's, such as outputs or tags.

    Raises:
        Unreachable: an entry has no name.
    """
    found = {}
    for item in objects(stack, where):
        name = inside(item, str, key)
        if name is None:
            raise Unreachable(f"no usable answer ({key} is missing)")
        found[name] = inside(item, str, value) or ""
    return found


def order(version: str) -> tuple[int, ...]:
    """A version as it sorts; empty for a text that is none."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) < 10 for part in parts) else ()
