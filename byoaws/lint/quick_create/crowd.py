"""How many parameters a customer sees on a Quick-Create page, and how many of them are questions.

The limits are ours: AWS allows 200 parameters. A customer can answer a few questions; fifteen fields fill two screens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from byoaws.lint.quick_create.links import link_parameters
from byoaws.lint.worlds.expressions import is_no_echo

MOST_QUESTIONS = 3
"""Parameters that neither the link nor a default answers."""
MOST_WITHOUT_GROUPS = 15
"""Parameters on a page that has no `AWS::CloudFormation::Interface`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Too many parameters."""

    message: str
    fix: str


def crowd(template: Mapping[str, Any], prefilled: Sequence[str], url: str) -> Crowd | None:
    """Say what is too much, if anything is; questions before mere number.

    Args:
        template: With parameters.
        prefilled: Names of those that the vendor's link gives.
        url: The link itself; empty where there is none.
    """
    given = {*prefilled, *link_parameters(url)}
    parameters = template["Parameters"]
    open_ = [name for name, declared in parameters.items() if _is_question(name, declared, given)]
    if len(open_) > MOST_QUESTIONS:
        listed = ", ".join(f"'{name}'" for name in open_[:5]) + (" ..." if len(open_) > 5 else "")
        return Crowd(
            message=f"the link leaves {len(open_)} parameters to the customer ({listed}), who must find out each value",
            fix=f"give all but {MOST_QUESTIONS} a Default, or pre-fill them in the link",
        )
    if len(parameters) > MOST_WITHOUT_GROUPS and not _groups(template):
        return Crowd(
            message=f"the customer sees {len(parameters)} parameters in one list, in the order of their names",
            fix="put them in groups, the important ones first, under Metadata / AWS::CloudFormation::Interface",
        )
    return None


def _is_question(name: str, declared: Any, given: set[str]) -> bool:
    if not isinstance(declared, Mapping) or "Default" in declared:
        return False
    # What the link says of a NoEcho parameter is ignored.
    return name not in given or is_no_echo(declared)


def _groups(template: Mapping[str, Any]) -> bool:
    metadata = template.get("Metadata")
    interface = metadata.get("AWS::CloudFormation::Interface") if isinstance(metadata, Mapping) else None
    return isinstance(interface, Mapping) and bool(interface.get("ParameterGroups"))
