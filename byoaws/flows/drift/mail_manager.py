"""Mail Manager's parts: what each says, held against the template in AWS's own words.

CloudFormation's properties and the answers of the API have the same names, so both are compared as they are. What the
API adds by itself (ids, times, states) is not the template's to say; what it adds inside a rule or a statement is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.comparison import NotKnown, shown
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain, scalar

_PREFIX = "AWS::SES::MailManager"
_DEFAULTS = {
    "ActionFailurePolicy": "CONTINUE",
    "Encoding": "UTF-8",
    "PayloadType": "HEADERS",
}
"""What the API may say by itself where the template says nothing. Source: Mail Manager API reference."""
_LEFT_TO_AWS = frozenset({"RetryTimeMinutes"})
"""The same, where AWS does not publish the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """How one kind is asked for."""

    operation: str
    key: str
    """Of the request."""
    compared: tuple[str, ...] = ()
    well: tuple[str, ...] = ()
    """States in which it works."""
    state: str = "Status"

    @property
    def permission(self) -> str:
        return f"ses:{''.join(word.capitalize() for word in self.operation.split('_'))}"


_PARTS: Mapping[str, _Part] = {
    "IngressPoint": _Part(
        operation="get_ingress_point",
        key="IngressPointId",
        compared=("Type", "RuleSetId", "TrafficPolicyId", "NetworkConfiguration", "TlsPolicy"),
        well=("ACTIVE",),
    ),
    "TrafficPolicy": _Part(
        operation="get_traffic_policy",
        key="TrafficPolicyId",
        compared=("DefaultAction", "MaxMessageSizeBytes", "PolicyStatements"),
    ),
    "RuleSet": _Part(operation="get_rule_set", key="RuleSetId", compared=("Rules",)),
    "Relay": _Part(operation="get_relay", key="RelayId", compared=("ServerName", "ServerPort", "Authentication")),
    "Archive": _Part(
        operation="get_archive",
        key="ArchiveId",
        compared=("Retention", "KmsKeyArn"),
        well=("ACTIVE",),
        state="ArchiveState",
    ),
    "AddressList": _Part(operation="get_address_list", key="AddressListId"),
    "AddonInstance": _Part(operation="get_addon_instance", key="AddonInstanceId", compared=("AddonSubscriptionId",)),
    "AddonSubscription": _Part(operation="get_addon_subscription", key="AddonSubscriptionId", compared=("AddonName",)),
}


def rows(world: World) -> Iterator[Row]:
    """Yield what each part has become."""
    for kind, part in _PARTS.items():
        what = "".join(f"-{char.lower()}" if char.isupper() else char for char in kind).strip("-")
        for name in world.of_type(f"{_PREFIX}{kind}"):
            yield world.row(what, name, part.permission, partial(_compared, world, part, name))


def _compared(world: World, part: _Part, name: str, called: str) -> Iterator[str]:
    wanted = world.wanted(name)
    found = world.reader.ask("mailmanager", part.operation, **{part.key: called.rpartition("/")[2]})
    state = inside(found, str, part.state) if part.well else None
    if part.well and state not in part.well:
        yield f"its state is {shown(state)}, so no mail passes it"
    if part.operation == "get_ingress_point":
        yield from _password(wanted, found)
    for key in part.compared:
        ours = wanted.get(key)
        if not is_plain(ours):
            raise NotKnown(key, ours)
        # What the template leaves to AWS is AWS's to choose.
        if ours is not None:
            yield from _differing(key, ours, found.get(key))


def _password(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Say whether who sends by password needs another one: of a password the API tells only where it is kept."""
    ours = inside(wanted, object, "IngressPointConfiguration", "SecretArn")
    if not is_plain(ours):
        raise NotKnown("IngressPointConfiguration", ours)
    theirs = inside(found, str, "IngressPointAuthConfiguration", "SecretArn")
    if ours is not None and ours != theirs:
        yield f"its password is that of {shown(theirs)}, not of {shown(ours)}"


def _differing(path: str, wanted: Any, found: Any) -> Iterator[str]:
    """Say where two values differ, as near to the spot as can be told."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in sorted(wanted.keys() | found.keys()):
            if key in wanted or key not in _LEFT_TO_AWS:
                yield from _differing(f"{path}.{key}", *(side.get(key, _DEFAULTS.get(key)) for side in (wanted, found)))
    elif isinstance(wanted, list) and isinstance(found, list):
        yield from _in_order(path, wanted, found)
    elif _text(wanted) != _text(found):
        yield f"{path} is {shown(found)}, not {shown(wanted)}"


def _in_order(path: str, wanted: list[Any], found: list[Any]) -> Iterator[str]:
    for number, (ours, theirs) in enumerate(zip(wanted, found, strict=False)):
        yield from _differing(f"{path}[{number}]", ours, theirs)
    yield from (f"{path} lacks {shown(item)}" for item in wanted[len(found) :])
    yield from (f"{path} has also {shown(item)}" for item in found[len(wanted) :])


def _text(value: Any) -> Any:
    """A number as it is meant: CloudFormation's parameters are text, and the API's sizes are fractions."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return scalar(value)
