"""Resources that AWS tests when they are made: what they call must already let itself be called.

S3 validates the targets of a bucket's notifications, and SES the function of a receipt rule, at creation.
CloudFormation sees no reason to make the permission first. Sources: CloudFormation user guide,
NotificationConfiguration; SES API, InvalidLambdaFunctionException.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.lint.worlds.expand import World
from byoaws.lint.worlds.order import Order, mentions
from byoaws.lint.worlds.walk import Mistake, Spot, has_macros, made, mistakes_in, properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """What can be called, and what lets others call it."""

    kinds: tuple[str, ...]
    """Types of resource."""
    name: str
    """The property that gives it a name of its own."""
    grant: str
    """Type of the resource that lets others in."""
    targets: str
    """The property of that resource that says whom it opens."""


_FUNCTION = Callee(
    kinds=("AWS::Lambda::Function", "AWS::Lambda::Alias", "AWS::Lambda::Version"),
    name="FunctionName",
    grant="AWS::Lambda::Permission",
    targets="FunctionName",
)
_QUEUE = Callee(kinds=("AWS::SQS::Queue",), name="QueueName", grant="AWS::SQS::QueuePolicy", targets="Queues")
_TOPIC = Callee(kinds=("AWS::SNS::Topic",), name="TopicName", grant="AWS::SNS::TopicPolicy", targets="Topics")
_CONFIGURATIONS = {
    "LambdaConfigurations": ("Function", _FUNCTION),
    "QueueConfigurations": ("Queue", _QUEUE),
    "TopicConfigurations": ("Topic", _TOPIC),
}


def early_notifications(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the bucket notifications to what does not let S3 call it when the bucket is made."""
    order, hidden = Order(template), has_macros(template)

    def look(name: str, spot: Spot) -> Iterator[Mistake]:
        if order.is_circular(name):
            return
        for key, (target, callee) in _CONFIGURATIONS.items():
            for item in spot.at("NotificationConfiguration", key).items():
                caller = _Caller(name=name, what="bucket", service="s3", order=order, hidden=hidden)
                yield from caller.judge(item.at(target), callee)

    return mistakes_in(template, ["AWS::S3::Bucket"], look)


def early_mail_functions(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the receipt rules that call a function that does not let SES call it when the rule is made."""
    order, hidden = Order(template), has_macros(template)

    def look(name: str, spot: Spot) -> Iterator[Mistake]:
        if order.is_circular(name):
            return
        for action in spot.at("Rule", "Actions").items():
            caller = _Caller(name=name, what="receipt rule", service="ses", order=order, hidden=hidden)
            yield from caller.judge(action.at("LambdaAction", "FunctionArn"), _FUNCTION)

    return mistakes_in(template, ["AWS::SES::ReceiptRule"], look)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    """A resource that calls another one."""

    name: str
    what: str
    service: str
    order: Order
    hidden: bool
    """True if a macro may add what is missing."""

    def judge(self, target: Spot, callee: Callee) -> Iterator[Mistake]:
        """Yield what is wrong with calling `target`: nothing, or one mistake."""
        called = _meant(target, callee) if not target.is_absent else set()
        if not called:
            return
        grants = self._grants(target.world, callee, called)
        shown, service = "' and '".join(sorted(called)), f"{self.service}.amazonaws.com"
        kind = callee.grant.rpartition("::")[2]
        if not grants and not self.hidden:
            yield Mistake(
                path=target.path,
                message=f"{self.what} '{self.name}' calls '{shown}', which no {callee.grant} opens for {service}",
                fix=f"add an {callee.grant} for {service}, and a DependsOn on it to '{self.name}'",
            )
        elif grants and not self.order.before(self.name) & set(grants):
            circle = "" if self.service == "ses" else " and write the bucket's name out there, as a Ref makes a circle"
            yield Mistake(
                path=target.path,
                message=f"{self.what} '{self.name}' may be made before {kind} '{grants[0]}', so that AWS refuses it",
                fix=f"add 'DependsOn: {grants[0]}' to '{self.name}'{circle if self._would_circle(grants[0]) else ''}",
            )

    def _grants(self, world: World, callee: Callee, called: set[str]) -> list[str]:
        """Return the names of what opens one of `called` for the service."""
        found = []
        for name in made(world, callee.grant):
            spot = properties(world, name)
            if spot is None or not self._is_for_us(spot):
                continue
            targets = spot.at(callee.targets)
            if _meant(targets, callee) & called or not (targets.is_absent or _is_readable(targets)):
                found.append(name)
        return found

    def _is_for_us(self, grant: Spot) -> bool:
        principal = grant.at("Principal")
        text = None if principal.is_absent else principal.text()
        return text in (None, "*") or str(text).startswith(f"{self.service}.")

    def _would_circle(self, grant: str) -> bool:
        return self.name in self.order.before(grant)


def _meant(target: Spot, callee: Callee) -> set[str]:
    """Return the resources of the template that an expression means: by reference, through an alias, or by name."""
    resources = target.world.section("Resources")
    pending, found = list(mentions(target.written)), set()
    while pending:
        name = pending.pop()
        resource = resources.get(name)
        if name in found or not isinstance(resource, Mapping) or resource.get("Type") not in callee.kinds:
            continue
        found.add(name)
        if resource.get("Type") != callee.kinds[0]:
            pending.extend(mentions(resource.get("Properties", {})))
    return found or _by_name(target, callee)


def _by_name(target: Spot, callee: Callee) -> set[str]:
    texts = {str(item.value()) for item in target.items()} or {str(target.value())}
    parts = {part for text in texts for part in (text, *text.split(":")[5:])}
    found = set()
    for name in made(target.world, callee.kinds[0]):
        spot = properties(target.world, name)
        given = spot.at(callee.name).whole() if spot and not spot.at(callee.name).is_absent else None
        if given in parts:
            found.add(name)
    return found


def _is_readable(targets: Spot) -> bool:
    """True if it is clear that an expression means something else."""
    names = list(mentions(targets.written))
    resources = targets.world.section("Resources")
    return all(name in resources for name in names) if names else targets.text() is not None
