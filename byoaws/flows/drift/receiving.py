"""How received mail reaches the bucket: SES's rule, and the bucket itself."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from byoaws.errors import AwsError, NotFound
from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.comparison import NotKnown, differences, policy_differences
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain
from byoaws.model import Json
from byoaws.templates.names import INBOUND_BUCKET

_RULE = "AWS::CloudFormation::CustomResource"
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
# S3 says NoSuchBucket for the bucket, and these for what it does not have.
_NONE = frozenset(
    {"NoSuchPublicAccessBlockConfiguration", "NoSuchBucketPolicy", "ServerSideEncryptionConfigurationNotFoundError"}
)


def rows(world: World) -> Iterator[Row]:
    """Yield what the rule and the bucket have become."""
    for name in world.of_type(_RULE):
        if {"RuleName", "BucketName"} <= world.wanted(name).keys():
            yield world.row("receipt-rule", name, "ses:DescribeActiveReceiptRuleSet", partial(_rule, world, name))
    if INBOUND_BUCKET not in world.of_type("AWS::S3::Bucket"):
        return
    yield world.row("bucket-public-access", INBOUND_BUCKET, "s3:GetBucketPublicAccessBlock", partial(_public, world))
    yield world.row("bucket-encryption", INBOUND_BUCKET, "s3:GetEncryptionConfiguration", partial(_encrypted, world))
    yield world.row("bucket-notification", INBOUND_BUCKET, "s3:GetBucketNotification", partial(_told, world))
    for name in world.of_type("AWS::S3::BucketPolicy"):
        if world.wanted(name).get("Bucket") == world.ids.get(INBOUND_BUCKET):
            yield world.row("bucket-policy", INBOUND_BUCKET, "s3:GetBucketPolicy", partial(_policy, world, name))


def _rule(world: World, name: str, _: str) -> Iterator[str]:
    wanted = world.wanted(name)
    if not is_plain({key: wanted.get(key) for key in ("RuleName", "BucketName", "ObjectKeyPrefix")}):
        raise NotKnown("RuleName")
    active = world.reader.ask("ses", "describe_active_receipt_rule_set")
    rule_set = inside(active, str, "Metadata", "Name")
    rules = list(objects(active, "Rules"))
    names = [inside(rule, str, "Name") for rule in rules]
    if wanted["RuleName"] not in names:
        raise NotFound(f"the active rule set ({rule_set or 'none'}) has no rule '{wanted['RuleName']}'")
    here = names.index(wanted["RuleName"])
    yield from _is_as_wanted(rules[here], wanted)
    for before in rules[:here]:
        if inside(before, bool, "Enabled") and not inside(before, list, "Recipients") and _stops(before):
            yield f"rule '{inside(before, str, 'Name')}' before it ends every message"


def _is_as_wanted(rule: Mapping[str, Json], wanted: Mapping[str, Any]) -> Iterator[str]:
    if inside(rule, bool, "Enabled") is not True:
        yield "the rule is switched off: no mail comes"
    actions = list(objects(rule, "Actions"))
    places = [
        (inside(action, str, "S3Action", "BucketName"), inside(action, str, "S3Action", "ObjectKeyPrefix"))
        for action in actions
        if "S3Action" in action
    ]
    place = (wanted["BucketName"], wanted.get("ObjectKeyPrefix"))
    if place not in places:
        yield f"it stores mail in {places or 'no bucket'}, not in {place[0]}/{place[1] or ''}"
    more = sorted(key for action in actions for key in action if key != "S3Action") + ["S3Action"] * (len(places) - 1)
    if more:
        yield f"it has further actions: {', '.join(more)}"
    recipients = _recipients(wanted.get("Recipients"))
    found = [item for item in inside(rule, list, "Recipients") or () if isinstance(item, str)]
    # Empty in a foreign rule set is nobody, which the stack's function writes so.
    if sorted(found) != sorted(recipients) and not (not recipients and found == ["no-recipient-yet.invalid"]):
        yield f"it is for {', '.join(found) or 'everybody'}, not for {', '.join(recipients) or 'everybody'}"


def _recipients(value: Any) -> list[str]:
    if not is_plain(value):
        raise NotKnown("Recipients")
    listed = value.split(",") if isinstance(value, str) else value or []
    return [item.strip() for item in listed if isinstance(item, str) and item.strip()]


def _stops(rule: Mapping[str, Json]) -> bool:
    return any("StopAction" in action or "BounceAction" in action for action in objects(rule, "Actions"))


def _of_bucket(world: World, operation: str, bucket: str) -> Mapping[str, Json]:
    """What S3 says of a bucket; empty where it says that there is no such thing."""
    try:
        return world.reader.ask("s3", operation, Bucket=bucket, ExpectedBucketOwner=world.connection.account_id)
    except AwsError as error:
        if error.code in _NONE:
            return {}
        raise


def _public(world: World, bucket: str) -> list[str]:
    wanted = world.wanted(INBOUND_BUCKET).get("PublicAccessBlockConfiguration") or {}
    found = inside(_of_bucket(world, "get_public_access_block", bucket), dict, "PublicAccessBlockConfiguration") or {}
    return differences({name: wanted[name] for name in _BLOCKS if name in wanted}, found)


def _encrypted(world: World, bucket: str) -> Iterator[str]:
    answer = _of_bucket(world, "get_bucket_encryption", bucket)
    rules = list(objects(answer, "ServerSideEncryptionConfiguration", "Rules"))
    found = [inside(rule, str, "ApplyServerSideEncryptionByDefault", "SSEAlgorithm") for rule in rules]
    held = world.wanted(INBOUND_BUCKET).get("BucketEncryption") or {}
    wanted = [
        inside(rule, str, "ServerSideEncryptionByDefault", "SSEAlgorithm")
        for rule in objects(held, "ServerSideEncryptionConfiguration")
    ]
    if wanted and found != wanted:
        yield f"it is encrypted by {', '.join(map(str, found)) or 'nothing'}, not by {', '.join(map(str, wanted))}"


def _told(world: World, bucket: str) -> Iterator[str]:
    held = world.wanted(INBOUND_BUCKET).get("NotificationConfiguration") or {}
    wanted = [one.get("Function") for one in objects(held, "LambdaConfigurations")]
    if not is_plain(wanted):
        raise NotKnown("NotificationConfiguration")
    answer = _of_bucket(world, "get_bucket_notification_configuration", bucket)
    found = [inside(one, str, "LambdaFunctionArn") for one in objects(answer, "LambdaFunctionConfigurations")]
    for arn in wanted:
        if arn not in found:
            yield f"it does not tell {arn} of new mail"
    others = [*(arn for arn in found if arn not in wanted)]
    others += [
        key for key in ("TopicConfigurations", "QueueConfigurations", "EventBridgeConfiguration") if key in answer
    ]
    if others:
        yield f"it also tells {', '.join(map(str, others))} of new mail"


def _policy(world: World, name: str, bucket: str) -> list[str]:
    found = inside(_of_bucket(world, "get_bucket_policy", bucket), str, "Policy") or "{}"
    return policy_differences(world.wanted(name).get("PolicyDocument"), found)
