"""What is asked of S3 about the stack's bucket. Each call names the account that must own it: S3 refuses others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from byoaws.aws.fields import Answer, items, optional, required, structure, texts, unusable
from byoaws.aws.question import Question

T = TypeVar("T")

BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
"""The four parts of a public access block."""

NONE_OF_IT = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
"""Codes by which S3 says that a bucket has no such setting; `NoSuchBucket` is that there is no bucket."""

# What makes mail unreadable in the end; other rules only tidy up. Source: S3 API reference, LifecycleRule.
_ENDS = ("Expiration", "NoncurrentVersionExpiration", "Transitions", "NoncurrentVersionTransitions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One function that a bucket tells of what happens in it."""

    function: str
    """Its ARN."""
    events: frozenset[str]
    """For example `s3:ObjectCreated:*`."""
    keys: tuple[tuple[str, str], ...]
    """Kind (prefix or suffix) and value that keys must have; empty for every key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """A rule by which objects go away by themselves."""

    name: str
    enabled: bool
    prefix: str
    """Of the keys that it is for; empty for every key, or where it goes by tags or sizes as well."""
    ends: tuple[str, ...]
    """What it does that takes an object away."""


def bucket_policy(bucket: str, owner: str) -> Question[str]:
    """The bucket's policy, as JSON."""
    return _question("GetBucketPolicy", bucket, owner, _policy_of)


def public_access_block(bucket: str, owner: str) -> Question[frozenset[str]]:
    """Which of `BLOCKS` are on."""
    return _question("GetPublicAccessBlock", bucket, owner, _blocks_of, iam="s3:GetBucketPublicAccessBlock")


def encryption(bucket: str, owner: str) -> Question[tuple[str, ...]]:
    """By what new objects are encrypted: `AES256`, `aws:kms`, ..."""
    return _question("GetBucketEncryption", bucket, owner, _algorithms_of, iam="s3:GetEncryptionConfiguration")


def notices(bucket: str, owner: str) -> Question[tuple[Notice, ...]]:
    """Which functions hear of new objects."""
    return _question("GetBucketNotificationConfiguration", bucket, owner, _notices_of, iam="s3:GetBucketNotification")


def lifecycles(bucket: str, owner: str) -> Question[tuple[Lifecycle, ...]]:
    """By which rules objects go away."""
    return _question(
        "GetBucketLifecycleConfiguration", bucket, owner, _lifecycles_of, iam="s3:GetLifecycleConfiguration"
    )


def _question(
    operation: str, bucket: str, owner: str, read: Callable[[Mapping[str, Any], str], T], iam: str = ""
) -> Question[T]:
    request = {"Bucket": bucket, "ExpectedBucketOwner": owner}
    return Question(service="s3", operation=operation, request=request, read=read, iam=iam)


def _policy_of(answer: Answer, operation: str) -> str:
    return required(answer, "Policy", operation)


def _blocks_of(answer: Answer, operation: str) -> frozenset[str]:
    held = structure(answer, "PublicAccessBlockConfiguration", operation)
    return frozenset(name for name in BLOCKS if optional(held, name, bool, operation))


def _algorithms_of(answer: Answer, operation: str) -> tuple[str, ...]:
    held = structure(answer, "ServerSideEncryptionConfiguration", operation)
    chosen = (structure(rule, "ApplyServerSideEncryptionByDefault", operation) for rule in _rules_of(held, operation))
    return tuple(required(one, "SSEAlgorithm", operation) for one in chosen if one)


def _notices_of(answer: Answer, operation: str) -> tuple[Notice, ...]:
    return tuple(_notice_of(one, operation) for one in items(answer, "LambdaFunctionConfigurations", operation))


def _notice_of(one: Mapping[str, Any], operation: str) -> Notice:
    rules = items(structure(structure(one, "Filter", operation), "Key", operation), "FilterRules", operation)
    return Notice(
        function=required(one, "LambdaFunctionArn", operation),
        events=frozenset(texts(one, "Events", operation)),
        keys=tuple(
            (required(rule, "Name", operation).lower(), optional(rule, "Value", str, operation) or "") for rule in rules
        ),
    )


def _lifecycles_of(answer: Answer, operation: str) -> tuple[Lifecycle, ...]:
    return tuple(_lifecycle_of(rule, operation) for rule in _rules_of(answer, operation))


def _rules_of(answer: Answer, operation: str) -> list[Mapping[str, Any]]:
    """What it sets, at least one rule: that there is none, S3 says by an error."""
    found = list(items(answer, "Rules", operation))
    if not found:
        raise unusable(operation, "Rules is missing")
    return found


def _lifecycle_of(rule: Mapping[str, Any], operation: str) -> Lifecycle:
    # Prefix stands in the rule (deprecated), in its filter, or in the filter's `And`.
    chosen = structure(rule, "Filter", operation)
    narrower = structure(chosen, "And", operation)
    found = [optional(where, "Prefix", str, operation) for where in (rule, chosen, narrower)]
    return Lifecycle(
        name=optional(rule, "ID", str, operation) or "",
        enabled=required(rule, "Status", operation) == "Enabled",
        prefix=next(filter(None, found), ""),
        ends=tuple(name for name in _ENDS if _takes_away(rule.get(name))),
    )


def _takes_away(what: object) -> bool:
    """An expiration that only removes delete markers takes no mail away."""
    return bool(what) and not (isinstance(what, dict) and set(what) == {"ExpiredObjectDeleteMarker"})
