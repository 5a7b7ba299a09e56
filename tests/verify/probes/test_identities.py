"""Do the domains work? None, some, all; what SES does not say is neither."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from byoaws.aws.identity_questions import LOOKED_AT, Identities, IdentityState, identities, identity_state
from byoaws.errors import AccessDenied, AwsError, NotFound, RegionDisabled, Throttled, Unreachable
from byoaws.model import Status
from byoaws.vendors.file import load_vendor

VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
WORKS = IdentityState(verified=True, dkim="SUCCESS", signs=True, mail_from="mail.a.example", mail_from_status="SUCCESS")
NOT_VERIFIED = IdentityState(verified=False, dkim="PENDING", signs=True, mail_from=None, mail_from_status=None)
GONE = NotFound("x", operation="ses:GetEmailIdentity", code="NotFoundException")


@pytest.fixture
def judged(new_scene: Any) -> Any:
    def judge(states: Mapping[str, Any], *, more: bool = False, vendor: Any = VENDOR, **answers: Any) -> Any:
        made = new_scene(vendor=vendor)
        made.answers = {
            "ses:ListEmailIdentities": Identities(names=tuple(states), more=more),
            "ses:GetEmailIdentity": lambda request: states[request["EmailIdentity"]],
        } | {f"ses:{name}": answer for name, answer in answers.items()}
        judge.asked = made.questions
        return made.ask("identities")

    return judge


def test_all_work(judged: Any) -> None:
    result = judged({"a.example": WORKS, "b.example": replace(WORKS, mail_from=None, mail_from_status=None)})
    assert (result.status, result.summary) == (Status.PASS, "2 of 2 identities work")
    assert result.evidence == {"looked_at": 2, "more": False, "problems": {}}


def test_an_address_is_signed_by_its_domains_keys(judged: Any) -> None:
    assert judged({"me@a.example": replace(WORKS, dkim="NOT_STARTED", signs=False)}).status is Status.PASS


WRONG = {
    "not verified": (NOT_VERIFIED, "nothing can be sent"),
    "not said": (replace(WORKS, verified=None), "did not say"),
    "dkim pending": (replace(WORKS, dkim="PENDING"), "DKIM is PENDING"),
    "dkim lost": (replace(WORKS, dkim="TEMPORARY_FAILURE"), "DKIM is TEMPORARY_FAILURE"),
    "dkim not said": (replace(WORKS, dkim=None), "DKIM is not told"),
    "dkim off": (replace(WORKS, signs=False), "switched off"),
    "mail from": (replace(WORKS, mail_from_status="FAILED"), "MAIL FROM domain is FAILED"),
}


@pytest.mark.parametrize(("state", "words"), WRONG.values(), ids=WRONG)
def test_one_that_is_not_in_order_is_a_warning(judged: Any, state: IdentityState, words: str) -> None:
    result = judged({"a.example": WORKS, "b\x1b.example": state})
    assert result.status is Status.WARN
    assert result.summary.startswith("1 of 2 identities are not in order: b\\x1b.example")
    assert words in result.causes[0]
    assert result.fix


def test_none_at_all(judged: Any) -> None:
    assert judged({}).status is Status.WARN
    assert judged({"a.example": GONE}).status is Status.WARN


def test_none_works(judged: Any) -> None:
    result = judged({"a.example": NOT_VERIFIED, "b.example": NOT_VERIFIED})
    assert result.status is Status.FAIL
    assert len(result.causes) == 2


@pytest.mark.parametrize(
    ("states", "more"),
    [
        ({"a.example": NOT_VERIFIED}, True),
        ({"a.example": NOT_VERIFIED, "b.example": replace(WORKS, verified=None)}, False),
        ({"a.example": GONE}, True),
    ],
    ids=["others were not looked at", "of one it is not said", "the one looked at is gone"],
)
def test_it_is_no_failure_while_one_may_work(judged: Any, states: Mapping[str, Any], more: bool) -> None:
    assert judged(states, more=more).status is Status.UNKNOWN


def test_of_many_a_page_is_looked_at(judged: Any) -> None:
    result = judged({f"d{number}.example": WORKS for number in range(LOOKED_AT)}, more=True)
    assert (result.status, result.summary) == (Status.PASS, "20 of 20 identities work, as far as was looked")
    assert len(judged.asked) == 1 + LOOKED_AT


@pytest.mark.parametrize(
    ("error", "packs", "status"),
    [
        (AccessDenied, (), Status.UNKNOWN),
        (AccessDenied, ("health-read",), Status.UNKNOWN),
        (RegionDisabled, ("health-read",), Status.UNKNOWN),
        (Throttled, ("health-read",), Status.UNKNOWN),
    ],
)
@pytest.mark.parametrize("action", ["ListEmailIdentities", "GetEmailIdentity"])
def test_what_ses_does_not_say_is_no_pass(
    judged: Any, action: str, error: type[AwsError], packs: tuple[str, ...], status: Status
) -> None:
    vendor = replace(VENDOR, packs=(*VENDOR.packs, *packs))
    result = judged({"a.example": WORKS}, vendor=vendor, **{action: error("x", operation=f"ses:{action}")})
    assert result.status is status


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (identities(), {"EmailIdentities": [{"SendingEnabled": True}]}),
        (identities(), {"EmailIdentities": "x"}),
        (identities(), {"NextToken": 1}),
        (identity_state("x"), {"VerifiedForSendingStatus": "true"}),
        (identity_state("x"), {"DkimAttributes": {"SigningEnabled": 1}}),
        (identity_state("x"), {"MailFromAttributes": "x"}),
    ],
    ids=str,
)
def test_an_odd_answer_is_no_answer(question: Any, answer: dict[str, Any]) -> None:
    with pytest.raises(Unreachable):
        question.read(answer, question.action)


def test_what_ses_says() -> None:
    question = identities()
    page = {"EmailIdentities": [{"IdentityName": f"d{number}.example"} for number in range(LOOKED_AT + 1)]}
    assert question.request == {"PageSize": LOOKED_AT}
    assert question.read(page, question.action).more
    assert len(question.read(page, question.action).names) == LOOKED_AT
    assert question.read({"NextToken": "t"}, question.action) == Identities(names=(), more=True)
    said = {
        "VerifiedForSendingStatus": True,
        "DkimAttributes": {"Status": "SUCCESS", "SigningEnabled": True},
        "MailFromAttributes": {"MailFromDomain": "mail.a.example", "MailFromDomainStatus": "SUCCESS"},
    }
    assert identity_state("a").read(said, "x") == WORKS
    assert identity_state("a").read({"MailFromAttributes": {"MailFromDomain": ""}}, "x").mail_from is None


def test_attack_a_404_that_ses_did_not_say_removes_no_identity(
    judged: Any, bare_404: Callable[[str], NotFound]
) -> None:
    """Each identity passed for one that was removed, and the account for one without any, which is a warning only."""
    assert judged({"a.example": bare_404("ses:GetEmailIdentity")}).status is Status.UNKNOWN


def test_attack_a_page_without_a_list_is_not_an_account_without_identities() -> None:
    with pytest.raises(Unreachable, match="missing"):
        identities().read({}, "x")
    assert identities().read({"EmailIdentities": []}, "x") == Identities(names=(), more=False)
