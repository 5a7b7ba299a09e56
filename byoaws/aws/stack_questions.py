"""What is asked of CloudFormation about a customer's stack. The answers are the customer's word, checked for form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from byoaws.aws.fields import Answer, items, optional, required, unusable
from byoaws.aws.question import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class StackState:
    """What DescribeStacks answers of one stack."""

    stack_id: str
    status: str
    """For example `UPDATE_COMPLETE`."""
    outputs: Mapping[str, str]
    parameters: Mapping[str, str] = field(repr=False)
    """A webhook secret perhaps among them: never to be shown."""
    drift_status: str | None
    """DRIFTED, IN_SYNC, UNKNOWN or NOT_CHECKED, of the last time that somebody let CloudFormation look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResource:
    """One line of ListStackResources."""

    name: str
    """In the template."""
    kind: str
    """For example `AWS::SNS::Topic`."""
    physical_id: str
    """What AWS calls it: an ARN, a name or a URL, as the type has it. Empty where it was not made."""
    status: str


def stack(name: str) -> Question[StackState]:
    """The stack of that name or id; AWS answers ValidationError where there is none."""
    return Question(service="cloudformation", operation="DescribeStacks", request={"StackName": name}, read=_stack_of)


def stack_resources(name: str) -> Question[tuple[StackResource, ...]]:
    """What is in the stack: the first hundred, which is more than any stack of ours has."""
    return Question(
        service="cloudformation", operation="ListStackResources", request={"StackName": name}, read=_resources_of
    )


def _stack_of(answer: Answer, operation: str) -> StackState:
    found = list(items(answer, "Stacks", operation))
    if len(found) != 1:
        raise unusable(operation, f"{len(found)} stacks, not one")
    drift = optional(found[0], "DriftInformation", dict, operation) or {}
    return StackState(
        stack_id=required(found[0], "StackId", operation),
        status=required(found[0], "StackStatus", operation),
        outputs=_pairs(found[0], "Outputs", "Output", operation),
        parameters=_pairs(found[0], "Parameters", "Parameter", operation),
        drift_status=optional(drift, "StackDriftStatus", str, operation),
    )


def _resources_of(answer: Answer, operation: str) -> tuple[StackResource, ...]:
    if answer.get("NextToken"):
        raise unusable(operation, "the stack has more than a hundred resources: it is none of ours")
    found = tuple(
        StackResource(
            name=required(item, "LogicalResourceId", operation),
            kind=required(item, "ResourceType", operation),
            physical_id=optional(item, "PhysicalResourceId", str, operation) or "",
            status=required(item, "ResourceStatus", operation),
        )
        for item in items(answer, "StackResourceSummaries", operation)
    )
    if not found:  # of nothing, no part would be missing
        raise unusable(operation, "the stack has no resources")
    return found


def _pairs(holder: Answer, where: str, what: str, operation: str) -> dict[str, str]:
    return {
        required(item, f"{what}Key", operation): optional(item, f"{what}Value", str, operation) or ""
        for item in items(holder, where, operation)
    }
