"""Where SES's events go: to the topics of a configuration set's event destinations, if SES may publish there.

Source: Amazon SES Developer Guide, "Set up an Amazon SNS event destination" (the topic's policy must allow
ses.amazonaws.com, for this configuration set) and "SNS topics for receipt: encryption" (SES cannot use
`alias/aws/sns`; a key of the customer's must let it encrypt).
"""

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from byoaws.fakeaws.mail.receipt_rules import domain_of, with_parents
from byoaws.fakeaws.mail.ses_sent import Sent
from byoaws.fakeaws.mail.simulator import Event, events
from byoaws.fakeaws.mail.sns_delivery import Inside, SnsDelivery
from byoaws.fakeaws.mail.sns_post import Delivery
from byoaws.fakeaws.resource_policy import ServiceCall, refusal

_SUBJECT = "Amazon SES Email Event Notification"
_SES = "ses.amazonaws.com"
# With this one a topic stays silent, whatever its policy says.
_KEY_OF_AWS = "alias/aws/sns"
_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")
_log = logging.getLogger(__name__)


class EventDestinations:
    """Publishes the events of what was sent."""

    def __init__(self, inside: Inside, delivery: SnsDelivery) -> None:
        self._inside = inside
        self._delivery = delivery

    def publish(self, sent: Sent, account_id: str) -> list[Delivery]:
        """Publish each event of a message to each topic that wants it; return what came of it at https endpoints."""
        name = sent.configuration_set or self._default_of(sent.address, account_id, sent.region)
        if not name:
            return []
        wanted = list(self._topics(name, account_id, sent.region))
        found = []
        for event in events(sent, account_id=account_id, configuration_set=name, at=datetime.now(UTC)):
            for topic, kinds in wanted:
                if _enum(event["eventType"]) in kinds:
                    found += self._publish(topic, event, account_id, f"configuration-set/{name}", sent.region)
        return found

    def _publish(self, topic: str, event: Event, account: str, source: str, region: str) -> list[Delivery]:
        partition = topic.split(":")[1]
        why = self._refusal(topic, account, f"arn:{partition}:ses:{region}:{account}:{source}")
        if why:
            _log.warning("SES may not publish to '%s': %s", topic, why)
            return []
        # SES ends the message with a line feed.
        return self._delivery.publish(topic, json.dumps(event) + "\n", _SUBJECT)

    def _default_of(self, address: str, account: str, region: str) -> str:
        """The configuration set of the identity that the address is sent from."""
        ses = self._inside(account, "sesv2", region)
        for identity in (address, *with_parents(domain_of(address))):
            try:
                return str(ses.get_email_identity(EmailIdentity=identity).get("ConfigurationSetName") or "")
            except ses.exceptions.NotFoundException:
                continue
        return ""

    def _topics(self, name: str, account: str, region: str) -> Iterator[tuple[str, set[str]]]:
        """Each enabled topic, and the types of event that it wants."""
        ses = self._inside(account, "sesv2", region)
        found = ses.get_configuration_set_event_destinations(ConfigurationSetName=name)
        for destination in found.get("EventDestinations", []):
            topic = destination.get("SnsDestination", {}).get("TopicArn")
            if topic and destination.get("Enabled"):
                yield topic, {_enum(kind) for kind in destination["MatchingEventTypes"]}

    def _refusal(self, topic: str, account: str, source: str) -> str | None:
        _, _, _, region, owner, _ = topic.split(":", 5)
        try:
            attributes = self._inside(owner, "sns", region).get_topic_attributes(TopicArn=topic)["Attributes"]
        except ClientError as error:
            return str(error)
        call = {"service": _SES, "account": account, "source": source}
        why = refusal(attributes.get("Policy"), ServiceCall(action="sns:Publish", resource=topic, **call))
        key = attributes.get("KmsMasterKeyId", "")
        return why or (self._key_refusal(key, owner, region, call) if key else None)

    def _key_refusal(self, key: str, owner: str, region: str, call: Mapping[str, Any]) -> str | None:
        if key.endswith(_KEY_OF_AWS):
            return f"it is encrypted with {_KEY_OF_AWS}, which SES cannot use"
        kms = self._inside(owner, "kms", region)
        try:
            arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
            policy = kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
        except ClientError as error:
            return str(error)
        reasons = (refusal(policy, ServiceCall(action=action, resource=arn, **call)) for action in _KEY_ACTIONS)
        return next(filter(None, reasons), None)


def _enum(kind: str) -> str:
    """One spelling for `DeliveryDelay`, `DELIVERY_DELAY`, `deliveryDelay` and `Rendering Failure`."""
    return kind.replace("_", "").replace(" ", "").lower()
