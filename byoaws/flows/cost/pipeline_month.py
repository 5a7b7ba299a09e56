"""What a Mail Manager pipeline uses in a month, as upper bounds: which rule meets which message nobody can know."""

from collections.abc import Iterator
from decimal import Decimal

from byoaws.facts.estimate import EXACT
from byoaws.pipeline import Given, Kind, Pipeline

MESSAGES = {"essentials": "mail-manager-message-essentials", "a-la-carte": "mail-manager-message"}
"""SES's pricing plan to the name of its price for a message that Mail Manager handles."""
_ELSEWHERE = {
    "Relay": "relays to other servers (their own price, if any)",
    "Send": "mail that rules send on (as mail sent)",
    "Bounce": "bounces that rules send (as mail sent)",
    "PublishToSns": "messages that rules publish to SNS topics",
    "InvokeLambda": "functions of the customer's that rules call",
    "DeliverToMailbox": "WorkMail",
    "DeliverToQBusiness": "Amazon Q Business",
}
"""Kinds of action to what they cost elsewhere."""


def kept_copies(pipeline: Pipeline) -> int:
    """How often a message is written to the stack's bucket at the most."""
    return sum(action["S3Bucket"] is Given.BUCKET for action in pipeline.actions("WriteToS3"))


def forwarded_copies(pipeline: Pipeline) -> int:
    """How often a message is written where the forwarder sees it, at the most."""
    own = [action for action in pipeline.actions("WriteToS3") if action["S3Bucket"] is Given.BUCKET]
    # Where the prefix is left out, it is the forwarder's.
    return sum("S3Prefix" not in action or str(action["S3Prefix"]).startswith("inbound/") for action in own)


def _archived_copies(pipeline: Pipeline) -> int:
    return len({action["TargetArchive"] for action in pipeline.actions("Archive")})


def used(pipeline: Pipeline, messages: Decimal, gigabytes: Decimal, plan: str) -> Iterator[tuple[str, Decimal]]:
    """Names of prices, and how much of each is used, but for what the bucket costs.

    Args:
        messages: Received in a month.
        gigabytes: Of all of them together.
        plan: SES's pricing plan.
    """
    yield "mail-manager-endpoint", Decimal(len(pipeline.parts[Kind.INGRESS_POINT]))
    yield MESSAGES[plan], messages
    if copies := _archived_copies(pipeline):
        yield "archive-ingestion", EXACT.multiply(gigabytes, Decimal(copies))
        yield "archive-storage", EXACT.multiply(gigabytes, Decimal(copies))


def assumed(pipeline: Pipeline) -> Iterator[str]:
    """Say what the quantities rest on."""
    yield "each received e-mail is let in once, and every rule meets it (an upper bound)"
    if _archived_copies(pipeline):
        yield "an archive keeps mail for the whole month; what is kept longer costs its storage again every month"


def not_counted(pipeline: Pipeline) -> Iterator[str]:
    """Say what may be on the bill as well."""
    if named := [what for kind, what in _ELSEWHERE.items() if pipeline.actions(kind)]:
        yield "what rules do elsewhere: " + "; ".join(named)
    if any(action["S3Bucket"] is not Given.BUCKET for action in pipeline.actions("WriteToS3")):
        yield "mail that rules write to other buckets"
    if addons := list(pipeline.parts[Kind.ADDON]):
        yield f"add-ons, each with its maker's price per message: {', '.join(addons)}"
