"""What the checks of a preflight are given, and what they return."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.port import Answer, Reader
from byoaws.lifecycle.preflight import Advice
from byoaws.model import Json, ProbeResult
from byoaws.vendor_model import Vendor


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One account in one region, and the stack that is to be made there. What is asked of AWS is asked once."""

    vendor: Vendor
    region: str
    stack_name: str
    reader: Reader
    account_id: str
    arn: str
    """Of the caller."""
    template: Mapping[str, Any]
    """What the vendor's stack would be."""

    @cached_property
    def stacks(self) -> list[Json]:
        """Every stack of the region that was not deleted."""
        return self.reader.every("cloudformation", "describe_stacks", "Stacks")

    @cached_property
    def ses(self) -> Answer:
        """How SES stands."""
        return self.reader.ask("sesv2", "get_account")

    @cached_property
    def active_rule_set(self) -> Answer:
        """The active receipt rule set; empty where none is."""
        return self.reader.ask("ses", "describe_active_receipt_rule_set")

    @property
    def active_rule_set_name(self) -> str | None:
        """Its name; None where none is active."""
        return inside(self.active_rule_set, str, "Metadata", "Name") or None

    def count(self, kind: str) -> int:
        """How many resources of a type the stack makes."""
        return sum(item["Type"] == kind for item in self.template["Resources"].values())

    def has(self, block: str) -> bool:
        """True if the stack holds that block."""
        return block in self.vendor.stack.blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one check found."""

    result: ProbeResult
    advice: tuple[Advice, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question. `ask` may let an `AwsError` through: it becomes UNKNOWN."""

    code: str
    name: str
    title: str
    """The question, in one line."""
    ask: Callable[[Subject], Found]
    applies: Callable[[Subject], bool] = lambda subject: True
    """Whether it means anything for this vendor."""
