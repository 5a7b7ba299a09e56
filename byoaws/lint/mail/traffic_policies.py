"""Traffic policies that decide nothing: everybody gets in, or nobody ever does."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from byoaws.lint.mail.ingress_points import INGRESS_POINT, is_private
from byoaws.lint.worlds.expand import World
from byoaws.lint.worlds.likely import worlds
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.walk import Mistake, Path, named, properties

_POLICY = "AWS::SES::MailManagerTrafficPolicy"
_ASK = ("AUTH", "MTLS")


def useless_policies(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the traffic policies that let in everything, or nothing, in whatever world."""
    found = []
    for name in named(template, _POLICY):
        outcomes = {outcome for _, outcome in worlds(template, partial(_outcome, name)) if outcome}
        if len(outcomes) == 1:
            found += _mistakes(template, name, *outcomes.pop())
    return found


def _mistakes(template: Mapping[str, Any], name: str, path: Path, decided: str) -> list[Mistake]:
    if decided == "DENY":
        message = f"traffic policy '{name}' denies everything: no message ever comes in"
        return [Mistake(path=path, message=message, fix="add a statement with 'Action: ALLOW' for what may come in")]
    if decided == "ALLOW" and not _asks_elsewhere(template, name):
        message = f"traffic policy '{name}' lets everything in: 'DefaultAction' is ALLOW, and no statement denies"
        return [Mistake(path=path, message=message)]
    return []


def _outcome(name: str, world: World) -> tuple[Path, str] | None:
    """Return what a policy does with every message, and where it says so; "" if it makes a difference, or may."""
    spot = properties(world, name)
    if spot is None:
        return None
    default, statements = spot.at("DefaultAction"), spot.at("PolicyStatements")
    decided = default.text()
    if decided not in ("ALLOW", "DENY") or not isinstance(statements.written, list):
        return default.path, ""
    actions = [item.at("Action").text() for item in statements.items()]
    return default.path, decided if all(action == decided for action in actions) else ""


def _asks_elsewhere(template: Mapping[str, Any], policy: str) -> bool:
    """True if every ingress point with this policy is private, or asks for a password or a certificate."""
    points = named(template, INGRESS_POINT)
    answers = [answer for name in points for _, answer in worlds(template, partial(_asks, policy, name))]
    used = [answer for answer in answers if answer is not None]
    return bool(used) and all(used)


def _asks(policy: str, name: str, world: World) -> bool | None:
    """Say whether an ingress point asks who is there; None if it does not have the policy."""
    spot = properties(world, name)
    if spot is None or policy not in mentions(spot.at("TrafficPolicyId").written):
        return None
    return spot.at("Type").text() in _ASK or is_private(spot)
