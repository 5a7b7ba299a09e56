"""Rules: nothing that somebody else wrote is overwritten, and nothing that is not understood is thrown away."""

from collections.abc import Callable
from typing import Any

import pytest

from byoaws.errors import AccessDenied, InvalidRequest, Throttled, Unreachable, UsageError
from byoaws.flows.mail_manager import rules as flow
from byoaws.flows.mail_manager.outcome import settled
from byoaws.mail_manager.rule_file import Fetched, Owner, RuleFile, parse, render

OWNER = Owner(rule_set_id="rs-1", account_id="444455556666", region="eu-west-1")
RuleSets = Callable[..., Any]


@pytest.fixture
def edited(rule_set: RuleSets) -> Callable[..., RuleFile]:
    """A file that was fetched with rules `a` and `b`, and then edited."""

    def made(old: str = "Name: b", new: str = "Name: c", *, packed: bool = True) -> RuleFile:
        text = render(OWNER, Fetched.of(rule_set("a", "b"))).replace(old, new)
        return parse(text if packed else text.partition("# What was fetched")[0], "rules.yaml")

    return made


def names(rules: Any) -> list[str]:
    return [rule["Name"] for rule in rules]


def test_an_update_that_goes_well(aws: Any, edited: Any, rule_set: RuleSets) -> None:
    aws.answers["rule_set"] = [rule_set("a", "b"), rule_set("a", "c", second=1)]
    done = flow.update(aws, edited(), "rules.yaml")
    assert done.outcome.exit_code == 0
    assert done.now is not None
    assert done.now.fetched.fingerprint == Fetched.of(rule_set("a", "c", second=1)).fingerprint
    ((rule_set_id, name, sent),) = aws.asked("update_rule_set")
    assert (rule_set_id, name, names(sent)) == ("rs-1", None, ["a", "c"])


def test_a_plan_shows_what_would_change_and_changes_nothing(aws: Any, edited: Any, rule_set: RuleSets) -> None:
    aws.answers["rule_set"] = [rule_set("a", "b")]
    plan = flow.plan(aws, edited(), "rules.yaml", allow_empty=False)
    assert plan.refused is None
    assert "-  - Name: b\n+  - Name: c\n" in plan.diff
    assert not aws.asked("update_rule_set")


@pytest.mark.parametrize("step", ["plan", "update"])
@pytest.mark.parametrize(
    "there",
    [("a", "b", "x"), ("b", "a"), ("a",), (), ("a", "c"), ("a", "b")],
    ids=["added", "turned round", "taken out", "emptied", "the same as ours", "written again as it was"],
)
def test_what_was_changed_elsewhere_is_not_overwritten(
    aws: Any, edited: Any, rule_set: RuleSets, step: str, there: tuple[str, ...]
) -> None:
    aws.answers["rule_set"] = [rule_set(*there, second=1)]
    if step == "plan":
        plan = flow.plan(aws, edited(), "rules.yaml", allow_empty=True)
        assert plan.refused is not None
        outcome, shown = plan.refused, plan.diff
    else:
        done = flow.update(aws, edited(), "rules.yaml")
        outcome, shown = done.outcome, done.diff
    assert outcome.exit_code == 1
    assert outcome.data["changed_elsewhere"] is True
    assert bool(shown) is (there != ("a", "b"))
    assert shown or "above" not in outcome.todo
    assert not aws.asked("update_rule_set")


def test_of_a_change_elsewhere_it_is_shown_what_they_did_and_not_what_we_did(
    aws: Any, edited: Any, rule_set: RuleSets
) -> None:
    aws.answers["rule_set"] = [rule_set("a", "b", "theirs", second=1)]
    shown = flow.plan(aws, edited(), "rules.yaml", allow_empty=False).diff
    assert "+  - Name: theirs" in shown
    assert "Name: c" not in shown
    without = flow.plan(aws, edited(packed=False), "rules.yaml", allow_empty=False)
    assert "Name: c" in without.diff
    assert "beside your file" in without.refused.todo


def test_a_change_between_the_last_fetch_and_the_update_is_noticed_after_it(
    aws: Any, edited: Any, rule_set: RuleSets
) -> None:
    """AWS has no "only if unchanged": what can be done is to read it back."""
    aws.answers["rule_set"] = [rule_set("a", "b"), rule_set("theirs", second=2)]
    done = flow.update(aws, edited(), "rules.yaml")
    assert done.outcome.exit_code == 3
    assert "somebody changed it at the same moment" in done.outcome.message
    assert "+  - Name: theirs" in done.diff


@pytest.mark.parametrize("kind", [Throttled, Unreachable])
def test_an_update_whose_answer_is_lost_is_looked_up(
    aws: Any, edited: Any, rule_set: RuleSets, kind: type[Exception]
) -> None:
    aws.answers |= {
        "update_rule_set": [kind("no answer")],
        "rule_set": [rule_set("a", "b"), rule_set("a", "c", second=1)],
    }
    assert flow.update(aws, edited(), "x").outcome.exit_code == 0
    aws.answers["rule_set"] = [rule_set("a", "b")]
    outcome = flow.update(aws, edited(), "x").outcome
    assert (outcome.exit_code, "not updated" in outcome.message) == (3, True)
    aws.answers["rule_set"] = [rule_set("a", "b"), kind("no answer")]
    outcome = flow.update(aws, edited(), "x").outcome
    assert (outcome.exit_code, "could not tell" in outcome.message) == (3, True)


def test_rules_that_aws_refuses(aws: Any, edited: Any, rule_set: RuleSets) -> None:
    aws.answers |= {"rule_set": [rule_set("a", "b")], "update_rule_set": [InvalidRequest("x", aws_message="no role")]}
    done = flow.update(aws, edited(), "x")
    assert (done.outcome.exit_code, "no role" in done.outcome.message) == (1, True)


def test_who_may_not_is_told_so(aws: Any, edited: Any, rule_set: RuleSets) -> None:
    aws.answers |= {"rule_set": [rule_set("a", "b")], "update_rule_set": [AccessDenied("x")]}
    with pytest.raises(AccessDenied):
        flow.update(aws, edited(), "x")


def test_all_rules_gone_needs_to_be_said(aws: Any, rule_set: RuleSets) -> None:
    text = render(OWNER, Fetched.of(rule_set("a")))
    emptied = parse(text.replace("\n  - Name: a\n    Actions:\n      - Drop: {}", " []"), "x")
    aws.answers["rule_set"] = [rule_set("a")]
    refused = flow.plan(aws, emptied, "x", allow_empty=False)
    assert refused.refused is not None
    assert "--allow-empty" in refused.refused.todo
    assert flow.plan(aws, emptied, "x", allow_empty=True).refused is None


def test_a_new_name_is_sent_and_the_old_one_is_not(aws: Any, edited: Any, rule_set: RuleSets) -> None:
    aws.answers["rule_set"] = [rule_set("a", "b")]
    flow.update(aws, edited("RuleSetName: inbound", "RuleSetName: other"), "x")
    assert aws.asked("update_rule_set")[0][1] == "other"


def test_nothing_to_do(aws: Any, edited: Any, rule_set: RuleSets) -> None:
    aws.answers["rule_set"] = [rule_set("a", "b")]
    plan = flow.plan(aws, edited("", ""), "x", allow_empty=False)
    assert plan.refused is not None
    assert plan.refused.exit_code == 0


def test_diff(aws: Any, edited: Any, rule_set: RuleSets) -> None:
    aws.answers["rule_set"] = [rule_set("a", "b")]
    assert flow.diff(aws, edited("", ""), "x")[0].exit_code == 0
    outcome, shown = flow.diff(aws, edited(), "x")
    assert (outcome.exit_code, bool(shown), outcome.data["changed_elsewhere"]) == (1, True, False)
    aws.answers["rule_set"] = [rule_set("a", "c", second=3)]
    outcome, shown = flow.diff(aws, edited(), "x")
    assert (outcome.exit_code, shown, outcome.data["changed_elsewhere"]) == (0, "", True)


@pytest.mark.parametrize(
    ("account", "region", "given"),
    [("111122223333", "eu-west-1", None), ("444455556666", "eu-west-2", None), ("444455556666", "eu-west-1", "rs-2")],
    ids=["account", "region", "rule set"],
)
def test_a_file_about_another_one_is_refused(
    aws: Any, edited: Any, account: str, region: str, given: str | None, request: pytest.FixtureRequest
) -> None:
    aws.answers["account_id"] = [account]
    with pytest.raises(UsageError, match=f"is about {request.node.callspec.id.split('-')[-1]}"):
        flow.require_own(aws, region, given, edited(), "rules.yaml")
    aws.answers["account_id"] = ["444455556666"]
    flow.require_own(aws, "eu-west-1", "rs-1", edited(), "rules.yaml")


@pytest.mark.parametrize("step", [flow.fetch, flow.diff])
def test_what_boto3_does_not_know_stops_it(aws: Any, edited: Any, rule_set: RuleSets, named: Any, step: Any) -> None:
    aws.answers |= {
        "rule_sets": [named(("rs-1", "inbound"))],
        "account_id": ["444455556666"],
        "rule_set": [rule_set("a", unknown=("Rules[0].New\x1b[31m",))],
    }
    with pytest.raises(UsageError) as error:
        step(aws, "eu-west-1", None) if step is flow.fetch else step(aws, edited(), "x")
    assert "Rules[0].New?" in str(error.value)
    assert str(error.value).isprintable()


def test_the_only_rule_set_is_meant(aws: Any, rule_set: RuleSets, named: Any) -> None:
    aws.answers |= {"account_id": ["444455556666"], "rule_set": [rule_set("a")]}
    aws.answers["rule_sets"] = [named(("rs-1", "inbound"))]
    assert flow.fetch(aws, "eu-west-1", None).owner == OWNER
    aws.answers["rule_sets"] = [named(("rs-1", "inbound"), ("rs-2", "inbound\x1b"))]
    with pytest.raises(UsageError, match="there are 2 rule sets: say which by --rule-set") as error:
        flow.fetch(aws, "eu-west-1", None)
    assert error.value.hint.isprintable()
    with pytest.raises(UsageError):
        settled(lambda: flow.fetch(aws, "eu-west-1", "rs-3"))  # type: ignore[arg-type, return-value]
