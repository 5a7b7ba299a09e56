"""How bounces, complaints and deliveries reach the vendor: topics, and what publishes to them."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from byoaws.errors import NotFound
from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.comparison import NotKnown, differences, policy_differences
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain

_TOPIC = "sns:GetTopicAttributes"
_DESTINATION = "ses:GetConfigurationSetEventDestinations"


def rows(world: World) -> Iterator[Row]:
    """Yield what topics and event destinations have become."""
    policies = world.of_type("AWS::SNS::TopicPolicy")
    for topic in world.of_type("AWS::SNS::Topic"):
        yield world.row("topic", topic, _TOPIC, partial(_topic, world, topic))
        for policy in policies:
            yield world.row("topic-policy", topic, _TOPIC, partial(_policy, world, policy))
    for name in world.of_type("AWS::SES::ConfigurationSetEventDestination"):
        yield world.row("event-destination", name, _DESTINATION, partial(_destination, world, name))


def _attributes(world: World, arn: str) -> Mapping[str, Any]:
    return inside(world.reader.ask("sns", "get_topic_attributes", TopicArn=arn), dict, "Attributes") or {}


def _topic(world: World, topic: str, arn: str) -> Iterator[str]:
    wanted, found = world.wanted(topic), _attributes(world, arn)
    names = ("DisplayName", "SignatureVersion", "KmsMasterKeyId")
    # What SNS leaves out is its default: signature version 1, no key.
    yield from differences({name: wanted[name] for name in names if name in wanted}, {"SignatureVersion": "1", **found})
    if "KmsMasterKeyId" not in wanted and found.get("KmsMasterKeyId"):
        yield f"it is encrypted with {found['KmsMasterKeyId']}: SES may be unable to publish, and then events are lost"


def _policy(world: World, policy: str, arn: str) -> list[str]:
    wanted = world.wanted(policy)
    topics = wanted.get("Topics")
    if not is_plain(topics):
        raise NotKnown("Topics", topics)
    if not isinstance(topics, list) or arn not in topics:
        return []
    return policy_differences(wanted.get("PolicyDocument"), _attributes(world, arn).get("Policy"))


def _destination(world: World, name: str, _: str) -> Iterator[str]:
    properties = world.wanted(name)
    wanted, owner = properties.get("EventDestination"), properties.get("ConfigurationSetName")
    if not isinstance(wanted, Mapping) or not isinstance(owner, str) or not is_plain(wanted):
        raise NotKnown("EventDestination", [wanted, owner])
    answer = world.reader.ask("sesv2", "get_configuration_set_event_destinations", ConfigurationSetName=owner)
    found = [one for one in objects(answer, "EventDestinations") if inside(one, str, "Name") == wanted.get("Name")]
    if not found:
        raise NotFound(f"configuration set '{owner}' has no event destination '{wanted.get('Name')}'")
    here = found[0]
    if inside(here, bool, "Enabled") is not True:
        yield "it is switched off: no event comes"
    types = sorted(str(item).upper() for item in wanted.get("MatchingEventTypes") or ())
    seen = sorted(str(item).upper() for item in inside(here, list, "MatchingEventTypes") or ())
    if types != seen:
        yield f"it is for {', '.join(seen) or 'nothing'}, not for {', '.join(types)}"
    topic = (wanted.get("SnsDestination") or {}).get("TopicARN")
    where = inside(here, str, "SnsDestination", "TopicArn")
    if topic != where:
        yield f"it publishes to {where or 'no topic'}, not to {topic}"
