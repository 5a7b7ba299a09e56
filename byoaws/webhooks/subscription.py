"""The answer to SNS's question whether an endpoint wants a topic's messages."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from byoaws.errors import UsageError, WebhookForged
from byoaws.webhooks.aws_get import get
from byoaws.webhooks.certificates import sns_host
from byoaws.webhooks.sns import SnsMessage


def confirm_subscription(message: SnsMessage, *, fetch: Callable[[str], bytes] = get) -> None:
    """Open the SubscribeURL of a verified SubscriptionConfirmation, at SNS of the topic's region and nowhere else.

    Raises:
        UsageError: the message is no SubscriptionConfirmation.
        WebhookForged: the URL is not SNS's, or confirms another topic.
        WebhookUndecided: SNS did not confirm; a redirect is not followed.
    """
    if message.type != "SubscriptionConfirmation" or message.subscribe_url is None:
        raise UsageError(f"a message of type {message.type} asks for no confirmation")
    host = sns_host(message.topic_arn.split(":")[3])
    start = f"https://{host}/?"
    if not message.subscribe_url.startswith(start):
        raise WebhookForged(f"the SubscribeURL is not at {host}")
    pairs = parse_qsl(urlsplit(message.subscribe_url).query, keep_blank_values=True)
    asked = dict(pairs)
    is_ours = (asked.get("Action"), asked.get("TopicArn")) == ("ConfirmSubscription", message.topic_arn)
    # Of a name that occurs twice, SNS might take the other value.
    if not is_ours or len(asked) != len(pairs):
        raise WebhookForged("the SubscribeURL confirms something else than the message's topic")
    fetch(message.subscribe_url)
