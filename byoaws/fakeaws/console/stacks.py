"""Stacks of the embedded AWS: watched until they are made or gone, with the reason where they are not."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from byoaws.errors import FakeAwsError
from byoaws.fakeaws.interface import Account, FakeAws

WITHIN = 120.0
"""Seconds a stack may take; the fake needs about one."""
_POLL = 0.05
# What CloudFormation says of resources that it gave up because another one failed.
_CANCELLED = "Resource creation cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvent:
    """One line of the console's Events tab."""

    logical_id: str
    resource_type: str
    status: str
    reason: str
    """Empty where CloudFormation gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedStack:
    """A stack that is there."""

    stack_id: str
    name: str
    region: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    """The console's Outputs tab."""


Watcher = Callable[[StackEvent], None]


def ignore(event: StackEvent) -> None:
    """Watch nothing."""


def refused(error: Exception, what: str) -> FakeAwsError:
    """Turn what AWS answered into our error, in AWS's own words."""
    words = error.response["Error"].get("Message", "") if isinstance(error, ClientError) else ""
    return FakeAwsError(f"{what}: {words or error}")


def wait_created(cfn: Any, stack_id: str, watch: Watcher = ignore, within: float = WITHIN) -> Mapping[str, str]:
    """Wait until a stack is made, and return its outputs.

    Raises:
        FakeAwsError: it was rolled back, with the reason of the resource that failed; or it took too long.
    """
    events, stack = _watch(cfn, stack_id, watch, within)
    name, status = stack["StackName"], stack["StackStatus"]
    if status != "CREATE_COMPLETE":
        raise FakeAwsError(f"stack '{name}' was not made ({status}): {_reason(cfn, stack_id, events)}")
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def delete_stack(
    aws: FakeAws, customer: Account, *, region: str, name: str, watch: Watcher = ignore, within: float = WITHIN
) -> None:
    """Delete a stack, by name or id, and wait until it is gone. What it retains stays.

    Raises:
        FakeAwsError: there is none by that name, it could not be deleted, or it took too long.
    """
    cfn = aws.client(customer, "cloudformation", region)
    try:
        # By its id: a deleted stack is not found by its name.
        stack_id = cfn.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        seen = {event["EventId"] for event in _events(cfn, stack_id)}
        cfn.delete_stack(StackName=stack_id)
    except (ClientError, BotoCoreError) as error:
        raise refused(error, f"stack '{name}' was not deleted") from error
    events, stack = _watch(cfn, stack_id, watch, within, seen)
    if stack["StackStatus"] != "DELETE_COMPLETE":
        reason = _reason(cfn, stack_id, events)
        raise FakeAwsError(f"stack '{name}' was not deleted ({stack['StackStatus']}): {reason}")


def _watch(
    cfn: Any, stack_id: str, watch: Watcher, within: float, seen: set[str] | None = None
) -> tuple[list[StackEvent], dict[str, Any]]:
    """Pass on each new event until the stack rests; return those events and the stack.

    They are many, and read on the way only where somebody watches.
    """
    seen = set() if seen is None else seen
    passed: list[StackEvent] = []
    deadline = time.monotonic() + within
    while True:
        stack = cfn.describe_stacks(StackName=stack_id)["Stacks"][0]  # before its events, so that none is missed
        name, status = stack["StackName"], stack["StackStatus"]
        rests = not status.endswith("_IN_PROGRESS")
        for raw in reversed(_events(cfn, stack_id) if rests or watch is not ignore else []):
            if raw["EventId"] not in seen:
                seen.add(raw["EventId"])
                passed.append(_event(raw))
                watch(passed[-1])
        # A status without a new event is an old one: what was asked for has not begun.
        if rests and any((event.logical_id, event.status) == (name, status) for event in passed):
            return passed, stack
        if time.monotonic() > deadline:
            raise FakeAwsError(f"stack '{name}' is still {status} after {within:g} s")
        time.sleep(_POLL)


def _events(cfn: Any, stack_id: str) -> list[dict[str, Any]]:
    """All events, newest first."""
    pages = cfn.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    return [event for page in pages for event in page["StackEvents"]]


def _event(raw: Mapping[str, Any]) -> StackEvent:
    return StackEvent(
        logical_id=raw["LogicalResourceId"],
        resource_type=raw["ResourceType"],
        status=raw["ResourceStatus"],
        reason=raw.get("ResourceStatusReason", ""),
    )


def _reason(cfn: Any, stack_id: str, events: list[StackEvent]) -> str:
    """The first failure, which is the cause of the others."""
    for event in events:
        own = event.resource_type != "AWS::CloudFormation::Stack"
        if own and event.status.endswith("_FAILED") and not event.reason.startswith(_CANCELLED):
            return f"{event.logical_id} ({event.resource_type}): {event.reason}"
    return _validation(cfn, stack_id) or next(
        (event.reason for event in events if event.status.endswith("_FAILED")), ""
    )


def _validation(cfn: Any, stack_id: str) -> str:
    """What CloudFormation's check before the deployment found; it is told by DescribeEvents alone."""
    for event in cfn.describe_events(StackName=stack_id).get("OperationEvents", []):
        if event.get("ValidationStatusReason"):
            return f"{event.get('LogicalResourceId', '')}: {event['ValidationStatusReason']}"
    return ""
