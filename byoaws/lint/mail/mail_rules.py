"""Rules of Mail Manager that cannot do what they say.

Sources: botocore's service model `mailmanager`: `Drop` stops the processing of a message, rules run in order, and
`S3Bucket` has at most 62 characters, one less than S3 permits.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.worlds.expand import OPAQUE
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.references import referred
from byoaws.lint.worlds.walk import Mistake, Path, Spot, mistakes_in, named
from byoaws.regions import sending_regions

RULE_SET = "AWS::SES::MailManagerRuleSet"
_BUCKET = "AWS::S3::Bucket"
_LONGEST_BUCKET = 62
_REGION = re.compile(r"\$\{\s*AWS::Region\s*\}")


def after_drop(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the actions and rules that come after one that drops every message; one mistake for each place."""
    found = []
    for name in named(template, RULE_SET):
        properties = template["Resources"][name].get("Properties")
        rules = properties.get("Rules") if isinstance(properties, Mapping) else None
        if isinstance(rules, list):
            found += list(_after_drop(rules, ("Resources", name, "Properties", "Rules")))
    return found


def _after_drop(rules: list[Any], path: Path) -> Iterator[Mistake]:
    for index, rule in enumerate(rules):
        actions = rule.get("Actions") if isinstance(rule, Mapping) else None
        if not isinstance(actions, list):
            continue
        drops = [at for at, action in enumerate(actions) if isinstance(action, Mapping) and set(action) == {"Drop"}]
        if not drops:
            continue
        if drops[0] + 1 < len(actions):
            message = "this action never runs: the rule drops the message before it"
            yield Mistake(path=(*path, index, "Actions", drops[0] + 1), message=message)
        if not rule.get("Conditions") and not rule.get("Unless") and index + 1 < len(rules):
            message = f"this rule never runs: {_name(rule, index)} drops every message before it"
            yield Mistake(path=(*path, index + 1), message=message)
            return


def _name(rule: Mapping[str, Any], index: int) -> str:
    name = rule.get("Name")
    return f"rule '{name}'" if isinstance(name, str) else f"rule {index + 1}"


def long_bucket_names(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the buckets to write to whose name is too long for Mail Manager in some region."""
    longest = max(sending_regions(), key=len)

    def look(_: str, spot: Spot) -> Iterator[Mistake]:
        for bucket in _buckets(spot):
            here, there = _length(bucket, None), _length(bucket, longest)
            # What is too long in every region is told by the rule about shapes, where it is written in the action.
            is_told = bucket.path[-1] == "S3Bucket" and here > _LONGEST_BUCKET
            if there > _LONGEST_BUCKET and not is_told:
                where = f" in region '{longest}'" if here <= _LONGEST_BUCKET else ""
                message = f"the bucket's name has {there} characters{where}; Mail Manager writes to names of at most 62"
                yield Mistake(path=bucket.path, message=message)

    return list({one.path: one for one in mistakes_in(template, [RULE_SET], look)}.values())


def _buckets(spot: Spot) -> Iterator[Spot]:
    """Yield where the names of buckets are written: in the actions, or at the buckets that the actions refer to."""
    for rule in spot.at("Rules").items():
        for action in rule.at("Actions").items():
            bucket = action.at("WriteToS3", "S3Bucket")
            name, attribute = referred(bucket.written)
            resource = spot.world.section("Resources").get(name)
            if not attribute and isinstance(resource, Mapping) and resource.get("Type") == _BUCKET:
                bucket = Spot(spot.world, resource, ("Resources", name)).at("Properties", "BucketName")
            if not bucket.is_absent:
                yield bucket


def _length(bucket: Spot, region: str | None) -> int:
    """Return how long a name is in a region; 0 where a part of it is chosen by somebody, or known to AWS only."""
    parameters = bucket.world.section("Parameters")
    if any(name in parameters for name in mentions(bucket.written)):
        return 0
    value = bucket.world.value(_in_region(bucket.written, region) if region else bucket.written)
    return len(value) if isinstance(value, str) and not OPAQUE.search(value) else 0


def _in_region(written: Any, region: str) -> Any:
    if isinstance(written, str):
        return _REGION.sub(region, written)
    if isinstance(written, list):
        return [_in_region(one, region) for one in written]
    if isinstance(written, Mapping):
        if written.get("Ref") == "AWS::Region":
            return region
        return {key: _in_region(one, region) for key, one in written.items()}
    return written
