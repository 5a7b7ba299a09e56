"""Production access by boto3: what is sent, held against botocore's model, and what comes back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from byoaws.aws.account_details import BotoProductionAccess
from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.interface import AccountDetails, EmailIdentity
from byoaws.aws.session import Limits
from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    InvalidRequest,
    NotFound,
    RegionDisabled,
    Throttled,
    Unreachable,
)

Wire = Any
Reply = Any
PUT, GET = "POST /v2/email/account/details", "GET /v2/email/identities/example.com"
DETAILS = AccountDetails(
    mail_type="TRANSACTIONAL", website_url="https://www.example.com", use_case="Password resets.", contacts=()
)


@pytest.fixture
def aws(opened: BotoCustomerAws) -> BotoProductionAccess:
    return BotoProductionAccess.under_role(opened)


@pytest.mark.parametrize(
    ("contacts", "further"),
    [
        ((), {}),
        (("a@example.com", "b@example.com"), {"AdditionalContactEmailAddresses": ["a@example.com", "b@example.com"]}),
    ],
    ids=["none", "two"],
)
@pytest.mark.parametrize("mail_type", ["TRANSACTIONAL", "MARKETING"])
def test_the_request_is_just_this(
    aws: BotoProductionAccess, mail_type: str, contacts: tuple[str, ...], further: Mapping[str, Any]
) -> None:
    aws.caller()  # opens the session, whose credentials the stub would otherwise not see
    with Stubber(aws._session.client("sesv2", aws._region)) as stub:
        stub.add_response(
            "put_account_details",
            {},
            {
                "MailType": mail_type,
                "WebsiteURL": "https://www.example.com",
                "ContactLanguage": "EN",
                "UseCaseDescription": "Password resets.",
                "ProductionAccessEnabled": True,
                **further,
            },
        )
        aws.put_account_details(
            AccountDetails(
                mail_type=mail_type,
                website_url=DETAILS.website_url,
                use_case=DETAILS.use_case,
                contacts=contacts,
            )
        )
        stub.assert_no_pending_responses()


def test_over_the_wire_it_is_signed_by_the_role_alone(
    aws: BotoProductionAccess, vendor_environment: Wire, reply: Reply, customer_keys: tuple[str, ...]
) -> None:
    vendor_environment.replies[PUT] = reply(body="{}")
    aws.put_account_details(DETAILS)
    (sent,) = vendor_environment.asked(PUT)
    assert json.loads(sent.body)["ProductionAccessEnabled"] is True
    assert customer_keys[0] in sent.headers["authorization"]
    assert sent.headers["x-amz-security-token"] == customer_keys[2]
    assert "/eu-west-1/ses/" in sent.headers["authorization"]


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ConflictException", 409, AwsError),
        ("AccessDeniedException", 403, AccessDenied),
        ("BadRequestException", 400, InvalidRequest),
        ("TooManyRequestsException", 429, Throttled),
        ("ExpiredTokenException", 403, BadCredentials),
        ("UnrecognizedClientException", 403, RegionDisabled),
        ("InternalFailure", 500, Unreachable),
    ],
)
def test_a_refusal_has_its_kind_and_awss_own_code(
    aws: BotoProductionAccess, vendor_environment: Wire, code: str, status: int, kind: type[AwsError]
) -> None:
    vendor_environment.replies[PUT] = vendor_environment.json_refusal(code, "so it is", status)
    with pytest.raises(AwsError) as refused:
        aws.put_account_details(DETAILS)
    assert type(refused.value) is kind
    assert (refused.value.code, refused.value.operation) == (code, "ses:PutAccountDetails")


def test_more_than_aws_takes_is_refused_before_it_is_sent(aws: BotoProductionAccess, vendor_environment: Wire) -> None:
    with pytest.raises(InvalidRequest):
        aws.put_account_details(
            AccountDetails(mail_type="MARKETING", website_url="", use_case="x", contacts=("me@example.com",))
        )
    assert vendor_environment.asked(PUT) == []


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (
            {
                "IdentityType": "DOMAIN",
                "VerifiedForSendingStatus": True,
                "VerificationStatus": "SUCCESS",
                "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": ["a", "b", "c"]},
                "MailFromAttributes": {
                    "MailFromDomain": "bounce.example.com",
                    "MailFromDomainStatus": "SUCCESS",
                    "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
                },
            },
            (True, "SUCCESS", True, "SUCCESS", "bounce.example.com"),
        ),
        ({"VerifiedForSendingStatus": False, "MailFromAttributes": {"MailFromDomain": ""}}, (False, *[None] * 4)),
        ({}, (None,) * 5),
    ],
    ids=["all", "little", "nothing"],
)
def test_an_identity_as_aws_words_it(
    aws: BotoProductionAccess,
    vendor_environment: Wire,
    reply: Reply,
    answer: Mapping[str, Any],
    wanted: tuple[Any, ...],
) -> None:
    vendor_environment.replies[GET] = reply(body=json.dumps(answer))
    found = aws.email_identity("example.com")
    names = ("verified", "verification_status", "dkim_enabled", "dkim_status", "mail_from_domain")
    assert found == EmailIdentity(**dict(zip(names, wanted, strict=True)))


@pytest.mark.parametrize("odd", ['{"DkimAttributes": []}', '{"VerificationStatus": 1}', "[]"])
def test_an_odd_answer_is_no_answer(
    aws: BotoProductionAccess, vendor_environment: Wire, reply: Reply, odd: str
) -> None:
    vendor_environment.replies[GET] = reply(body=odd)
    with pytest.raises(Unreachable):
        aws.email_identity("example.com")


@pytest.mark.parametrize("odd", ['{"VerifiedForSendingStatus": "yes"}', "<html>"])
def test_what_botocore_lets_through_is_no_verified_domain(
    aws: BotoProductionAccess, vendor_environment: Wire, reply: Reply, odd: str
) -> None:
    vendor_environment.replies[GET] = reply(body=odd)
    assert not aws.email_identity("example.com").verified


def test_no_such_identity(aws: BotoProductionAccess, vendor_environment: Wire) -> None:
    vendor_environment.replies[GET] = vendor_environment.json_refusal("NotFoundException", "none", 404)
    with pytest.raises(NotFound):
        aws.email_identity("example.com")


def test_ones_own_credentials_are_those_of_the_profile(
    vendor_environment: Wire, reply: Reply, quick: Limits, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[customer]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = EXAMPLEKEYEXAMPLEKEYEXAMPLE\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    vendor_environment.replies[PUT] = reply(body="{}")
    BotoProductionAccess.of_profile("customer", "eu-central-1", limits=quick).put_account_details(DETAILS)
    (sent,) = vendor_environment.asked(PUT)
    assert "AKIAI44QH8DHBEXAMPLE" in sent.headers["authorization"]
    assert "/eu-central-1/ses/" in sent.headers["authorization"]
