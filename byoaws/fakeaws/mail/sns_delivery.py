"""SNS's deliveries to https endpoints: asked for confirmation, signed, tried again, and kept where nobody takes them.

MiniStack never confirms an https subscription that CloudFormation made, and it delivers to confirmed ones alone. So
whether one is confirmed is known here and not there: MiniStack goes on serving queues and functions, nothing comes
twice, and no subscription or endpoint has to be changed for it. What is published by `publish` reaches both. What
somebody publishes by SNS's API reaches MiniStack's subscribers only.
"""

import json
import secrets
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError

from byoaws.fakeaws.mail.sns_post import Delivery, Poster
from byoaws.fakeaws.mail.sns_signing import Signer
from byoaws.fakeaws.resource_policy import ServiceCall, refusal
from byoaws.regions import partition_of

Inside = Callable[[str, str, str], Any]
"""Account id, service and region to a client that acts inside that account."""
Attributes = Mapping[str, str]


class SnsDelivery:
    """Every account's topics. Safe under threads."""

    def __init__(self, inside: Inside, poster: Poster, signer: Signer) -> None:
        self._inside = inside
        self._poster = poster
        self._signer = signer
        self._tokens: dict[str, str] = {}
        self._confirmed: set[str] = set()
        self._asking: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()

    def ask(self, topic_arn: str) -> list[Delivery]:
        """Ask each https endpoint of the topic that has not agreed yet for its confirmation, as SNS does at once."""
        with self._lock:
            asking = self._asking[topic_arn]
        # Endpoints answer by another thread, which must not wait for this lock; two events must not ask the same twice.
        with asking:
            topic = self._topic(topic_arn)
            return [
                self._post(subscription, endpoint, self._confirmation(topic_arn, subscription, topic), raw=False)
                for subscription, endpoint, _ in self._endpoints(topic_arn)
                if subscription not in self._confirmed
            ]

    def confirm(self, topic_arn: str, token: str) -> str | None:
        """Do what a SubscribeURL says; return the subscription, or None where the token is not one of this topic."""
        with self._lock:
            subscription = self._tokens.get(token)
            if subscription is None or subscription.rpartition(":")[0] != topic_arn:
                return None
            self._confirmed.add(subscription)
            return subscription

    def is_confirmed(self, subscription_arn: str) -> bool:
        """True once its endpoint has agreed."""
        return subscription_arn in self._confirmed

    def publish(self, topic_arn: str, message: str, subject: str) -> list[Delivery]:
        """Publish to everybody who subscribes. An endpoint that was never asked is asked first.

        Raises:
            ClientError: the topic is not there.
        """
        _, _, _, region, account, _ = topic_arn.split(":", 5)
        self.ask(topic_arn)
        sns = self._inside(account, "sns", region)
        message_id = sns.publish(TopicArn=topic_arn, Message=message, Subject=subject)["MessageId"]
        notification = {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": topic_arn,
            "Subject": subject,
            "Message": message,
            "Timestamp": _now(),
        }
        topic = self._topic(topic_arn)
        return [
            self._deliver(subscription, endpoint, attributes, self._signed(notification, topic))
            for subscription, endpoint, attributes in self._endpoints(topic_arn)
            if subscription in self._confirmed
        ]

    def _deliver(self, subscription: str, endpoint: str, attributes: Attributes, message: dict[str, str]) -> Delivery:
        query = urlencode({"Action": "Unsubscribe", "SubscriptionArn": subscription}, safe=":")
        message["UnsubscribeURL"] = f"{_host(message['TopicArn'])}/?{query}"
        raw = attributes.get("RawMessageDelivery", "").lower() == "true"
        found = self._post(subscription, endpoint, message, raw=raw)
        if found.done or not attributes.get("RedrivePolicy"):
            return found
        body = message["Message"] if raw else json.dumps(message)
        queue = json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"]
        return replace(found, kept=self._keep(queue, message["TopicArn"], body))

    def _post(self, subscription: str, endpoint: str, message: Mapping[str, str], *, raw: bool) -> Delivery:
        headers = {
            "x-amz-sns-message-type": message["Type"],
            "x-amz-sns-message-id": message["MessageId"],
            "x-amz-sns-topic-arn": message["TopicArn"],
            **({} if message["Type"] == "SubscriptionConfirmation" else {"x-amz-sns-subscription-arn": subscription}),
            **({"x-amz-sns-rawdelivery": "true"} if raw else {}),
        }
        body = message["Message"] if raw else json.dumps(message, indent=2)
        return self._poster.post(endpoint, body.encode(), headers)

    def _confirmation(self, topic_arn: str, subscription: str, topic: Attributes) -> dict[str, str]:
        token = secrets.token_hex(128)
        with self._lock:
            self._tokens[token] = subscription
        query = urlencode({"Action": "ConfirmSubscription", "TopicArn": topic_arn, "Token": token}, safe=":")
        message = {
            "Type": "SubscriptionConfirmation",
            "MessageId": str(uuid.uuid4()),
            "Token": token,
            "TopicArn": topic_arn,
            "Message": f"You have chosen to subscribe to the topic {topic_arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message.",
            "SubscribeURL": f"{_host(topic_arn)}/?{query}",
            "Timestamp": _now(),
        }
        return self._signed(message, topic)

    def _signed(self, message: Mapping[str, str], topic: Attributes) -> dict[str, str]:
        version = topic.get("SignatureVersion", "1")
        return {
            **message,
            "SignatureVersion": version,
            "Signature": self._signer.signature(message, version),
            "SigningCertURL": _host(message["TopicArn"]) + self._signer.path,
        }

    def _topic(self, topic_arn: str) -> Attributes:
        _, _, _, region, account, _ = topic_arn.split(":", 5)
        attributes: Attributes = self._inside(account, "sns", region).get_topic_attributes(TopicArn=topic_arn)[
            "Attributes"
        ]
        return attributes

    def _endpoints(self, topic_arn: str) -> Iterator[tuple[str, str, Attributes]]:
        """ARN, URL and attributes of each https subscription."""
        _, _, _, region, account, _ = topic_arn.split(":", 5)
        sns = self._inside(account, "sns", region)
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
            for item in page["Subscriptions"]:
                if item["Protocol"] == "https":
                    arn = item["SubscriptionArn"]
                    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
                    yield arn, item["Endpoint"], found

    def _keep(self, queue_arn: str, topic_arn: str, body: str) -> bool:
        """Put a message into a dead-letter queue, if the queue's policy lets SNS."""
        _, _, _, region, account, name = queue_arn.split(":", 5)
        sqs = self._inside(account, "sqs", region)
        call = ServiceCall(
            service="sns.amazonaws.com",
            action="sqs:SendMessage",
            resource=queue_arn,
            account=topic_arn.split(":")[4],
            source=topic_arn,
        )
        try:
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {})
            if refusal(attributes.get("Policy"), call):
                return False
            sqs.send_message(QueueUrl=url, MessageBody=body)
        except (ClientError, BotoCoreError):
            return False
        return True


def _host(topic_arn: str) -> str:
    region = topic_arn.split(":")[3]
    return f"https://sns.{region}.{partition_of(region).dns_suffix}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
