"""Whose a post says it is, before anything is proven: where one URL serves all connections.

What these return finds the connection to verify against, and is good for nothing else. A forger may write any of it; a
post is refused unless the connection that was found proves it.
"""

import re
from dataclasses import dataclass

from byoaws.errors import WebhookMalformed
from byoaws.webhooks import forwarder, sns
from byoaws.webhooks.documents import json_object, text_of, within

_TOPIC = re.compile(r"arn:[a-z-]+:sns:(?P<region>[a-z0-9-]{1,32}):(?P<account>[0-9]{12}):[\w-]{1,256}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidTopic:
    """The topic that a post says it comes from."""

    arn: str
    account_id: str
    region: str


def said_connection(body: bytes, *, most_bytes: int = forwarder.MOST_BYTES) -> str:
    """Return the id of the connection that the forwarder's post names; then `verify_forwarder` with just that one.

    Raises:
        WebhookTooLarge, WebhookMalformed: as `verify_forwarder`.
    """
    what = "the forwarder's post"
    return text_of(json_object(within(body, most_bytes), what), "connection_id", what)


def said_topic(body: bytes) -> SaidTopic:
    """Return the topic that a post of SNS names; then `verify_sns` with a connection in its account and region.

    Raises:
        WebhookTooLarge, WebhookMalformed: as `verify_sns`.
    """
    what = "the post"
    arn = text_of(json_object(within(body, sns.MOST_BYTES), what), "TopicArn", what)
    found = _TOPIC.fullmatch(arn)
    if found is None:
        raise WebhookMalformed(f"{what} has a 'TopicArn' that is none")
    return SaidTopic(arn=arn, account_id=found["account"], region=found["region"])
