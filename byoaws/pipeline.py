"""What a vendor's Mail Manager pipeline holds: AWS's properties as values, and stand-ins for what a stack fills in."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Properties: TypeAlias = Mapping[str, Any]
"""As `AWS::SES::MailManager...` has them, with `StandIn`s among the values."""


class Kind(enum.StrEnum):
    """What a pipeline is made of; the values are the keys of the vendor file's section."""

    INGRESS_POINT = "ingress_points"
    TRAFFIC_POLICY = "traffic_policies"
    RULE_SET = "rule_sets"
    RELAY = "relays"
    ARCHIVE = "archives"
    ADDRESS_LIST = "address_lists"
    ADDON = "addons"

    @property
    def words(self) -> str:
        """In the singular, as messages name it: `traffic policy`."""
        return "add-on" if self is Kind.ADDON else self.name.lower().replace("_", " ")

    @property
    def type_name(self) -> str:
        """As AWS writes it: `TrafficPolicy`; an add-on is an instance of a subscription."""
        return "AddonInstance" if self is Kind.ADDON else self.name.title().replace("_", "")

    def logical_id(self, name: str) -> str:
        """Return the logical name of a part in the stack: `RuleSetMain`."""
        return f"{self.type_name}{camel(name)}"


def camel(name: str) -> str:
    """Return a name of the section as logical names write it: `long-term` is `LongTerm`. No two names become one."""
    return "".join(word[0].upper() + word[1:] for word in name.split("-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Stands for another part of the pipeline."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FromParameter:
    """Stands for what the customer's stack is given as a parameter."""

    name: str


class Given(enum.Enum):
    """Stands for what the stack makes itself, or what every such stack asks for."""

    ROLE = "the role that lets an action do its work"
    BUCKET = "the stack's own bucket"
    RECIPIENT_ADDRESSES = "the parameter InboundRecipients, entry by entry"
    RECIPIENT_DOMAINS = "the parameter InboundRecipients, each entry as what ends an address"


StandIn = Part | FromParameter | Given


@dataclass(frozen=True, slots=True, kw_only=True)
class StackParameter:
    """A parameter that the section declares."""

    name: str
    description: str
    """For the customer, one line."""
    default: str | None
    """None: the customer must give a value."""
    properties: Properties
    """Its CloudFormation type, and what AWS takes: `Type`, `AllowedPattern`, `MaxLength`, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """How mail comes in by Mail Manager."""

    parts: Mapping[Kind, Mapping[str, Properties]]
    """By kind and name, in the order of the file; every kind is there."""
    parameters: tuple[StackParameter, ...]
    unused: tuple[Part, ...]
    """Parts that nothing in the pipeline names; no ingress points among them."""
    written: Mapping[str, Any] | None
    """The section as the vendor file has it; None where it was left out, and this is the default."""

    def actions(self, name: str) -> list[Properties]:
        """Return what every action of one kind says, in order: `actions("WriteToS3")`."""
        rules = (rule for rule_set in self.parts[Kind.RULE_SET].values() for rule in rule_set["Rules"])
        return [action[name] for rule in rules for action in rule["Actions"] if name in action]
