"""What a permission pack is: a named set of IAM permissions, each action with its reason.

Data only. Packs that ship with byoaws are read in `iam/compose.py`, a vendor's own in `vendors/own_packs.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

VARIABLES: Mapping[str, str | None] = {
    "AWS::Partition": None,
    "AWS::Region": None,
    "AWS::AccountId": None,
    "AWS::StackId": None,
    "vendor:name": None,
    "vendor:role-path": None,
    "stack:configuration-set": "sending",
    "stack:bucket": "inbound",
    "stack:bounce-topic": "notifications",
    "stack:complaint-topic": "notifications",
    "stack:delivery-topic": "notifications",
    "stack:webhook-secret": "forwarder",
    "stack:forwarder": "forwarder",
    "stack:forwarder-dead-letters": "forwarder",
    "stack:role": "access",
    "stack:event-dead-letters": "notifications",
    "stack:forwarder-alarm": "forwarder",
    "stack:setup-function": "inbound",
    "stack:registration-function": "registration",
}
"""What a pack's resources and conditions may name as `${...}`, each with the block that makes it, if one does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One action, and why the vendor needs it."""

    action: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackStatement:
    """Actions that share their resources and condition."""

    sid: str
    grants: tuple[Grant, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str]] | None = field(hash=False)
    block: str | None = None
    """The building block that it is about: left out where the stack has none of it."""
    inbound: str | None = None
    """The way of receiving that it is about, as the vendor file says it: left out with any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A named set of permissions."""

    name: str
    title: str
    statements: tuple[PackStatement, ...]

    def texts(self) -> Iterator[str]:
        """Everything in which a `${...}` may stand."""
        for statement in self.statements:
            yield from statement.resources
            for keys in (statement.condition or {}).values():
                yield from keys.values()

    def actions(self) -> Iterator[str]:
        """Every action, in order."""
        return (grant.action for statement in self.statements for grant in statement.grants)
