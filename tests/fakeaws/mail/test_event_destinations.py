"""Which topics hear of what, and which must stay silent."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byoaws.fakeaws.mail.event_destinations import EventDestinations
from byoaws.fakeaws.mail.ses_sent import Sent

ACCOUNT = "111122223333"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:events"
SET = f"arn:aws:ses:eu-west-1:{ACCOUNT}:configuration-set/set"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"


class NotFoundError(Exception):
    pass


def allowing(*actions: str, resource: str = TOPIC, source: str = SET) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": list(actions),
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": source}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class World:
    """SES, SNS and KMS of one account, and SNS's deliveries."""

    def __init__(self) -> None:
        self.identities = {"x.example": "set"}
        self.destinations = [destination("BOUNCE", "COMPLAINT")]
        self.topics = {TOPIC: {"Policy": allowing("sns:Publish")}}
        self.key_policy = allowing("kms:GenerateDataKey*", "kms:Decrypt", resource="*")
        self.published: list[tuple[str, dict[str, Any], str]] = []
        self.exceptions = type("Exceptions", (), {"NotFoundException": NotFoundError})

    def __call__(self, account: str, service: str, region: str) -> "World":
        assert (account, region) == (ACCOUNT, "eu-west-1")
        return self

    def get_email_identity(self, *, EmailIdentity: str) -> dict[str, Any]:
        if EmailIdentity not in self.identities:
            raise NotFoundError
        return {"ConfigurationSetName": self.identities[EmailIdentity]}

    def get_configuration_set_event_destinations(self, *, ConfigurationSetName: str) -> dict[str, Any]:
        assert ConfigurationSetName == "set"
        return {"EventDestinations": self.destinations}

    def get_topic_attributes(self, *, TopicArn: str) -> dict[str, Any]:
        if TopicArn not in self.topics:
            raise ClientError({"Error": {"Code": "NotFound", "Message": "no topic"}}, "GetTopicAttributes")
        return {"Attributes": self.topics[TopicArn]}

    def describe_key(self, *, KeyId: str) -> dict[str, Any]:
        return {"KeyMetadata": {"Arn": KEY}}

    def get_key_policy(self, *, KeyId: str, PolicyName: str) -> dict[str, Any]:
        return {"Policy": self.key_policy}

    def publish(self, topic: str, message: str, subject: str) -> list[Any]:
        self.published.append((topic, json.loads(message), subject))
        return []


def destination(*kinds: str, topic: str = TOPIC, enabled: bool = True) -> dict[str, Any]:
    return {"Enabled": enabled, "MatchingEventTypes": list(kinds), "SnsDestination": {"TopicArn": topic}}


def kinds(world: World, *, configuration_set: str = "set", source: str = "news@x.example") -> list[str]:
    message = Sent(
        message_id="m-1",
        access_key_id="AKIAEXAMPLE",
        region="eu-west-1",
        source=source,
        recipients=["complaint@simulator.amazonses.com", "bounce@simulator.amazonses.com"],
        configuration_set=configuration_set,
        tags={},
        headers=[],
        content=b"",
    )
    world.published.clear()
    EventDestinations(world, world).publish(message, ACCOUNT)
    assert {(topic, subject) for topic, _, subject in world.published} <= {
        (TOPIC, "Amazon SES Email Event Notification")
    }
    return [event["eventType"] for _, event, _ in world.published]


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        (["BOUNCE"], ["Bounce"]),
        (["bounce"], ["Bounce"]),
        (["SEND", "DELIVERY", "COMPLAINT"], ["Send", "Delivery", "Complaint"]),
        (["OPEN", "CLICK", "DELIVERY_DELAY"], []),
    ],
)
def test_types_that_a_destination_wants(wanted: list[str], heard: list[str]) -> None:
    world = World()
    world.destinations = [destination(*wanted)]
    assert kinds(world) == heard


def test_the_default_configuration_set_of_the_identity() -> None:
    world = World()
    assert kinds(world, configuration_set="") == ["Complaint", "Bounce"]
    assert kinds(world, configuration_set="", source="news@sub.x.example") == ["Complaint", "Bounce"]
    assert kinds(world, configuration_set="", source="news@y.example") == []
    world.identities["news@x.example"] = ""
    assert kinds(world, configuration_set="") == [], "the address is an identity of its own, without one"


def encrypted(key: str, policy: str = "") -> Callable[[World], None]:
    def change(world: World) -> None:
        world.topics[TOPIC]["KmsMasterKeyId"] = key
        world.key_policy = policy or world.key_policy

    return change


def another_set(world: World) -> None:
    world.topics[TOPIC]["Policy"] = allowing("sns:Publish", source=SET + "2")


@pytest.mark.parametrize(
    "harm",
    [
        lambda world: world.destinations.__setitem__(0, destination("BOUNCE", enabled=False)),
        lambda world: world.destinations.__setitem__(0, {"Enabled": True, "MatchingEventTypes": ["BOUNCE"]}),
        lambda world: world.destinations.clear(),
        lambda world: world.topics[TOPIC].pop("Policy"),
        lambda world: world.topics.clear(),
        another_set,
        encrypted("alias/aws/sns"),
        encrypted(f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/sns"),
        encrypted(KEY, allowing("kms:Decrypt", resource="*")),
    ],
    ids=[
        "not enabled", "not to SNS", "no destination", "no policy", "no topic", "for another configuration set",
        "AWS's own key", "AWS's own key by its ARN", "a key that SES may not use",
    ],
)  # fmt: skip
def test_topics_that_hear_nothing(harm: Callable[[World], Any]) -> None:
    world = World()
    assert kinds(world) == ["Complaint", "Bounce"]
    harm(world)
    assert kinds(world) == []


def test_a_key_of_the_customers_that_ses_may_use() -> None:
    world = World()
    encrypted("alias/ours")(world)
    assert kinds(world) == ["Complaint", "Bounce"]
