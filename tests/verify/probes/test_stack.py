"""Is the stack whole? By AWS's own states of stacks, and by what ListStackResources can say."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.loaders import Loader

from byoaws.aws.stack_questions import StackResource, StackState, stack, stack_resources
from byoaws.errors import AccessDenied, AwsError, InvalidRequest, Throttled, Unreachable
from byoaws.model import Status
from byoaws.vendors.file import load_vendor

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/stack-Role-1A2B3C"
STACK_ID = "arn:aws:cloudformation:eu-west-1:444455556666:stack/mailmark-byo-aws/00000000-0000-0000-0000-000000000000"
WHOLE = StackState(
    stack_id=STACK_ID,
    status="CREATE_COMPLETE",
    outputs={"RoleArn": ROLE, "TemplateVersion": "1.0.0"},
    parameters={"WebhookSecret": "****"},
    drift_status="NOT_CHECKED",
)
TOPIC = StackResource(
    name="BounceTopic",
    kind="AWS::SNS::Topic",
    physical_id="arn:aws:sns:eu-west-1:444455556666:t",
    status="CREATE_COMPLETE",
)


@pytest.fixture
def judged(new_scene: Any) -> Any:
    """Ask the probe of a stack."""

    def judge(state: StackState | AwsError = WHOLE, *resources: StackResource, **changes: Any) -> Any:
        made = new_scene(**changes)
        made.answers["cloudformation:DescribeStacks"] = state
        made.answers["cloudformation:ListStackResources"] = resources or (TOPIC,)
        return made.ask("stack")

    return judge


def test_whole(judged: Any) -> None:
    result = judged()
    assert result.status is Status.PASS
    assert result.evidence["template_version"] == "1.0.0"


def _states() -> dict[str, Status]:
    model = Loader().load_service_model("cloudformation", "service-2")
    sound = {"CREATE_COMPLETE": Status.PASS, "UPDATE_COMPLETE": Status.PASS, "IMPORT_COMPLETE": Status.PASS}
    before = dict.fromkeys(("UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "UPDATE_FAILED"), Status.WARN)
    return {
        state: (sound | before).get(state, Status.UNKNOWN if state.endswith("_IN_PROGRESS") else Status.FAIL)
        for state in model["shapes"]["StackStatus"]["enum"]
    }


@pytest.mark.parametrize(("state", "status"), _states().items(), ids=str)
def test_every_state_that_aws_knows(judged: Any, state: str, status: Status) -> None:
    assert judged(replace(WHOLE, status=state)).status is status


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        (replace(WHOLE, outputs={}), Status.UNKNOWN, "did not make the role"),
        (replace(WHOLE, outputs={"RoleArn": ROLE + "x"}), Status.UNKNOWN, "did not make the role"),
        (replace(WHOLE, drift_status="DRIFTED"), Status.WARN, "changed by hand"),
        (replace(WHOLE, outputs={"RoleArn": ROLE, "TemplateVersion": "0.9.9"}), Status.WARN, "version 0.9.9"),
        (replace(WHOLE, outputs={"RoleArn": ROLE, "TemplateVersion": "99.0.0"}), Status.PASS, "whole"),
        (replace(WHOLE, outputs={"RoleArn": ROLE, "TemplateVersion": "\x1b[2J"}), Status.PASS, "whole"),
        (
            InvalidRequest(
                "x", operation="cloudformation:DescribeStacks", aws_message="Stack with id s does not exist"
            ),
            Status.UNKNOWN,
            "no stack 'mailmark-byo-aws'",
        ),
        (InvalidRequest("x", operation="cloudformation:DescribeStacks", aws_message="x"), Status.UNKNOWN, "could not"),
        (Throttled("x", operation="cloudformation:DescribeStacks"), Status.UNKNOWN, "could not"),
    ],
    ids=["no output", "another role", "drifted", "older", "newer", "odd version", "gone", "invalid", "throttled"],
)
def test_what_it_says(judged: Any, state: StackState | AwsError, status: Status, words: str) -> None:
    result = judged(state)
    assert result.status is status
    assert words in result.summary
    assert "\x1b" not in str(result)


def test_a_part_that_is_missing_is_named(judged: Any) -> None:
    result = judged(WHOLE, TOPIC, replace(TOPIC, name="Bucket", status="DELETE_FAILED"))
    assert result.status is Status.FAIL
    assert "Bucket" in result.summary
    assert "BounceTopic" not in result.summary


def test_not_allowed_to_look_fails_nobody(judged: Any) -> None:
    vendor = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
    refused = AccessDenied("x", operation="cloudformation:DescribeStacks", code="AccessDenied")
    assert judged(refused, vendor=vendor).status is Status.UNKNOWN
    assert judged(refused, vendor=replace(vendor, packs=(*vendor.packs, "drift-read"))).status is Status.UNKNOWN


# The questions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Stacks": []},
        {"Stacks": [{}, {}]},
        {"Stacks": "x"},
        {"Stacks": [1]},
        {"Stacks": [{"StackId": "x"}]},
        {"Stacks": [{"StackId": "x", "StackStatus": "y", "Outputs": [{"OutputValue": "no key"}]}]},
        {"Stacks": [{"StackId": "x", "StackStatus": "y", "DriftInformation": "z"}]},
    ],
    ids=str,
)
def test_an_odd_answer_is_no_answer(answer: dict[str, Any]) -> None:
    question = stack("s")
    with pytest.raises(Unreachable):
        question.read(answer, question.action)


def test_a_stack_of_more_than_a_hundred_resources_is_none_of_ours() -> None:
    question = stack_resources("s")
    with pytest.raises(Unreachable, match="none of ours"):
        question.read({"StackResourceSummaries": [], "NextToken": "x"}, question.action)


def test_parameters_are_not_shown() -> None:
    assert "****" not in repr(WHOLE)


@pytest.mark.parametrize("answer", [{}, {"StackResourceSummaries": []}], ids=str)
def test_attack_a_list_of_nothing_makes_no_stack_whole(answer: dict[str, Any]) -> None:
    """A stack that made a role has at least that: of an empty page no part is missing, and none is there."""
    question = stack_resources("s")
    with pytest.raises(Unreachable, match="no resources"):
        question.read(answer, question.action)


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "A_STATE_OF_NEXT_YEAR"])
def test_attack_a_part_that_is_just_being_changed_fails_nobody(judged: Any, status: str) -> None:
    """The customer updates the stack between the two calls: it was whole, and the parts are under way."""
    assert judged(WHOLE, TOPIC, replace(TOPIC, name="Bucket", status=status)).status is Status.UNKNOWN


def test_attack_a_state_that_nobody_knows_fails_nobody(judged: Any) -> None:
    assert judged(replace(WHOLE, status="A_STATE_OF_NEXT_YEAR")).status is Status.UNKNOWN


def _failed() -> list[str]:
    model = Loader().load_service_model("cloudformation", "service-2")
    enum = model["shapes"]["ResourceStatus"]["enum"]
    return [status for status in enum if not status.endswith(("_COMPLETE", "_IN_PROGRESS"))]


@pytest.mark.parametrize("status", _failed())
def test_a_part_that_failed_is_not_there(judged: Any, status: str) -> None:
    assert judged(WHOLE, TOPIC, replace(TOPIC, name="Bucket", status=status)).status is Status.FAIL
