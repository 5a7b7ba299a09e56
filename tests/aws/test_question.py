"""Questions: what may be one, what it is called, and what AWS's answers to it mean; all held against botocore."""

from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from byoaws.aws import questions
from byoaws.aws.interface import AccountDetails
from byoaws.aws.question import Home, Question
from byoaws.errors import AccessDenied, AwsError, BadCredentials, RegionDisabled, Throttled

DETAILS = AccountDetails(
    mail_type="TRANSACTIONAL", website_url="https://x.example", use_case="x", contacts=("a@b.example",)
)
MADE: dict[str, Any] = {
    "trust_policy": questions.trust_policy("mail"),
    "email_identity": questions.email_identity("example.com"),
    "send_from": questions.send_from("nobody@example.invalid"),
    "message_to_simulator": questions.message_to_simulator("a@example.com", "bounce", "mailmark-x"),
    "production_access": questions.production_access(DETAILS),
    "assume_role": questions.assume_role(
        role_arn="arn:aws:iam::444455556666:role/mail", external_id="ab", session_name="byoaws", duration=900
    ),
}
CONSTANTS = {name: value for name, value in vars(questions).items() if isinstance(value, Question)}
ALL = {**CONSTANTS, **MADE}
each = pytest.mark.parametrize("question", ALL.values(), ids=ALL)


def nothing(answer: Any, operation: str) -> None:
    """Reads nothing."""


def test_none_is_left_out() -> None:
    makers = {
        name
        for name, value in vars(questions).items()
        if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == questions.__name__
    }
    assert makers == set(MADE)
    assert {"CALLER", "SES_ACCOUNT", "SEND_QUOTA", "SENDING_ENABLED"} <= set(CONSTANTS)


@each
def test_botocore_knows_the_call_and_takes_the_request(question: Question[Any]) -> None:
    model = botocore.session.get_session().get_service_model(question.service).operation_model(question.operation)
    report = ParamValidator().validate(dict(question.request), model.input_shape) if model.input_shape else None
    assert report is None or not report.has_errors(), report.generate_report()
    assert xform_name(question.operation)


@each
def test_what_changes_nothing_says_so_by_its_name(question: Question[Any]) -> None:
    """Said by hand, and not derived: else a new word in the table would let a change through."""
    assert question.changes == (question.operation in {"SendEmail", "PutAccountDetails", "AssumeRole"})


@pytest.mark.parametrize(
    "operation",
    [
        "SendEmail",
        "PutAccountDetails",
        "DeleteRole",
        "CreateEmailIdentity",
        "AssumeRole",
        "UpdateStack",
        "get",
        "",
        "Ge",
    ],
)
def test_attack_a_change_that_is_not_declared_is_no_question(operation: str) -> None:
    with pytest.raises(ValueError, match="does more than read"):
        Question(service="sesv2", operation=operation, read=nothing)


@pytest.mark.parametrize("operation", ["GetX", "ListX", "DescribeX", "HeadX", "SimulateX"])
def test_reading_needs_no_declaration(operation: str) -> None:
    assert Question(service="s3", operation=operation, read=nothing).request == {}


@pytest.mark.parametrize(
    ("service", "operation", "iam", "action"),
    [
        ("sesv2", "GetAccount", "", "ses:GetAccount"),
        ("ses", "GetSendQuota", "", "ses:GetSendQuota"),
        ("mailmanager", "GetArchive", "", "ses:GetArchive"),
        ("sts", "GetCallerIdentity", "", "sts:GetCallerIdentity"),
        ("s3", "HeadBucket", "s3:ListBucket", "s3:ListBucket"),
    ],
)
def test_its_name_is_the_action_that_iam_knows(service: str, operation: str, iam: str, action: str) -> None:
    assert Question(service=service, operation=operation, iam=iam, read=nothing).action == action


def test_a_request_is_not_shown() -> None:
    """An ExternalId is no secret, but what another question sends may be."""
    assert "hidden" not in repr(Question(service="s3", operation="GetX", request={"Key": "hidden"}, read=nothing))


IN_REGION = Question(service="sesv2", operation="GetAccount", read=nothing)
AT_STS = Question(service="sts", operation="GetCallerIdentity", read=nothing, home=Home.STS)


@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidClientTokenId"])
def test_a_region_that_does_not_know_fresh_credentials_is_disabled(code: str) -> None:
    error = BadCredentials("no", operation="ses:GetAccount", code=code, aws_message="invalid", hint="assume it again")
    meant = IN_REGION.meant(error, "af-south-1")
    assert type(meant) is RegionDisabled
    assert (meant.operation, meant.code, meant.aws_message) == ("ses:GetAccount", code, "invalid")
    assert "af-south-1" in str(meant)
    assert "enable region 'af-south-1'" in meant.hint
    # The always enabled region knows every session: there the credentials themselves are wrong.
    assert AT_STS.meant(error, "us-east-1") is error


@pytest.mark.parametrize(
    "error",
    [
        BadCredentials("old", code="ExpiredToken"),
        AccessDenied("no", code="InvalidClientTokenId"),
        Throttled("slow"),
        AwsError("odd", code="UnrecognizedClientException"),
    ],
    ids=lambda error: f"{type(error).__name__}-{error.code}",
)
def test_any_other_error_means_what_it_says(error: AwsError) -> None:
    assert IN_REGION.meant(error, "af-south-1") is error


def test_an_empty_external_id_is_sent_and_never_taken_for_none() -> None:
    role = {"role_arn": "arn", "session_name": "x", "duration": 900}
    assert questions.assume_role(external_id="", **role).request["ExternalId"] == ""  # type: ignore[arg-type]
    assert "ExternalId" not in questions.assume_role(external_id=None, **role).request  # type: ignore[arg-type]
