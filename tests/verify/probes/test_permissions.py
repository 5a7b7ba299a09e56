"""What the role's own policies allow, against what the packs declare: less, more, and what cannot be told."""

from dataclasses import replace
from typing import Any

import pytest

from byoaws.aws.permission_questions import attached_policies, inline_policies, inline_policy
from byoaws.errors import AccessDenied, AwsError, Throttled, Unreachable
from byoaws.iam.compose import packs_of, permission_policy
from byoaws.model import Status
from byoaws.templates.names import ACCESS_POLICY
from byoaws.vendors.file import load_vendor

VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
OURS = permission_policy(packs_of(VENDOR), lambda text: text.replace("${", "").replace("}", ""))
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def document(*statements: dict[str, Any], ours: bool = True) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*(OURS["Statement"] if ours else ()), *statements]}


def allow(*names: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(names), "Resource": "*", **more}


def without(name: str) -> dict[str, Any]:
    kept = [{**one, "Action": [action for action in one["Action"] if action != name]} for one in OURS["Statement"]]
    return {**OURS, "Statement": [one for one in kept if one["Action"]]}


@pytest.fixture
def judged(new_scene: Any) -> Any:
    def judge(*more: Any, own: Any = OURS, attached: tuple[str, ...] = (), vendor: Any = VENDOR, **answers: Any) -> Any:
        documents = {ACCESS_POLICY: own} | {f"more-{number}": one for number, one in enumerate(more)}
        made = new_scene(vendor=vendor)
        made.answers = {
            "iam:ListRolePolicies": tuple(documents),
            "iam:ListAttachedRolePolicies": attached,
            "iam:GetRolePolicy": lambda request: documents[request["PolicyName"]],
        } | {f"iam:{name}": answer for name, answer in answers.items()}
        judge.asked = made.questions
        return made.ask("permissions")

    return judge


def test_what_was_declared_and_no_more(judged: Any) -> None:
    result = judged()
    assert result.status is Status.PASS
    assert not any(result.evidence.values())
    assert {question.request["RoleName"] for question in judged.asked} == {"stack-Role-1A2B3C"}


MISSING = {
    "taken out": (without("ses:SendEmail"), "ses:SendEmail"),
    "denied": (document({**allow("ses:send*"), "Effect": "Deny"}), "ses:SendEmail, ses:SendRawEmail"),
    "nothing is left": (document(allow("s3:ListAllMyBuckets"), ours=False), "and"),
    "all but it": (document({"Effect": "Allow", "NotAction": "ses:*", "Resource": "*"}, ours=False), "ses:SendEmail"),
}


@pytest.mark.parametrize(("own", "words"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_named(judged: Any, own: Any, words: str) -> None:
    result = judged(own=own)
    assert result.status is Status.FAIL
    assert words in result.summary
    assert result.fix


MORE = {
    "an action": (document(allow("s3:DeleteBucket")), "s3:DeleteBucket"),
    "a service": (document(allow("ses:*")), "ses:*"),
    "everything": (document(allow("*")), "allow *"),
    "everything but": (document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), "everything but iam:*"),
    "in place of ours": (document(allow("*"), ours=False), "allow *"),
}


@pytest.mark.parametrize(("own", "words"), MORE.values(), ids=MORE)
def test_what_is_more_is_a_warning(judged: Any, own: Any, words: str) -> None:
    result = judged(own=own)
    assert result.status is Status.WARN
    assert words in result.summary
    assert result.evidence["missing"] == []


def test_a_further_policy_and_an_attached_one(judged: Any) -> None:
    result = judged(document(allow("ses:SendEmail"), ours=False), attached=(f"{ADMIN}\x1b",))
    assert result.status is Status.WARN
    assert result.evidence["attached"] == [f"{ADMIN}\\x1b"]
    assert result.evidence["policies"] == ["more-0"]
    assert "AdministratorAccess" in result.summary
    assert "more-0" in result.causes[0]


@pytest.mark.parametrize(
    "own",
    [
        document({**allow("s3:*"), "Effect": "Deny"} | {"Resource": "arn:aws:s3:::other/*"}),
        document({**allow("ses:SendEmail"), "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        {**OURS, "Statement": [{**one, "Action": [x.upper() for x in one["Action"]]} for one in OURS["Statement"]]},
    ],
    ids=["denies for something", "denies sometimes", "in another case"],
)
def test_what_is_allowed_for_something_is_not_missing(judged: Any, own: Any) -> None:
    assert judged(own=own).status is Status.PASS


def test_what_an_attached_policy_may_allow_is_not_called_missing(judged: Any) -> None:
    assert judged(own=without("ses:SendEmail"), attached=(ADMIN,)).status is Status.UNKNOWN


def test_a_policy_that_nobody_can_read(judged: Any) -> None:
    assert judged(own={"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("error", "packs", "status"),
    [
        (AccessDenied, (), Status.UNKNOWN),
        (AccessDenied, ("drift-read",), Status.UNKNOWN),
        (Throttled, ("drift-read",), Status.UNKNOWN),
    ],
)
@pytest.mark.parametrize("action", ["ListRolePolicies", "ListAttachedRolePolicies", "GetRolePolicy"])
def test_what_iam_does_not_say_is_no_pass(
    judged: Any, action: str, error: type[AwsError], packs: tuple[str, ...], status: Status
) -> None:
    vendor = replace(VENDOR, packs=(*VENDOR.packs, *packs))
    result = judged(vendor=vendor, **{action: error("x", operation=f"iam:{action}")})
    assert result.status is status


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (inline_policies("r"), {"PolicyNames": [1]}),
        (inline_policies("r"), {"PolicyNames": [], "IsTruncated": True}),
        (inline_policy("r", "p"), {"PolicyDocument": "{"}),
        (inline_policy("r", "p"), {}),
        (attached_policies("r"), {"AttachedPolicies": [{"PolicyName": "x"}]}),
        (attached_policies("r"), {"AttachedPolicies": [], "IsTruncated": True}),
    ],
    ids=str,
)
def test_an_odd_answer_is_no_answer(question: Any, answer: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        question.read(answer, question.action)


def test_what_iam_says() -> None:
    assert inline_policies("r").read({"PolicyNames": ["a", "b"]}, "x") == ("a", "b")
    assert inline_policy("r", "a").read({"PolicyDocument": {"Statement": []}}, "x") == {"Statement": []}
    assert attached_policies("r").read({"AttachedPolicies": [{"PolicyArn": ADMIN}]}, "x") == (ADMIN,)


@pytest.mark.parametrize("question", [inline_policies("r"), attached_policies("r")], ids=["inline", "attached"])
def test_attack_a_list_that_iam_left_out_is_not_an_empty_one(question: Any) -> None:
    """No name would read as a role without permissions, and no ARN as a role to which nothing is attached."""
    with pytest.raises(Unreachable, match="missing"):
        question.read({"IsTruncated": False}, question.action)


def test_an_empty_list_is_one() -> None:
    assert inline_policies("r").read({"PolicyNames": [], "IsTruncated": False}, "x") == ()
    assert attached_policies("r").read({"AttachedPolicies": [], "IsTruncated": False}, "x") == ()
