"""The bucket that received mail lies in: who may read it, who hears of it, and how long it stays."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from byoaws.errors import AwsError
from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.comparison import NotKnown, differences, policy_differences, shown
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain
from byoaws.model import Json
from byoaws.templates.names import INBOUND_BUCKET

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
# S3 says NoSuchBucket for the bucket, and these for what it does not have.
_NONE = frozenset(
    {
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchBucketPolicy",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchLifecycleConfiguration",
    }
)


def rows(world: World) -> Iterator[Row]:
    """Yield what the bucket has become."""
    if INBOUND_BUCKET not in world.of_type("AWS::S3::Bucket"):
        return
    for what, permission, compare in _SUBJECTS:
        yield world.row(f"bucket-{what}", INBOUND_BUCKET, permission, partial(compare, world))
    for name in world.of_type("AWS::S3::BucketPolicy"):
        if world.wanted(name).get("Bucket") == world.ids.get(INBOUND_BUCKET):
            yield world.row("bucket-policy", INBOUND_BUCKET, "s3:GetBucketPolicy", partial(_policy, world, name))


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
    if not is_plain(held):
        raise NotKnown("NotificationConfiguration", held)
    wanted = [
        _notice(one.get("Function"), [one.get("Event")], objects(one, "Filter", "S3Key", "Rules"))
        for one in objects(held, "LambdaConfigurations")
    ]
    answer = _of_bucket(world, "get_bucket_notification_configuration", bucket)
    found = [
        _notice(one.get("LambdaFunctionArn"), one.get("Events"), objects(one, "Filter", "Key", "FilterRules"))
        for one in objects(answer, "LambdaFunctionConfigurations")
    ]
    yield from (f"it does not tell {_words(one)}" for one in wanted if one not in found)
    others = [_words(one) for one in found if one not in wanted]
    others += [
        key for key in ("TopicConfigurations", "QueueConfigurations", "EventBridgeConfiguration") if key in answer
    ]
    yield from (f"it also tells {other}" for other in others)


def _notice(function: Any, events: Any, rules: Iterable[Mapping[str, Json]]) -> tuple[Any, Any, list[Any]]:
    """Whom the bucket tells, of what, and of which keys, as both the template and S3 mean it."""
    return function, events, sorted((str(rule.get("Name")).lower(), str(rule.get("Value"))) for rule in rules)


def _words(notice: tuple[Any, Any, list[Any]]) -> str:
    function, events, keys = notice
    return f"{shown(function)} of {shown(events)} for {shown(keys) if keys else 'every key'}"


def _policy(world: World, name: str, bucket: str) -> list[str]:
    found = inside(_of_bucket(world, "get_bucket_policy", bucket), str, "Policy") or "{}"
    return policy_differences(world.wanted(name).get("PolicyDocument"), found)


def _kept(world: World, bucket: str) -> Iterator[str]:
    if "LifecycleConfiguration" in world.wanted(INBOUND_BUCKET):
        raise NotKnown("LifecycleConfiguration")  # ours has none
    for rule in objects(_of_bucket(world, "get_bucket_lifecycle_configuration", bucket), "Rules"):
        ends = [key for key in _ENDS if key in rule]
        if inside(rule, str, "Status") == "Enabled" and ends:
            yield f"lifecycle rule '{shown(rule.get('ID'))}' takes mail away: {', '.join(ends)}"


_ENDS = ("Expiration", "NoncurrentVersionExpiration", "Transitions", "NoncurrentVersionTransitions")
"""What makes mail unreadable in the end; other rules only tidy up."""
_SUBJECTS: tuple[tuple[str, str, Callable[[World, str], Iterable[str]]], ...] = (
    ("public-access", "s3:GetBucketPublicAccessBlock", _public),
    ("encryption", "s3:GetEncryptionConfiguration", _encrypted),
    ("notification", "s3:GetBucketNotification", _told),
    ("lifecycle", "s3:GetLifecycleConfiguration", _kept),
)
