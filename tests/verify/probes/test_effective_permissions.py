"""What IAM's policy simulator says of the role: what an organization, a boundary or a Deny keeps it from."""

from dataclasses import replace
from typing import Any

import pytest

from byoaws.aws.permission_questions import simulated
from byoaws.errors import AccessDenied, AwsError, Throttled, Unreachable
from byoaws.iam.compose import actions, packs_of, permission_policy
from byoaws.iam.simulation import Simulation
from byoaws.model import Status
from byoaws.templates.names import ACCESS_POLICY
from byoaws.vendors.file import load_vendor

MAILMARK = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
VENDOR = replace(MAILMARK, packs=(*MAILMARK.packs, "self-simulate"), probes=(*MAILMARK.probes, "effective-permissions"))
OURS = permission_policy(packs_of(VENDOR), lambda text: text.replace("${", "").replace("}", ""))
BY_ORGANIZATION = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
BY_BOUNDARY = {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}
GUESSED = {"MissingContextValues": ["aws:SourceIp"]}


def said(action: str, decision: str = "allowed", **more: Any) -> dict[str, Any]:
    return {"EvalActionName": action, "EvalResourceName": "*", "EvalDecision": decision, **more}


@pytest.fixture
def judged(new_scene: Any) -> Any:
    """Ask the probe, of a simulator that answers as given for some actions and allows all others."""

    def judge(own: Any = OURS, vendor: Any = VENDOR, error: AwsError | None = None, **odd: dict[str, Any]) -> Any:
        made = new_scene(vendor=vendor)

        def simulate(request: dict[str, Any]) -> Any:
            if error:
                raise error
            results = [{**said(name), **odd.get(name.partition(":")[2], {})} for name in request["ActionNames"]]
            asked = Simulation(actions=tuple(request["ActionNames"]), resources=(), context=())
            return simulated("role", asked).read({"EvaluationResults": results}, "iam:SimulatePrincipalPolicy")

        made.answers = {
            "iam:ListRolePolicies": (ACCESS_POLICY,),
            "iam:GetRolePolicy": own,
            "iam:SimulatePrincipalPolicy": simulate,
        }
        judge.asked = made.questions
        return made.ask("effective-permissions")

    return judge


def test_every_declared_action_is_simulated_on_what_it_is_for(judged: Any) -> None:
    result = judged()
    assert result.status is Status.PASS
    asked = [question.request for question in judged.asked if question.operation == "SimulatePrincipalPolicy"]
    assert {name for request in asked for name in request["ActionNames"]} == set(actions(packs_of(VENDOR)))
    assert not [arn for request in asked for arn in request["ResourceArns"] if arn != "*" and {*"*?"} & {*arn}]
    regions = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string", "ContextKeyValues": ["eu-west-1"]}
    assert all(regions in request["ContextEntries"] for request in asked)


DENIED = {
    "organization": ({"EvalDecision": "implicitDeny", **BY_ORGANIZATION}, "(SCP)", "denied_by_organization"),
    "boundary": ({"EvalDecision": "implicitDeny", **BY_BOUNDARY}, "boundary", "denied_by_boundary"),
    "Deny": ({"EvalDecision": "explicitDeny"}, "Effect Deny", "denied"),
    "on one resource": (
        {"ResourceSpecificResults": [{"EvalResourceName": "x", "EvalResourceDecision": "explicitDeny"}]},
        "Effect Deny",
        "denied",
    ),
}


@pytest.mark.parametrize(("odd", "words", "key"), DENIED.values(), ids=DENIED)
def test_what_is_denied_is_named_with_what_denies_it(judged: Any, odd: Any, words: str, key: str) -> None:
    result = judged(SendEmail=odd)
    assert result.status is Status.FAIL
    assert words in result.summary
    assert "ses:SendEmail" in result.summary
    assert result.evidence[key] == ["ses:SendEmail"]


def test_what_only_lets_us_look_is_a_warning(judged: Any) -> None:
    assert judged(SimulatePrincipalPolicy={"EvalDecision": "implicitDeny", **BY_ORGANIZATION}).status is Status.WARN


@pytest.mark.parametrize(
    "odd",
    [{"EvalDecision": "implicitDeny"}, {"EvalDecision": "explicitDeny", **GUESSED}],
    ids=["nobody knows why", "a key was not given"],
)
def test_a_refusal_without_a_reason_is_neither_pass_nor_fail(judged: Any, odd: Any) -> None:
    result = judged(SendEmail=odd)
    assert result.status is Status.UNKNOWN
    assert result.evidence["unsure"] == ["ses:SendEmail"]


def test_all_causes_are_named(judged: Any) -> None:
    result = judged(
        SendEmail={"EvalDecision": "implicitDeny", **BY_ORGANIZATION, **BY_BOUNDARY}, GetAccount=DENIED["Deny"][0]
    )
    assert "(SCP)" in result.summary
    assert ["boundary" in result.causes[0], "ses:GetAccount" in result.causes[1]] == [True, True]


@pytest.mark.parametrize(
    "error", [AccessDenied("x", operation="iam:SimulatePrincipalPolicy"), Throttled("x", operation="iam:x")], ids=type
)
def test_what_iam_does_not_say_is_no_pass(judged: Any, error: AwsError) -> None:
    assert judged(error=error).status is Status.UNKNOWN


def test_without_the_pack_it_is_named(judged: Any) -> None:
    result = judged(vendor=MAILMARK, error=AccessDenied("x", operation="iam:SimulatePrincipalPolicy"))
    assert "'self-simulate'" in result.fix


@pytest.mark.parametrize(
    "own",
    [
        {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:SendEmail", "NotResource": "x"}]},
    ],
    ids=["unreadable", "not declared", "everything but"],
)
def test_nothing_to_simulate_is_no_pass(judged: Any, own: Any) -> None:
    assert judged(own).status is Status.UNKNOWN


ASKED = Simulation(actions=("ses:SendEmail",), resources=("*",), context=())


@pytest.mark.parametrize(
    "results",
    [
        [],
        [said("ses:GetAccount")],
        [said("ses:SendEmail"), said("ses:GetAccount")],
        [said("ses:SendEmail", "perhaps")],
        [said("ses:SendEmail", OrganizationsDecisionDetail={"AllowedByOrganizations": "false"})],
        [said("ses:SendEmail", ResourceSpecificResults=[{"EvalResourceName": "x"}])],
    ],
    ids=["nothing", "another", "one too many", "no decision", "text for a truth value", "a resource without decision"],
)
def test_an_odd_answer_is_no_answer(results: list[Any]) -> None:
    question = simulated("role", ASKED)
    with pytest.raises(Unreachable):
        question.read({"EvaluationResults": results}, question.action)
    with pytest.raises(Unreachable):
        question.read({"EvaluationResults": [said("ses:SendEmail")], "IsTruncated": True}, question.action)
