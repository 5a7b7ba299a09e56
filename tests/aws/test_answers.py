from collections.abc import Mapping

import pytest

from byoaws.aws.answers import caller_of, credentials_of, ses_account_of, trust_policy_of
from byoaws.aws.interface import Caller, SesAccount
from byoaws.errors import Unreachable

ARN = "arn:aws:sts::111122223333:assumed-role/platform/i-0"
NOTHING = SesAccount(
    production_access=None,
    sending_enabled=None,
    enforcement_status=None,
    max_24_hour_send=None,
    max_send_rate=None,
    sent_last_24_hours=None,
    review_status=None,
    review_case_id=None,
)


def test_caller() -> None:
    answer = {"Account": "111122223333", "Arn": ARN, "UserId": "A"}
    assert caller_of(answer, "op") == Caller(account_id="111122223333", arn=ARN)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Account": "111122223333"},
        {"Arn": ARN},
        {"Account": "", "Arn": ARN},
        {"Account": "1234", "Arn": ARN},
        {"Account": "١١١١٢٢٢٢٣٣٣٣", "Arn": ARN},
        {"Account": 111122223333, "Arn": ARN},
        {"Account": "111122223333", "Arn": "platform"},
    ],
)
def test_a_caller_that_cannot_be_read_is_nobody(answer: Mapping[str, object]) -> None:
    with pytest.raises(Unreachable, match="no usable answer"):
        caller_of(answer, "op")


def test_credentials_do_not_show() -> None:
    held = credentials_of(
        {"Credentials": {"AccessKeyId": "k-e-y-1", "SecretAccessKey": "s-e-c-1", "SessionToken": "t-o-k-1"}}, "op"
    )
    assert (held.access_key_id, held.secret_access_key, held.session_token) == ("k-e-y-1", "s-e-c-1", "t-o-k-1")
    assert repr(held) == str(held) == "TemporaryCredentials()"


@pytest.mark.parametrize("missing", ["AccessKeyId", "SecretAccessKey", "SessionToken"])
@pytest.mark.parametrize("value", [None, "", 7], ids=["none", "empty", "number"])
def test_credentials_with_a_part_missing_are_none(missing: str, value: object) -> None:
    whole: dict[str, object] = {"AccessKeyId": "k-e-y-1", "SecretAccessKey": "s-e-c-1", "SessionToken": "t-o-k-1"}
    with pytest.raises(Unreachable) as caught:
        credentials_of({"Credentials": {**whole, missing: value}}, "op")
    assert missing in str(caught.value)
    assert not any(part in repr(vars(caught.value)) for part in ("k-e-y-1", "s-e-c-1", "t-o-k-1"))


@pytest.mark.parametrize("answer", [{}, {"Credentials": None}, {"Credentials": []}], ids=repr)
def test_no_credentials_at_all(answer: Mapping[str, object]) -> None:
    with pytest.raises(Unreachable):
        credentials_of(answer, "op")


def test_every_field_of_the_ses_account() -> None:
    answer = {
        "ProductionAccessEnabled": False,
        "SendingEnabled": True,
        "EnforcementStatus": "PROBATION",
        "SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 3.0},
        "Details": {"MailType": "TRANSACTIONAL", "ReviewDetails": {"Status": "PENDING", "CaseId": "77"}},
    }
    assert ses_account_of(answer, "op") == SesAccount(
        production_access=False,
        sending_enabled=True,
        enforcement_status="PROBATION",
        max_24_hour_send=200.0,
        max_send_rate=1.0,
        sent_last_24_hours=3.0,
        review_status="PENDING",
        review_case_id="77",
    )


@pytest.mark.parametrize(
    "answer",
    [{}, {"SendQuota": {}, "Details": {}}, {"Details": {"ReviewDetails": {}}}, {"SendQuota": None, "Details": None}],
    ids=repr,
)
def test_what_ses_leaves_out_is_none(answer: Mapping[str, object]) -> None:
    assert ses_account_of(answer, "op") == NOTHING


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"ProductionAccessEnabled": "false"}, id="a-string-that-is-true"),
        pytest.param({"ProductionAccessEnabled": 1}, id="a-number-that-is-true"),
        pytest.param({"SendQuota": {"Max24HourSend": True}}, id="a-boolean-that-is-one"),
        pytest.param({"SendQuota": {"MaxSendRate": "fast"}}, id="rate"),
        pytest.param({"SendQuota": [1]}, id="quota"),
        pytest.param({"EnforcementStatus": {}}, id="status"),
        pytest.param({"Details": {"ReviewDetails": "GRANTED"}}, id="review"),
    ],
)
def test_what_ses_never_says_is_not_believed(answer: Mapping[str, object]) -> None:
    with pytest.raises(Unreachable, match="is not of type"):
        ses_account_of(answer, "op")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")], ids=repr)
def test_a_quota_is_a_number(number: float) -> None:
    with pytest.raises(Unreachable, match="is not a number"):
        ses_account_of({"SendQuota": {"Max24HourSend": number}}, "op")


def test_trust_policy() -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]}
    assert trust_policy_of({"Role": {"AssumeRolePolicyDocument": document}}, "op") == document


@pytest.mark.parametrize("document", [None, "", "{not json", [], [{"Statement": []}], {}, 7, True], ids=repr)
def test_a_trust_policy_of_another_shape_is_refused(document: object) -> None:
    with pytest.raises(Unreachable, match="trust policy"):
        trust_policy_of({"Role": {"AssumeRolePolicyDocument": document}}, "op")


@pytest.mark.parametrize("answer", [{}, {"Role": None}, {"Role": {}}, {"Role": "x"}], ids=repr)
def test_no_role_no_policy(answer: Mapping[str, object]) -> None:
    with pytest.raises(Unreachable):
        trust_policy_of(answer, "op")
