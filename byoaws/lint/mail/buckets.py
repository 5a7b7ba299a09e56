"""Buckets that SES is to write to before it may.

`CreateReceiptRule` writes a test object, so the bucket's policy must be there first; CloudFormation sees no reason to
wait for it. Sources: SES developer guide, "Giving permissions to Amazon SES for email receiving"; aws-cdk#3726, #30143.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.iam.patterns import alike
from byoaws.lint.mail.receipt_rules import KIND
from byoaws.lint.worlds.expand import OPAQUE, World
from byoaws.lint.worlds.order import Order
from byoaws.lint.worlds.walk import Mistake, Spot, has_macros, made, mistakes_in, properties

_BUCKET = "AWS::S3::Bucket"
_POLICY = "AWS::S3::BucketPolicy"
_SERVICE = "ses.amazonaws.com"


def unwritable_buckets(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the S3 actions that SES refuses; those with a role of their own need no policy and are left alone."""
    order = Order(template)
    hidden = has_macros(template)

    def look(name: str, spot: Spot) -> Iterator[Mistake]:
        for action in spot.at("Rule", "Actions").items():
            target = action.at("S3Action")
            if target.is_object and target.at("IamRoleArn").is_absent:
                yield from _judge(name, target.at("BucketName"), order, hidden=hidden)

    return mistakes_in(template, [KIND], look)


def _judge(rule: str, target: Spot, order: Order, *, hidden: bool) -> Iterator[Mistake]:
    world, value = target.world, target.whole()
    if value is None:
        return
    owners = {bucket: names for bucket in made(world, _BUCKET) if (names := _names(world, bucket))}
    bucket = next((name for name, names in owners.items() if value in names), None)
    aliases = owners[bucket] if bucket else {value}
    policies, unclear = _policies(world, aliases, owners)
    if bucket and _locks(world, bucket):
        yield Mistake(
            path=target.path,
            message=f"receipt rule '{rule}': SES cannot write to bucket '{bucket}', which locks new objects by default",
            fix="take DefaultRetention out of the bucket's ObjectLockConfiguration",
        )
    if not policies and bucket and not unclear and not hidden:
        yield Mistake(
            path=target.path,
            message=f"receipt rule '{rule}' stores mail in '{bucket}', which has no bucket policy: SES cannot write",
            fix=f"add an AWS::S3::BucketPolicy that allows {_SERVICE} 's3:PutObject', and a DependsOn on it here",
        )
    if not policies:
        return
    verdicts = [_verdict(policy, aliases) for policy in policies.values()]
    if all(verdicts) and not unclear:
        yield Mistake(path=target.path, message=f"receipt rule '{rule}': {verdicts[0]}: SES cannot write")
    elif not order.before(rule) & policies.keys():
        policy = next(iter(policies))
        yield Mistake(
            path=target.path,
            message=f"receipt rule '{rule}' may be made before bucket policy '{policy}': SES's test write fails",
            fix=f"add 'DependsOn: {policy}' to '{rule}'",
        )


def _names(world: World, bucket: str) -> set[str]:
    """Return what a bucket may be called by: its `Ref`, and its name."""
    spot = properties(world, bucket)
    given = spot.at("BucketName").whole() if spot else None
    return {world.opaque({"Ref": bucket}), *([given] if given else [])}


def _policies(world: World, aliases: set[str], owners: Mapping[str, set[str]]) -> tuple[dict[str, Spot], bool]:
    """Return the policies of the bucket, and True if it is unclear whose another one is."""
    found, unclear = {}, False
    others = {name for names in owners.values() for name in names} - aliases
    for name in made(world, _POLICY):
        policy = properties(world, name)
        value = policy.at("Bucket").whole() if policy else None
        if policy and value in aliases:
            found[name] = policy
        elif value is None or (OPAQUE.search(value) and value not in others):
            unclear = True
    return found, unclear


def _locks(world: World, bucket: str) -> bool:
    spot = properties(world, bucket)
    return bool(spot and spot.at("ObjectLockConfiguration", "Rule", "DefaultRetention").is_object)


def _verdict(policy: Spot, aliases: set[str]) -> str:
    """Say why a policy does not let SES write; empty if it does, or may."""
    name = policy.path[1]
    document = policy.at("PolicyDocument")
    if not document.is_object:
        return ""
    for_objects = False
    for statement in document.at("Statement").items():
        if not statement.is_object:
            return ""
        if _allows(statement):
            for_objects = True
            if not _only_bucket(statement, aliases):
                return ""
    if for_objects:
        return f"bucket policy '{name}' names the bucket, not the objects in it ('.../*')"
    return f"bucket policy '{name}' does not allow {_SERVICE} 's3:PutObject'"


def _allows(statement: Spot) -> bool:
    if statement.at("Effect").text() == "Deny":
        return False
    actions = [str(item.value()) for item in statement.at("Action").items()]
    allowed = not actions or any(alike(OPAQUE.sub("*", one.lower()), "s3:putobject") for one in actions)
    return allowed and _names_ses(statement)


def _names_ses(statement: Spot) -> bool:
    principal = statement.at("Principal")
    if principal.is_absent or not principal.is_object:
        return True
    named_ones = [item.value() for kind in ("Service", "AWS") for item in principal.at(kind).items()]
    return any(one in ("*", _SERVICE) or OPAQUE.search(str(one)) for one in named_ones)


def _only_bucket(statement: Spot, aliases: set[str]) -> bool:
    """True if the statement surely speaks of the bucket itself, not of objects."""
    arns = [
        statement.world.names.get(str(item.value()), str(item.value())) for item in statement.at("Resource").items()
    ]
    return bool(arns) and all(
        (arn.startswith("${") and arn.endswith(".Arn}")) or (":s3:::" in arn and arn.rpartition(":")[2] in aliases)
        for arn in arns
    )
