from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from byoaws import __version__
from byoaws.aws.boto import BotoCustomerAws, BotoVendorAws
from byoaws.aws.interface import Caller
from byoaws.aws.questions import trust_policy
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

ROLE = "arn:aws:iam::444455556666:role/byoaws/acme/mail"
EXTERNAL_ID = "byoaws-acme-0123456789abcdef"
Wire = Any
Reply = Any


@pytest.fixture
def vendor(vendor_environment: Wire, quick: Limits) -> BotoVendorAws:
    return BotoVendorAws(None, "us-east-1", limits=quick)


def opened(vendor: BotoVendorAws, external_id: str | None = EXTERNAL_ID, **other: Any) -> BotoCustomerAws:
    call = {"role_arn": ROLE, "session_name": "byoaws", "duration": 900, "region": "eu-west-1", **other}
    session = vendor.assume_role(external_id=external_id, **call)
    assert isinstance(session, BotoCustomerAws)
    return session


# --- what is sent, held against botocore's models ---


@pytest.mark.parametrize(
    ("external_id", "sent"),
    [(EXTERNAL_ID, {"ExternalId": EXTERNAL_ID}), (None, {})],
    ids=["with-external-id", "without"],
)
def test_assume_role_sends_just_this(
    vendor: BotoVendorAws, customer_keys: tuple[str, ...], external_id: str | None, sent: dict[str, str]
) -> None:
    access_key_id, secret_access_key, session_token = customer_keys
    with Stubber(vendor._session.client("sts", "us-east-1")) as stub:
        stub.add_response(
            "assume_role",
            {
                "Credentials": {
                    "AccessKeyId": access_key_id,
                    "SecretAccessKey": secret_access_key,
                    "SessionToken": session_token,
                    "Expiration": datetime(2030, 1, 1, tzinfo=UTC),
                }
            },
            {"RoleArn": ROLE, "RoleSessionName": "acme-check", "DurationSeconds": 1800, **sent},
        )
        opened(vendor, external_id, session_name="acme-check", duration=1800)
        stub.assert_no_pending_responses()


def test_get_account_and_get_role_in_aws_s_own_shapes(vendor: BotoVendorAws) -> None:
    customer = opened(vendor)
    client = customer._session.client
    document = {"Version": "2012-10-17", "Statement": []}
    with Stubber(client("sesv2", "eu-west-1")) as ses, Stubber(client("iam", "us-east-1")) as iam:
        ses.add_response(
            "get_account",
            {
                "ProductionAccessEnabled": True,
                "SendQuota": {"Max24HourSend": -1.0},
                "Details": {"ReviewDetails": {"Status": "GRANTED"}},
            },
            {},
        )
        iam.add_response(
            "get_role",
            {
                "Role": {
                    "Path": "/byoaws/acme/",
                    "RoleName": "mail",
                    "RoleId": "AROAEXAMPLEEXAMPLE",
                    "Arn": ROLE,
                    "CreateDate": datetime(2026, 1, 1, tzinfo=UTC),
                    "AssumeRolePolicyDocument": '{"Version": "2012-10-17", "Statement": []}',
                }
            },
            {"RoleName": "mail"},
        )
        account = customer.ses_account()
        assert (account.production_access, account.max_24_hour_send) == (True, -1.0)
        assert (account.review_status, account.sending_enabled) == ("GRANTED", None)
        assert customer.ask(trust_policy("mail")) == document


# --- what goes over the wire ---


def test_the_wire_carries_the_external_id_or_does_not_name_it(vendor: BotoVendorAws, vendor_environment: Wire) -> None:
    opened(vendor)
    opened(vendor, None)
    with_id, without = (sent.form for sent in vendor_environment.asked("AssumeRole"))
    assert with_id == {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": ROLE,
        "RoleSessionName": "byoaws",
        "DurationSeconds": "900",
        "ExternalId": EXTERNAL_ID,
    }
    assert without == {name: value for name, value in with_id.items() if name != "ExternalId"}


def test_attack_an_empty_external_id_is_refused_and_never_taken_for_none(
    vendor: BotoVendorAws, vendor_environment: Wire
) -> None:
    with pytest.raises(InvalidRequest, match="ExternalId"):
        opened(vendor, "")
    assert vendor_environment.asked("AssumeRole") == []


def test_every_call_of_the_customer_session_is_signed_by_the_role(
    vendor: BotoVendorAws, vendor_environment: Wire, customer_keys: tuple[str, ...]
) -> None:
    customer = opened(vendor)
    vendor_environment.sent.clear()
    assert customer.caller() == Caller(
        account_id="444455556666", arn="arn:aws:sts::444455556666:assumed-role/mail/byoaws"
    )
    assert customer.ses_account().production_access is False
    assert customer.ask(trust_policy("mail")) == {"Version": "2012-10-17", "Statement": []}
    scopes = [sent.headers["authorization"].split("Credential=")[1].split(",")[0] for sent in vendor_environment.sent]
    assert [scope.split("/", 2)[0] for scope in scopes] == [customer_keys[0]] * 3
    assert [scope.split("/", 2)[2] for scope in scopes] == [
        "us-east-1/sts/aws4_request",
        "eu-west-1/ses/aws4_request",
        "us-east-1/iam/aws4_request",
    ]
    assert [sent.headers["x-amz-security-token"] for sent in vendor_environment.sent] == [customer_keys[2]] * 3


def test_the_vendor_is_asked_once_who_it_is(vendor: BotoVendorAws, vendor_environment: Wire) -> None:
    assert vendor.caller() == vendor.caller()
    assert vendor.caller().account_id == "111122223333"
    assert len(vendor_environment.asked("GetCallerIdentity")) == 1


def test_a_failure_to_say_who_it_is_is_not_kept(vendor: BotoVendorAws, vendor_environment: Wire) -> None:
    good = vendor_environment.replies["GetCallerIdentity"]
    vendor_environment.replies["GetCallerIdentity"] = vendor_environment.refusal("Throttling", "Rate exceeded", 400)
    with pytest.raises(Throttled):
        vendor.caller()
    vendor_environment.replies["GetCallerIdentity"] = good
    assert vendor.caller().account_id == "111122223333"


def test_nothing_is_asked_before_the_first_question(vendor: BotoVendorAws, vendor_environment: Wire) -> None:
    assert vendor_environment.sent == []
    opened(vendor)
    assert [sent.operation for sent in vendor_environment.sent] == ["AssumeRole"]


def test_we_say_who_we_are(vendor: BotoVendorAws, vendor_environment: Wire) -> None:
    opened(vendor).caller()
    agents = {sent.headers["user-agent"] for sent in vendor_environment.sent}
    assert all(f"byoaws/{__version__}" in agent for agent in agents)


def test_the_endpoint_of_one_service_wins_over_the_common_one(
    monkeypatch: pytest.MonkeyPatch, vendor: BotoVendorAws, vendor_environment: Wire
) -> None:
    nowhere = "http://127.0.0.1:1"
    monkeypatch.setenv("AWS_ENDPOINT_URL", nowhere)
    for service in ("STS", "SESV2", "IAM"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", vendor_environment.url)
    customer = opened(vendor)
    assert customer.ses_account().production_access is False
    assert customer.ask(trust_policy("mail"))
    assert [sent.operation for sent in vendor_environment.sent] == ["AssumeRole", "GET /v2/email/account", "GetRole"]


@pytest.mark.parametrize(
    ("sts_region", "region", "hosts"),
    [
        (
            "us-east-1",
            "ap-southeast-5",
            ["sts.us-east-1.amazonaws.com", "email.ap-southeast-5.amazonaws.com", "iam.amazonaws.com"],
        ),
        (
            "us-gov-west-1",
            "us-gov-east-1",
            ["sts.us-gov-west-1.amazonaws.com", "email.us-gov-east-1.amazonaws.com", "iam.us-gov.amazonaws.com"],
        ),
        (
            "eusc-de-east-1",
            "eusc-de-east-1",
            ["sts.eusc-de-east-1.amazonaws.eu", "email.eusc-de-east-1.amazonaws.eu", "iam.eusc-de-east-1.amazonaws.eu"],
        ),
    ],
    ids=["aws", "aws-us-gov", "aws-eusc"],
)
def test_where_each_service_is_asked(
    monkeypatch: pytest.MonkeyPatch,
    vendor_environment: Wire,
    quick: Limits,
    sts_region: str,
    region: str,
    hosts: list[str],
) -> None:
    # The variable would send us-east-1 to the global endpoint, whose tokens opt-in regions refuse.
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    customer = opened(BotoVendorAws(None, sts_region, limits=quick), region=region)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    vendor = BotoVendorAws(None, sts_region, limits=quick)
    services = {"sts": sts_region, "sesv2": region, "iam": sts_region}
    urls = [customer._session.client(*service).meta.endpoint_url for service in services.items()]
    assert [url.removeprefix("https://") for url in urls] == hosts
    assert vendor._session.client("sts", sts_region).meta.endpoint_url == f"https://{hosts[0]}"


# --- what comes back ---


@pytest.mark.parametrize(
    ("code", "message", "status", "kind"),
    [
        ("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole", 403, AccessDenied),
        ("ExpiredToken", "The security token included in the request is expired", 403, BadCredentials),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", 403, BadCredentials),
        ("RegionDisabledException", "STS is not activated in this region for account:1", 403, RegionDisabled),
        ("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration", 400, InvalidRequest),
        ("Throttling", "Rate exceeded", 400, Throttled),
        ("InternalFailure", "oops", 500, Unreachable),
    ],
)
def test_a_refusal_of_assume_role_is_told_in_aws_s_words(
    vendor: BotoVendorAws, vendor_environment: Wire, code: str, message: str, status: int, kind: type[AwsError]
) -> None:
    vendor_environment.replies["AssumeRole"] = vendor_environment.refusal(code, message, status)
    with pytest.raises(AwsError) as caught:
        opened(vendor)
    assert type(caught.value) is kind
    assert (caught.value.operation, caught.value.code, caught.value.aws_message) == ("sts:AssumeRole", code, message)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param("<html><body>Service Unavailable</body></html>", 503, id="a-gateway-s-page"),
        pytest.param("<html><body>Forbidden", 403, id="a-proxy-s-broken-page"),
        pytest.param("<html><body>Forbidden</body></html>", 403, id="a-proxy-s-page"),
        pytest.param("", 403, id="nothing-403"),
        pytest.param("", 200, id="nothing-200"),
        pytest.param("hello", 200, id="text"),
        pytest.param("<a/>", 200, id="other-xml"),
        pytest.param('{"Error": {"Code": "AccessDenied"}}', 403, id="json"),
        pytest.param(b"\xff\xfe\x00", 200, id="bytes"),
        pytest.param("", 302, id="redirect"),
    ],
)
def test_attack_garbage_is_neither_an_open_role_nor_a_refusal(
    vendor: BotoVendorAws, vendor_environment: Wire, reply: Reply, body: str | bytes, status: int
) -> None:
    vendor_environment.replies["AssumeRole"] = reply(body=body, status=status)
    with pytest.raises(AwsError) as caught:
        opened(vendor)
    assert not isinstance(caught.value, AccessDenied)


def test_a_refused_connection_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, vendor_environment: Wire, quick: Limits
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Unreachable) as caught:
        BotoVendorAws(None, "us-east-1", limits=quick).caller()
    assert "AWS_ENDPOINT_URL" in caught.value.hint


def test_who_never_answers_is_given_up(vendor_environment: Wire, reply: Reply) -> None:
    vendor_environment.replies["GetCallerIdentity"] = reply(body="", stalls=True)
    limits = Limits(connect_timeout=0.1, read_timeout=0.1, attempts=1)
    with pytest.raises(Unreachable, match="timeout"):
        BotoVendorAws(None, "us-east-1", limits=limits).caller()


def test_a_throttled_call_is_tried_three_times(monkeypatch: pytest.MonkeyPatch, vendor_environment: Wire) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
    vendor_environment.replies["GetCallerIdentity"] = vendor_environment.refusal("Throttling", "Rate exceeded", 400)
    with pytest.raises(Throttled):
        BotoVendorAws(None, "us-east-1").caller()
    assert len(vendor_environment.asked("GetCallerIdentity")) == 3


def test_the_limits_are_those_we_promise() -> None:
    config: Any = Limits().config()
    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}


@pytest.mark.parametrize("url", ["127.0.0.1:4566", "http://", "not a url"])
def test_an_endpoint_that_is_no_url_is_an_invalid_request(
    monkeypatch: pytest.MonkeyPatch, vendor_environment: Wire, quick: Limits, url: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(InvalidRequest):
        BotoVendorAws(None, "us-east-1", limits=quick).caller()


def test_a_region_that_is_none_is_an_invalid_request(vendor: BotoVendorAws) -> None:
    with pytest.raises(InvalidRequest):
        opened(vendor, region="evil.example/x").ses_account()


@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidClientTokenId"])
def test_a_region_that_does_not_know_fresh_credentials_is_disabled(
    vendor: BotoVendorAws, vendor_environment: Wire, code: str
) -> None:
    customer = opened(vendor)
    refusal = vendor_environment.json_refusal(code, "The security token included in the request is invalid.")
    vendor_environment.replies["GET /v2/email/account"] = refusal
    with pytest.raises(RegionDisabled, match="eu-west-1") as caught:
        customer.ses_account()
    assert caught.value.code == code
    assert "eu-west-1" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", AccessDenied), ("ExpiredTokenException", BadCredentials), ("Odd", AwsError)],
)
def test_other_refusals_of_ses_stay_what_they_are(
    vendor: BotoVendorAws, vendor_environment: Wire, code: str, kind: type[AwsError]
) -> None:
    customer = opened(vendor)
    vendor_environment.replies["GET /v2/email/account"] = vendor_environment.json_refusal(code, "no")
    with pytest.raises(AwsError) as caught:
        customer.ses_account()
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.aws_message) == (code, "no")


def test_a_refused_session_is_not_blamed_on_the_vendor_s_profile(
    vendor: BotoVendorAws, vendor_environment: Wire
) -> None:
    customer = opened(vendor)
    vendor_environment.replies["GetCallerIdentity"] = vendor_environment.refusal("ExpiredToken", "expired")
    with pytest.raises(BadCredentials) as caught:
        customer.caller()
    assert "assume the role again" in caught.value.hint


def test_a_role_that_is_not_there(vendor: BotoVendorAws, vendor_environment: Wire) -> None:
    customer = opened(vendor)
    vendor_environment.replies["GetRole"] = vendor_environment.refusal("NoSuchEntity", "no role mail", 404)
    with pytest.raises(NotFound, match="no role mail"):
        customer.ask(trust_policy("mail"))


@pytest.mark.parametrize("document", ["{broken", "[]", '"text"', "null", "%7B%7D", "{}"])
def test_a_trust_policy_that_is_no_object_is_refused(
    vendor: BotoVendorAws, vendor_environment: Wire, document: str
) -> None:
    customer = opened(vendor)
    vendor_environment.replies["GetRole"] = vendor_environment.role(document)
    with pytest.raises(Unreachable, match="trust policy"):
        customer.ask(trust_policy("mail"))


def test_a_trust_policy_is_decoded_once(vendor: BotoVendorAws, vendor_environment: Wire) -> None:
    """A percent sign in a policy variable or a pattern must survive."""
    customer = opened(vendor)
    vendor_environment.replies["GetRole"] = vendor_environment.role('{"Sid": "50%25 + é"}')
    assert customer.ask(trust_policy("mail")) == {"Sid": "50%25 + é"}


# --- what must never come out ---


def test_nothing_shows_a_credential(
    vendor: BotoVendorAws, vendor_keys: tuple[str, ...], customer_keys: tuple[str, ...]
) -> None:
    customer = opened(vendor)
    customer.caller()
    shown = "".join(
        f"{thing!r} {thing} {vars(thing)!r}" for thing in (vendor, customer, vendor._session, customer._session)
    )
    assert [part for part in (*vendor_keys, *customer_keys) if part in shown] == []


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.7, 0.9, 0.99])
def test_attack_a_cut_answer_of_assume_role_is_not_quoted(
    vendor: BotoVendorAws, vendor_environment: Wire, reply: Reply, secrets_in: Callable[..., list[str]], cut: float
) -> None:
    whole = vendor_environment.replies["AssumeRole"].body
    vendor_environment.replies["AssumeRole"] = reply(body=whole[: int(len(whole) * cut)])
    with pytest.raises(Unreachable) as caught:
        opened(vendor)
    assert secrets_in(caught.value) == []


def test_attack_a_service_that_repeats_what_was_signed_is_not_quoted(
    vendor: BotoVendorAws, vendor_environment: Wire, secrets_in: Callable[..., list[str]]
) -> None:
    customer = opened(vendor)
    vendor_environment.replies["GetCallerIdentity"] = lambda sent: vendor_environment.refusal(
        "SignatureDoesNotMatch", f"no: {sent.headers}"
    )
    for call in (vendor.caller, customer.caller):
        with pytest.raises(BadCredentials, match="SignatureDoesNotMatch: no") as caught:
            call()
        assert secrets_in(caught.value) == []


def test_a_key_id_that_is_an_account_number_does_not_blank_the_account_out(
    monkeypatch: pytest.MonkeyPatch, vendor_environment: Wire, quick: Limits
) -> None:
    """Emulators name accounts by it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111122223333")
    message = "User: arn:aws:iam::111122223333:root is not authorized to perform: sts:AssumeRole"
    vendor_environment.replies["AssumeRole"] = vendor_environment.refusal("AccessDenied", message)
    with pytest.raises(AccessDenied) as caught:
        opened(BotoVendorAws(None, "us-east-1", limits=quick))
    assert caught.value.aws_message == message
