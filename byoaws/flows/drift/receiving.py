"""How received mail reaches the bucket: SES's receipt rule."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from byoaws.errors import NotFound
from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside, objects
from byoaws.lifecycle.comparison import NotKnown
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain
from byoaws.model import Json
from byoaws.templates.names import RECEIPT_RULE, SETUP

_OLDER = ("RuleName", "BucketName", "ObjectKeyPrefix")
_NEWER = ("NAME", "BUCKET", "PREFIX")
"""Where the rule's name and its place are said: in its properties, or in the settings of the function that makes it."""


def rows(world: World) -> Iterator[Row]:
    """Yield what the rule has become."""
    if RECEIPT_RULE in world.of_type("AWS::CloudFormation::CustomResource"):
        yield world.row("receipt-rule", RECEIPT_RULE, "ses:DescribeActiveReceiptRuleSet", partial(_rule, world))


def _wanted(world: World) -> dict[str, Any]:
    found = world.wanted(RECEIPT_RULE)
    if "RuleName" not in found:
        settings = inside(world.wanted(SETUP), dict, "Environment", "Variables") or {}
        found = {**found, **{key: settings.get(name) for key, name in zip(_OLDER, _NEWER, strict=True)}}
    if not all(isinstance(found.get(key), str) for key in _OLDER):
        raise NotKnown("RuleName", {key: found.get(key) for key in _OLDER})
    return dict(found)


def _rule(world: World, _: str) -> Iterator[str]:
    wanted = _wanted(world)
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
        raise NotKnown("Recipients", value)
    listed = value.split(",") if isinstance(value, str) else value or []
    return [item.strip() for item in listed if isinstance(item, str) and item.strip()]


def _stops(rule: Mapping[str, Json]) -> bool:
    return any("StopAction" in action or "BounceAction" in action for action in objects(rule, "Actions"))
