"""The receipt rule in an account that has rules of its own, which people change while the stack is there."""

from collections.abc import Callable
from typing import Any

import pytest

from byoaws.fakeaws.console.stacks import delete_stack

REGION = "us-east-1"


class Account:
    """A customer's account, in which a rule set of the customer's is active."""

    def __init__(self, aws: Any) -> None:
        self.aws, self.customer = aws, aws.new_customer()
        self.ses = aws.client(self.customer, "ses", REGION)
        self.make("theirs", ["first", "last"])
        self.ses.set_active_receipt_rule_set(RuleSetName="theirs")

    def make(self, rule_set: str, rules: list[Any]) -> None:
        self.ses.create_receipt_rule_set(RuleSetName=rule_set)
        for rule in rules:
            whole = rule if isinstance(rule, dict) else {"Name": rule, "Enabled": True, "Recipients": ["x.example"]}
            self.ses.create_receipt_rule(RuleSetName=rule_set, Rule=whole)

    def rules(self) -> dict[str, set[str]]:
        names = [one["Name"] for one in self.ses.list_receipt_rule_sets()["RuleSets"]]
        found = {name: self.ses.describe_receipt_rule_set(RuleSetName=name).get("Rules", []) for name in names}
        return {name: {rule["Name"] for rule in rules} for name, rules in found.items()}

    def active(self) -> str | None:
        name: str | None = self.ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        return name


def renamed(account: Account) -> None:
    """As people do it: a copy is made active, our rule with it, and the first one deleted."""
    account.make("renamed", account.ses.describe_receipt_rule_set(RuleSetName="theirs")["Rules"])
    account.ses.set_active_receipt_rule_set(RuleSetName="renamed")
    account.ses.delete_receipt_rule_set(RuleSetName="theirs")


def replaced(account: Account) -> None:
    account.make("other", ["another"])
    account.ses.set_active_receipt_rule_set(RuleSetName="other")


def deactivated(account: Account) -> None:
    account.ses.set_active_receipt_rule_set()


CHANGES: dict[str, tuple[Callable[[Account], None], dict[str, set[str]], str | None]] = {
    "nothing": (lambda account: None, {"theirs": {"first", "last"}}, "theirs"),
    "renamed": (renamed, {"renamed": {"first", "last"}}, "renamed"),
    "replaced": (replaced, {"theirs": {"first", "last"}, "other": {"another"}}, "other"),
    "deactivated": (deactivated, {"theirs": {"first", "last"}}, None),
}


@pytest.mark.parametrize(("change", "rules", "active"), CHANGES.values(), ids=CHANGES)
def test_whatever_becomes_of_a_foreign_rule_set_the_stack_leaves_nothing_in_it(
    fake_aws: Any,
    mailmark_stack: Callable[..., Any],
    change: Callable[[Account], None],
    rules: dict[str, set[str]],
    active: str | None,
) -> None:
    account = Account(fake_aws)
    stack = mailmark_stack(account.customer)
    assert "(joined)" in stack.outputs["InboundRuleSet"]
    assert len(account.rules()["theirs"]) == 3
    change(account)
    delete_stack(fake_aws, account.customer, region=REGION, name=stack.stack_id)
    assert (account.rules(), account.active()) == (rules, active)


def test_a_stack_alone_leaves_an_account_as_it_was(fake_aws: Any, mailmark_stack: Callable[..., Any]) -> None:
    customer = fake_aws.new_customer()
    stack = mailmark_stack(customer)
    assert "(own)" in stack.outputs["InboundRuleSet"]
    delete_stack(fake_aws, customer, region=REGION, name=stack.stack_id)
    ses = fake_aws.client(customer, "ses", REGION)
    assert ses.list_receipt_rule_sets()["RuleSets"] == []
    assert "Metadata" not in ses.describe_active_receipt_rule_set()
