"""What is asked about sending events: where SES sends them, and who is told of them by SNS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.aws.fields import Answer, items, optional, present, required, structure, texts, unusable
from byoaws.aws.question import Question

_PENDING = ("PendingConfirmation", "Deleted")
"""What SNS says in place of an ARN. Source: SNS API reference, "ListSubscriptionsByTopic"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDestination:
    """One of a configuration set's destinations."""

    name: str
    enabled: bool | None
    event_types: frozenset[str]
    """For example `BOUNCE`."""
    topic_arn: str | None
    """None where it goes elsewhere than to SNS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One of a topic's subscriptions."""

    protocol: str
    endpoint: str
    owner: str
    arn: str | None
    """None while it is not confirmed, or once it is deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionSettings:
    """What changes what a confirmed subscription delivers."""

    pending: bool
    raw: bool
    filtered: bool


def event_destinations(configuration_set: str) -> Question[tuple[EventDestination, ...]]:
    """Where the events of a configuration set go; AWS answers NotFound where there is no such set."""
    return Question(
        service="sesv2",
        operation="GetConfigurationSetEventDestinations",
        request={"ConfigurationSetName": configuration_set},
        read=_destinations_of,
    )


def subscriptions(topic_arn: str) -> Question[tuple[Subscription, ...]]:
    """Who is told of what is published to a topic: the first hundred."""
    return Question(
        service="sns", operation="ListSubscriptionsByTopic", request={"TopicArn": topic_arn}, read=_subscriptions_of
    )


def subscription_settings(arn: str) -> Question[SubscriptionSettings]:
    """What a subscription delivers."""
    return Question(
        service="sns", operation="GetSubscriptionAttributes", request={"SubscriptionArn": arn}, read=_settings_of
    )


def _destinations_of(answer: Answer, operation: str) -> tuple[EventDestination, ...]:
    return tuple(
        _destination(item, operation)
        for item in items(present(answer, "EventDestinations", operation), "EventDestinations", operation)
    )


def _destination(item: Mapping[str, Any], operation: str) -> EventDestination:
    return EventDestination(
        name=required(item, "Name", operation),
        enabled=optional(present(item, "Enabled", operation), "Enabled", bool, operation),
        event_types=frozenset(one.upper() for one in texts(item, "MatchingEventTypes", operation)),
        topic_arn=optional(structure(item, "SnsDestination", operation), "TopicArn", str, operation),
    )


def _subscriptions_of(answer: Answer, operation: str) -> tuple[Subscription, ...]:
    if answer.get("NextToken"):
        raise unusable(operation, "the topic has more than a hundred subscriptions")
    return tuple(
        _subscription(item, operation)
        for item in items(present(answer, "Subscriptions", operation), "Subscriptions", operation)
    )


def _subscription(item: Mapping[str, Any], operation: str) -> Subscription:
    arn = required(item, "SubscriptionArn", operation)
    return Subscription(
        protocol=required(item, "Protocol", operation),
        endpoint=optional(item, "Endpoint", str, operation) or "",
        owner=optional(item, "Owner", str, operation) or "",
        arn=None if arn in _PENDING else arn,
    )


def _settings_of(answer: Answer, operation: str) -> SubscriptionSettings:
    found = structure(answer, "Attributes", operation)
    # SNS always says it. Of an answer without attributes, none would be pending, raw or filtered.
    required(found, "RawMessageDelivery", operation)
    return SubscriptionSettings(
        pending=_said(found, "PendingConfirmation", operation),
        raw=_said(found, "RawMessageDelivery", operation),
        filtered=bool(optional(found, "FilterPolicy", str, operation)),
    )


def _said(found: Answer, name: str, operation: str) -> bool:
    """A truth value that SNS gives as text; what it leaves out is false."""
    value = (optional(found, name, str, operation) or "false").lower()
    if value not in ("true", "false"):
        raise unusable(operation, f"{name} is neither true nor false")
    return value == "true"
