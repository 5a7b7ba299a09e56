"""Who is told of sending events: each topic's subscription, and whoever else listens there."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from byoaws.errors import NotFound
from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.comparison import NotKnown, differences, shown
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain

_LIST = "sns:ListSubscriptionsByTopic"
_READ = "sns:GetSubscriptionAttributes"
_PENDING = ("PendingConfirmation", "Deleted")
"""What SNS says in place of an ARN. Source: SNS API reference, "ListSubscriptionsByTopic"."""


def rows(world: World) -> Iterator[Row]:
    """Yield what each subscription has become."""
    for name in world.of_type("AWS::SNS::Subscription"):
        yield world.row("subscription", name, _LIST, partial(_listed, world, name))
        yield world.row("subscription-settings", name, _READ, partial(_settings, world, name))


def _of_topic(world: World, name: str) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """A subscription's properties, and every subscription of its topic."""
    wanted = world.wanted(name)
    told = {key: wanted.get(key) for key in ("TopicArn", "Protocol", "Endpoint")}
    if not is_plain(told):
        raise NotKnown("Endpoint", told)
    topic = wanted["TopicArn"]
    return wanted, [*objects(world.reader.every("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic))]


def _is_ours(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return all(inside(found, str, key) == wanted[key] for key in ("Protocol", "Endpoint"))


def _listed(world: World, name: str, _: str) -> Iterator[str]:
    wanted, there = _of_topic(world, name)
    ours = [one for one in there if _is_ours(wanted, one)]
    if not ours:
        yield f"nothing on the topic posts to {shown(wanted['Endpoint'])}: no event arrives"
    elif all(inside(one, str, "SubscriptionArn") in _PENDING for one in ours):
        yield "it is not confirmed, so SNS posts nothing: the webhook must confirm it within three days"
    # The topics are the stack's, and events name recipients.
    for other in there:
        if other not in ours:
            who = f"{inside(other, str, 'Protocol')} {shown(other.get('Endpoint'))}"
            yield f"the topic also tells {who} of account {inside(other, str, 'Owner') or 'not known'}"


def _settings(world: World, name: str, _: str) -> Iterator[str]:
    wanted, there = _of_topic(world, name)
    arns = [inside(one, str, "SubscriptionArn") for one in there if _is_ours(wanted, one)]
    confirmed = [arn for arn in arns if arn not in _PENDING]
    if not arns:
        raise NotFound("the topic has no such subscription")
    if not confirmed:
        yield "SNS shows no settings of it before it is confirmed"
    for arn in confirmed:
        answer = world.reader.ask("sns", "get_subscription_attributes", SubscriptionArn=arn)
        yield from _attributes(wanted, inside(answer, dict, "Attributes") or {})


def _attributes(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    if str(found.get("PendingConfirmation", "false")).lower() == "true":
        yield "it is not confirmed, so SNS posts nothing"
    raw = str(wanted.get("RawMessageDelivery", False)).lower()
    if str(found.get("RawMessageDelivery", "false")).lower() != raw:
        yield f"RawMessageDelivery is {shown(found.get('RawMessageDelivery'))}, not {raw}: raw messages are not signed"
    if found.get("FilterPolicy"):
        yield f"it has a filter, so some events do not come: {shown(found['FilterPolicy'])}"
    yield from differences(
        {key: wanted[key] for key in ("RedrivePolicy",) if key in wanted}, {"RedrivePolicy": _redrive(found)}
    )


def _redrive(found: Mapping[str, Any]) -> Any:
    """The redrive policy as it is meant: SNS gives it as text."""
    import json

    text = found.get("RedrivePolicy")
    try:
        return json.loads(text) if isinstance(text, str) and text else None
    except ValueError:
        return text
