"""SNS topics that SES is to publish to and cannot, and subscriptions that make SNS's signature worthless.

Sources: SES developer guide, "Setting up Amazon SNS notifications": a key managed by AWS has a policy that leaves SES
out, and FIFO topics are not supported; SNS developer guide, "Raw message delivery" (no envelope, so no signature).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.worlds.expressions import canonical
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.walk import Mistake, Spot, mistakes_in, named

_TOPIC = "AWS::SNS::Topic"
_SUBSCRIPTION = "AWS::SNS::Subscription"
_MANAGED_KEY = "alias/aws/sns"
_SERVICE = "ses.amazonaws.com"
# Through a key managed by AWS a Mail Manager role can publish; these speak for SES itself.
_PUBLISHERS = ("AWS::SES::ConfigurationSetEventDestination", "AWS::SES::ReceiptRule")
_SIGNED = ("http", "https")


def closed_topics(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the topics that SES is to publish to and that refuse it without a word."""
    used = _published_to(template)

    def look(name: str, spot: Spot) -> Iterator[Mistake]:
        if name not in used:
            return
        key, fifo = spot.at("KmsMasterKeyId"), spot.at("FifoTopic")
        if not key.is_absent and (key.whole() or "").endswith(_MANAGED_KEY):
            yield Mistake(
                path=key.path,
                message=f"topic '{name}' has AWS's own key for SNS, which SES cannot use: no event ever arrives",
            )
        if not fifo.is_absent and str(fifo.value()).lower() == "true":
            yield Mistake(
                path=fifo.path,
                message=f"topic '{name}' is a FIFO topic, which SES cannot publish to",
                fix="use a standard topic",
            )

    return mistakes_in(template, [_TOPIC], look) if used else []


def _published_to(template: Mapping[str, Any]) -> set[str]:
    """Return the names that SES's resources, and topic policies for SES, refer to as topics."""
    found: set[str] = set()
    for name in named(template, *_PUBLISHERS):
        found.update(_topics_below(template["Resources"][name].get("Properties")))
    for name in named(template, "AWS::SNS::TopicPolicy"):
        written = template["Resources"][name].get("Properties")
        if isinstance(written, Mapping) and _SERVICE in canonical(written.get("PolicyDocument")):
            found.update(mentions(written.get("Topics")))
    return found


def _topics_below(written: Any) -> Iterator[str]:
    if isinstance(written, Mapping):
        for key, value in written.items():
            yield from mentions(value) if str(key).lower() == "topicarn" else _topics_below(value)
    elif isinstance(written, list):
        for value in written:
            yield from _topics_below(value)


def untrusted_posts(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the subscriptions over plain HTTP, and those to a web address whose messages carry no signature."""
    return mistakes_in(template, [_SUBSCRIPTION, _TOPIC], _untrusted)


def _untrusted(name: str, spot: Spot) -> Iterator[Mistake]:
    for one in (spot, *spot.at("Subscription").items()):
        protocol = one.at("Protocol")
        kind = None if protocol.is_absent else protocol.text()
        raw = one.at("RawMessageDelivery")
        if kind == "http":
            yield Mistake(
                path=protocol.path,
                message=f"'{name}' has SNS post over plain HTTP: everyone on the way reads the messages",
            )
        if kind in _SIGNED and not raw.is_absent and str(raw.value()).lower() == "true":
            yield Mistake(
                path=raw.path,
                message=f"'{name}' has SNS post raw messages, which carry no signature: anybody can post the same",
                fix="take RawMessageDelivery out, and verify the signature of what arrives",
            )
