"""What is asked about received mail: SES's receipt rules or ingress points, the forwarder, and what it gave up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.aws.fields import Answer, items, optional, required, structure, texts, unusable
from byoaws.aws.question import Question

_WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRule:
    """One rule of the active rule set, in the order in which SES tries them."""

    name: str
    enabled: bool
    """AWS leaves out what is off."""
    recipients: tuple[str, ...]
    """Empty: everybody."""
    places: tuple[tuple[str, str], ...]
    """Bucket and key prefix of each S3 action."""
    stops: bool
    """It ends what later rules would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveRules:
    """The rule set by which SES receives in a region."""

    name: str | None
    """None where none is active: then SES receives nothing."""
    rules: tuple[ReceiptRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionState:
    """Whether a Lambda function can run."""

    state: str | None
    """Active, Pending, Inactive or Failed."""
    last_update: str | None
    """Successful, InProgress or Failed."""
    reserved: int | None
    """Reserved concurrency; with 0 it never runs."""


def active_rules() -> Question[ActiveRules]:
    """The active receipt rule set and its rules."""
    return Question(service="ses", operation="DescribeActiveReceiptRuleSet", read=_rules_of)


def ingress_point(ingress_point_id: str) -> Question[str]:
    """The status of one of Mail Manager's ingress points, for example ACTIVE or CLOSED."""
    return Question(
        service="mailmanager",
        operation="GetIngressPoint",
        request={"IngressPointId": ingress_point_id},
        read=lambda answer, operation: required(answer, "Status", operation),
    )


def function(name: str) -> Question[FunctionState]:
    """Whether a function can run; what it is made of stays unread."""
    return Question(service="lambda", operation="GetFunction", request={"FunctionName": name}, read=_function_of)


def waiting(queue_url: str) -> Question[int]:
    """About how many messages are in a queue, those included that somebody is looking at."""
    return Question(
        service="sqs",
        operation="GetQueueAttributes",
        request={"QueueUrl": queue_url, "AttributeNames": [*_WAITING]},
        read=_waiting_of,
    )


def _rules_of(answer: Answer, operation: str) -> ActiveRules:
    rules = tuple(_rule_of(item, operation) for item in items(answer, "Rules", operation))
    if answer.get("Metadata") is None and not rules:
        return ActiveRules(name=None, rules=())  # so SES says that no set is active
    return ActiveRules(name=required(structure(answer, "Metadata", operation), "Name", operation), rules=rules)


def _rule_of(item: Mapping[str, Any], operation: str) -> ReceiptRule:
    actions = list(items(item, "Actions", operation))
    stored = [structure(action, "S3Action", operation) for action in actions if "S3Action" in action]
    return ReceiptRule(
        name=required(item, "Name", operation),
        enabled=optional(item, "Enabled", bool, operation) is True,
        recipients=tuple(texts(item, "Recipients", operation)),
        places=tuple(
            (required(one, "BucketName", operation), optional(one, "ObjectKeyPrefix", str, operation) or "")
            for one in stored
        ),
        stops=any("StopAction" in action or "BounceAction" in action for action in actions),
    )


def _function_of(answer: Answer, operation: str) -> FunctionState:
    held = structure(answer, "Configuration", operation)
    return FunctionState(
        state=required(held, "State", operation),
        last_update=optional(held, "LastUpdateStatus", str, operation),
        reserved=optional(structure(answer, "Concurrency", operation), "ReservedConcurrentExecutions", int, operation),
    )


def _waiting_of(answer: Answer, operation: str) -> int:
    held = structure(answer, "Attributes", operation)
    found = [required(held, name, operation) for name in _WAITING]
    if not all(one.isascii() and one.isdecimal() and len(one) < 16 for one in found):
        raise unusable(operation, "a number of messages is no number")
    return sum(map(int, found))
