"""Does mail reach us? Each part of the way broken by itself: rule, bucket, forwarder, dead-letter queue."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.loaders import Loader

from byoaws.aws.inbound_questions import (
    ActiveRules,
    FunctionState,
    ReceiptRule,
    active_rules,
    function,
    ingress_point,
    waiting,
)
from byoaws.aws.stack_questions import StackResource, StackState
from byoaws.errors import AccessDenied, NotFound, Throttled, Unreachable
from byoaws.model import Status
from byoaws.templates.names import FORWARDER, FORWARDER_DEAD_LETTERS, INBOUND_BUCKET
from byoaws.vendor_model import Inbound
from byoaws.vendors.file import load_vendor

VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
STATE = StackState(stack_id="arn:x", status="CREATE_COMPLETE", outputs={}, parameters={}, drift_status=None)
RESOURCES = tuple(
    StackResource(name=name, kind=kind, physical_id=physical_id, status="CREATE_COMPLETE")
    for name, kind, physical_id in (
        (INBOUND_BUCKET, "AWS::S3::Bucket", "mail"),
        (FORWARDER, "AWS::Lambda::Function", "forwarder"),
        (FORWARDER_DEAD_LETTERS, "AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/444455556666/q"),
        ("Point", "AWS::SES::MailManagerIngressPoint", "inp-1"),
    )
)
OURS = ReceiptRule(name="ours", enabled=True, recipients=(), places=(("mail", "inbound/"),), stops=False)
OTHER = ReceiptRule(name="other", enabled=True, recipients=(), places=(), stops=True)
RULES = ActiveRules(name="default", rules=(OURS, OTHER))
RUNS = FunctionState(state="Active", last_update="Successful", reserved=None)
SOUND = {
    "cloudformation:DescribeStacks": STATE,
    "cloudformation:ListStackResources": RESOURCES,
    "ses:DescribeActiveReceiptRuleSet": RULES,
    "ses:GetIngressPoint": "ACTIVE",
    "lambda:GetFunction": RUNS,
    "sqs:GetQueueAttributes": 0,
}
BY_MAIL_MANAGER = replace(VENDOR, inbound=Inbound.MAIL_MANAGER)


@pytest.fixture
def judged(new_scene: Any) -> Any:
    def judge(changes: dict[str, Any] | None = None, vendor: Any = VENDOR) -> Any:
        made = new_scene(vendor=vendor)
        made.answers = SOUND | (changes or {})
        return made.ask("inbound")

    return judge


@pytest.mark.parametrize("vendor", [VENDOR, BY_MAIL_MANAGER], ids=["receipt rules", "mail manager"])
def test_all_of_it(judged: Any, vendor: Any) -> None:
    assert judged(vendor=vendor).status is Status.PASS


def rules(*found: ReceiptRule, name: str | None = "default") -> dict[str, Any]:
    return {"ses:DescribeActiveReceiptRuleSet": ActiveRules(name=name, rules=found)}


BROKEN = {
    "no rule set": (rules(name=None), "no receipt rule set is active"),
    "no rule of ours": (rules(OTHER), "no rule of the active rule set 'default'"),
    "another bucket": (rules(replace(OURS, places=(("theirs", "inbound/"),))), "no rule"),
    "another prefix": (rules(replace(OURS, places=(("mail", ""),))), "no rule"),
    "off": (rules(replace(OURS, enabled=False)), "switched off"),
    "behind one that stops": (rules(OTHER, OURS), "'other', before ours"),
    "bucket is gone": ({"cloudformation:ListStackResources": RESOURCES[1:]}, "no bucket"),
    "forwarder is gone": (
        {"lambda:GetFunction": NotFound("x", operation="o", aws_message="no function")},
        "no function",
    ),
    "forwarder failed": ({"lambda:GetFunction": replace(RUNS, state="Failed")}, "state is Failed"),
    "forwarder without a state": ({"lambda:GetFunction": replace(RUNS, state=None)}, "not told"),
    "update failed": ({"lambda:GetFunction": replace(RUNS, last_update="Failed")}, "last update failed"),
    "never runs": ({"lambda:GetFunction": replace(RUNS, reserved=0)}, "reserved concurrency is 0"),
}


@pytest.mark.parametrize(("changes", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_part_is_named(judged: Any, changes: dict[str, Any], words: str) -> None:
    result = judged(changes)
    assert result.status is Status.FAIL
    assert words in result.summary


@pytest.mark.parametrize(
    "before",
    [replace(OTHER, enabled=False), replace(OTHER, stops=False), replace(OTHER, recipients=("a@b.example",))],
    ids=["off", "lets pass", "for others"],
)
def test_a_rule_before_ours_that_takes_nothing_away_is_nobodys_fault(judged: Any, before: ReceiptRule) -> None:
    assert judged(rules(before, OURS)).status is Status.PASS


def test_a_function_that_sleeps_wakes_up(judged: Any) -> None:
    assert judged({"lambda:GetFunction": replace(RUNS, state="Inactive")}).status is Status.PASS


@pytest.mark.parametrize(("count", "words"), [(1, "1 message "), (12, "12 messages ")])
def test_what_could_not_be_posted_is_told(judged: Any, count: int, words: str) -> None:
    result = judged({"sqs:GetQueueAttributes": count})
    assert result.status is Status.WARN
    assert words in result.summary
    assert "redrive" in result.fix


def _statuses() -> list[str]:
    model = Loader().load_service_model("mailmanager", "service-2")
    return [status for status in model["shapes"]["IngressPointStatus"]["enum"] if status != "ACTIVE"]


@pytest.mark.parametrize("status", _statuses())
def test_an_ingress_point_that_is_not_active(judged: Any, status: str) -> None:
    result = judged({"ses:GetIngressPoint": status}, vendor=BY_MAIL_MANAGER)
    # One that is being made or changed will be ACTIVE: nothing is wrong, and nothing is proven.
    assert result.status is (Status.UNKNOWN if status in ("PROVISIONING", "UPDATING") else Status.FAIL)
    assert status in result.summary


@pytest.mark.parametrize(
    ("error", "packs", "status"),
    [
        (AccessDenied, (), Status.UNKNOWN),
        (AccessDenied, ("drift-read",), Status.UNKNOWN),
        (Throttled, ("drift-read",), Status.UNKNOWN),
    ],
)
@pytest.mark.parametrize("action", [action for action in SOUND if action != "ses:GetIngressPoint"])
def test_what_aws_does_not_say_is_no_pass(
    judged: Any, action: str, error: type[AccessDenied], packs: tuple[str, ...], status: Status
) -> None:
    vendor = replace(VENDOR, packs=(*VENDOR.packs, *packs))
    assert judged({action: error("x", operation=action)}, vendor=vendor).status is status


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (active_rules(), {"Rules": [{"Enabled": True}]}),
        (active_rules(), {"Rules": [{"Name": "r", "Recipients": [1]}]}),
        (active_rules(), {"Rules": [{"Name": "r", "Actions": [{"S3Action": {}}]}]}),
        (ingress_point("i"), {}),
        (function("f"), {"Configuration": "x"}),
        (function("f"), {"Concurrency": {"ReservedConcurrentExecutions": "0"}}),
        (waiting("q"), {"Attributes": {"ApproximateNumberOfMessages": "1"}}),
        (
            waiting("q"),
            {"Attributes": {"ApproximateNumberOfMessages": "-1", "ApproximateNumberOfMessagesNotVisible": "0"}},
        ),
    ],
    ids=str,
)
def test_an_odd_answer_is_no_answer(question: Any, answer: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        question.read(answer, question.action)


def test_a_rule_without_enabled_is_off() -> None:
    question = active_rules()
    assert not question.read({"Metadata": {"Name": "s"}, "Rules": [{"Name": "r"}]}, question.action).rules[0].enabled


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (function("f"), {}),
        (function("f"), {"Configuration": {"LastUpdateStatus": "Successful"}}),
        (active_rules(), {"Metadata": {}}),
        (active_rules(), {"Rules": [{"Name": "r"}]}),
    ],
    ids=str,
)
def test_attack_what_aws_left_out_stops_no_mail(question: Any, answer: dict[str, Any]) -> None:
    """An empty answer read as a forwarder that cannot run, and rules of a set without a name as no set at all."""
    with pytest.raises(Unreachable):
        question.read(answer, question.action)


def test_no_active_rule_set_is_an_answer() -> None:
    assert active_rules().read({}, "x") == ActiveRules(name=None, rules=())


def test_attack_a_stack_without_the_forwarder_posts_nothing(judged: Any) -> None:
    """A template from which somebody took the forwarder: mail is stored, and we hear of none."""
    without = tuple(one for one in RESOURCES if one.name != FORWARDER)
    result = judged({"cloudformation:ListStackResources": without})
    assert (result.status, result.summary) == (Status.FAIL, "mail does not reach us: the stack has no forwarder")
    kept = replace(VENDOR, stack=replace(VENDOR.stack, blocks=("access", "inbound")))
    assert judged({"cloudformation:ListStackResources": without}, vendor=kept).status is Status.PASS


def test_attack_a_404_that_aws_did_not_say_fails_nobody(judged: Any, bare_404: Callable[[str], NotFound]) -> None:
    assert judged({"lambda:GetFunction": bare_404("lambda:GetFunction")}).status is Status.UNKNOWN


@pytest.mark.parametrize("state", ["Pending", "Deactivating", "StateOfNextYear"])
def test_attack_a_function_that_is_just_being_made_ready_fails_nobody(judged: Any, state: str) -> None:
    """As one that slept for weeks is for a minute, when the first message comes."""
    result = judged({"lambda:GetFunction": replace(RUNS, state=state)})
    assert (result.status, state in result.summary) == (Status.UNKNOWN, True)


def test_a_function_that_failed_cannot_run(judged: Any) -> None:
    assert judged({"lambda:GetFunction": replace(RUNS, state="Failed")}).status is Status.FAIL
