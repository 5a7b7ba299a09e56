"""What SES refuses in an event destination, and CloudFormation's schema lets through.

Sources: SES API v2, EventDestinationDefinition ("in the context of a single destination") and EventType; upper and
lower case spellings are both accepted since 2025-03 (CloudFormation coverage roadmap #2130).
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.worlds.expressions import shown
from byoaws.lint.worlds.walk import Mistake, Spot, is_reference, mistakes_in

_KIND = "AWS::SES::ConfigurationSetEventDestination"
_LOWER = (
    "send",
    "reject",
    "bounce",
    "complaint",
    "delivery",
    "open",
    "click",
    "renderingFailure",
    "deliveryDelay",
    "subscription",
)
_UPPER = (
    "SEND",
    "REJECT",
    "BOUNCE",
    "COMPLAINT",
    "DELIVERY",
    "OPEN",
    "CLICK",
    "RENDERING_FAILURE",
    "DELIVERY_DELAY",
    "SUBSCRIPTION",
)
_MEANT = {"".join(filter(str.isalpha, name.lower())): (name, upper) for name, upper in zip(_LOWER, _UPPER, strict=True)}
_DESTINATION = "Destination"
_DEFAULT_BUS = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"


def misspelt_types(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the event types that SES does not know, one mistake each."""
    return mistakes_in(template, [_KIND], _misspelt)


def _misspelt(name: str, spot: Spot) -> Iterator[Mistake]:
    types = spot.at("EventDestination", "MatchingEventTypes")
    for item in types.items():
        text = item.text()
        if text is None or text in _LOWER or text in _UPPER:
            continue
        source = f" (from {shown(types.written)})" if is_reference(types.written) else ""
        yield Mistake(
            path=item.path,
            message=f"event destination '{name}': SES knows no event type '{text}'{source}",
            fix=_proposal(text),
        )


def _proposal(text: str) -> str:
    close = difflib.get_close_matches("".join(filter(str.isalpha, text.lower())), _MEANT, 1, 0.6)
    if not close:
        return f"use one of {', '.join(_UPPER)}"
    lower, upper = _MEANT[close[0]]
    return f"write '{lower}'" if text[:1].islower() else f"write '{upper}'"


def refused_destinations(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the event destinations that lead to no place, to two, or to a bus that SES does not write to."""
    return mistakes_in(template, [_KIND], _refused)


def _refused(name: str, spot: Spot) -> Iterator[Mistake]:
    holder = spot.at("EventDestination")
    if not holder.is_object:
        return
    places = [key for key in holder.entries() if key.endswith(_DESTINATION)]
    if not places:
        yield Mistake(path=holder.path, message=f"event destination '{name}' leads nowhere: SES refuses it")
    for extra in places[1:]:
        yield Mistake(
            path=(*holder.path, extra),
            message=f"event destination '{name}' has {extra} besides {places[0]}; SES takes one",
            fix=f"give {extra} an event destination of its own",
        )
    bus = holder.at("EventBridgeDestination", "EventBusArn")
    if _is_custom_bus(bus):
        yield Mistake(
            path=bus.path,
            message=f"event destination '{name}': SES sends events to the account's default bus only",
            fix=f"name the default bus: '!Sub {_DEFAULT_BUS}'",
        )


def _is_custom_bus(bus: Spot) -> bool:
    if bus.is_absent:
        return False
    buses = [
        bus.world.opaque({"Fn::GetAtt": [name, "Arn"]})
        for name, one in bus.world.section("Resources").items()
        if isinstance(one, Mapping) and one.get("Type") == "AWS::Events::EventBus"
    ]
    text = bus.whole() or ""
    return text in buses or (":event-bus/" in text and not text.endswith((":event-bus/default", *_ends_unknown(text))))


def _ends_unknown(text: str) -> tuple[str, ...]:
    """What only a deployed stack knows may be the default bus."""
    tail = text.rpartition("/")[2]
    return (tail,) if "opaque-" in tail else ()
