"""Whether a Mail Manager pipeline passes on mail for anybody: an open relay, which spammers find within days."""

from collections.abc import Iterator, Sequence
from typing import Any

from byoaws.pipeline import Given, Kind, Pipeline, Properties

_PASSING_ON = ("Relay", "Send")
_NARROW = ("EQUALS", "ENDS_WITH")


def open_relays(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    """Yield each open, public ingress point with the rule set that passes on what it lets in for any recipient."""
    for name, point in pipeline.parts[Kind.INGRESS_POINT].items():
        policy = pipeline.parts[Kind.TRAFFIC_POLICY][point["TrafficPolicyId"].name]
        rule_set = point["RuleSetId"].name
        public = point["Type"] == "OPEN" and "PublicNetworkConfiguration" in point["NetworkConfiguration"]
        if public and _lets_in_for_anybody(policy) and _passes_on(pipeline.parts[Kind.RULE_SET][rule_set]):
            yield name, rule_set


def _lets_in_for_anybody(policy: Properties) -> bool:
    allowed = [one for one in policy["PolicyStatements"] if one["Action"] == "ALLOW"]
    return policy["DefaultAction"] == "ALLOW" or not all(_is_narrow(one["Conditions"]) for one in allowed)


def _passes_on(rule_set: Properties) -> bool:
    return any(
        any(key in _PASSING_ON for action in rule["Actions"] for key in action) and not _is_narrow(_conditions(rule))
        for rule in rule_set["Rules"]
    )


def _conditions(rule: Properties) -> Sequence[Any]:
    found: Sequence[Any] = rule.get("Conditions", [])
    return found


def _is_narrow(conditions: Sequence[Any]) -> bool:
    """True if all must hold and one of them says for whom the mail is."""
    return any(_names_recipients(condition) for condition in conditions)


def _names_recipients(condition: Any) -> bool:
    string, boolean = condition.get("StringExpression"), condition.get("BooleanExpression")
    if string:
        named = string["Evaluate"].get("Attribute") == "RECIPIENT" and string["Operator"] in _NARROW
        return named and _are_narrow(string["Values"], string["Operator"])
    if not boolean or boolean["Operator"] != "IS_TRUE":
        return False
    return bool(boolean["Evaluate"].get("IsInAddressList", {}).get("Attribute") == "RECIPIENT")


def _are_narrow(values: Any, operator: str) -> bool:
    if not isinstance(values, list | tuple):  # a parameter, or InboundRecipients
        return values is not Given.RECIPIENT_ADDRESSES or operator == "EQUALS"
    # Without the @, the end of an address is the end of strangers' domains, too.
    return operator == "EQUALS" or all(not isinstance(one, str) or "@" in one for one in values)
