import os
from pathlib import Path
from typing import Any

import pytest

from byoaws.aws.boto import BotoVendorAws
from byoaws.aws.credentials import TemporaryCredentials
from byoaws.aws.questions import trust_policy
from byoaws.aws.session import Limits, RoleSession, credential_free_core
from byoaws.errors import AccessDenied, AwsError, BadCredentials, InvalidRequest, Throttled

Wire = Any
OTHER_KEY = "AKIAI44QH8DHBEXAMPLE"
OTHER_SECRET = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"


def profiles(text: str) -> None:
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(text)


def opened(vendor: BotoVendorAws) -> Any:
    return vendor.assume_role(
        role_arn="arn:aws:iam::444455556666:role/mail",
        external_id="byoaws-acme-1",
        session_name="byoaws",
        duration=900,
        region="eu-west-1",
    )


def signer(sent: Any) -> str:
    return str(sent.headers["authorization"].split("Credential=")[1].split("/")[0])


@pytest.fixture
def by_profile(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> Wire:
    """AWS_PROFILE names a profile with its own key, region and endpoint; nothing else is in the environment."""
    profiles(
        f"[profile acme]\naws_access_key_id={OTHER_KEY}\naws_secret_access_key={OTHER_SECRET}\n"
        f"region=ap-south-1\nendpoint_url={wire.url}\nsts_regional_endpoints=legacy\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "acme")
    return wire


def test_attack_the_vendor_s_profile_does_not_sign_for_the_customer(
    by_profile: Wire, quick: Limits, customer_keys: tuple[str, ...]
) -> None:
    vendor = BotoVendorAws(None, "us-east-1", limits=quick)
    customer = opened(vendor)
    customer.caller()
    customer.ses_account()
    customer.ask(trust_policy("mail"))
    assume, *others = by_profile.sent
    assert signer(assume) == OTHER_KEY
    assert {signer(sent) for sent in others} == {customer_keys[0]}
    assert not any("ap-south-1" in sent.headers["authorization"] for sent in others)


def test_the_profile_says_how_aws_is_reached_by_the_customer_session_too(by_profile: Wire, quick: Limits) -> None:
    opened(BotoVendorAws(None, "us-east-1", limits=quick)).caller()
    assert [sent.operation for sent in by_profile.sent] == ["AssumeRole", "GetCallerIdentity"]


def test_a_named_profile_wins_over_the_variable(
    by_profile: Wire, monkeypatch: pytest.MonkeyPatch, quick: Limits
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "ghost")
    customer = opened(BotoVendorAws("acme", "us-east-1", limits=quick))
    assert customer.caller().account_id == "444455556666"


@pytest.mark.parametrize("named", [True, False], ids=["named", "by-variable"])
def test_a_profile_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, vendor_environment: Wire, quick: Limits, named: bool
) -> None:
    if not named:
        monkeypatch.setenv("AWS_PROFILE", "ghost")
    vendor = BotoVendorAws("ghost" if named else None, "us-east-1", limits=quick)
    with pytest.raises(BadCredentials, match="ghost") as caught:
        vendor.caller()
    assert "'ghost'" in caught.value.hint
    assert vendor_environment.sent == []


def test_a_broken_config_file_is_not_quoted(vendor_environment: Wire, quick: Limits) -> None:
    profiles(f"[default\naws_secret_access_key = {OTHER_SECRET}\n")
    with pytest.raises(BadCredentials) as caught:
        BotoVendorAws(None, "us-east-1", limits=quick).caller()
    assert OTHER_SECRET not in f"{caught.value} {caught.value.hint} {vars(caught.value)}"
    assert "config" in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_no_credentials_anywhere(monkeypatch: pytest.MonkeyPatch, wire: Wire, quick: Limits) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
    with pytest.raises(BadCredentials) as caught:
        BotoVendorAws(None, "us-east-1", limits=quick).caller()
    assert "AWS_PROFILE" in caught.value.hint
    assert wire.sent == []


def test_half_a_key_is_no_key(monkeypatch: pytest.MonkeyPatch, vendor_environment: Wire, quick: Limits) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(BadCredentials):
        BotoVendorAws(None, "us-east-1", limits=quick).caller()
    assert vendor_environment.sent == []


@pytest.fixture
def by_role_profile(by_profile: Wire) -> Wire:
    """A profile that botocore itself must assume a role for."""
    path = Path(os.environ["AWS_CONFIG_FILE"])
    path.write_text(
        f"{path.read_text()}\n[profile platform]\nrole_arn=arn:aws:iam::111122223333:role/platform\n"
        f"source_profile=acme\nendpoint_url={by_profile.url}\nregion=us-east-1\n"
    )
    return by_profile


def test_attack_a_refused_vendor_profile_does_not_read_as_a_refusal_by_the_customer_s_role(
    by_role_profile: Wire, quick: Limits
) -> None:
    """Else both negative probes would pass while no probe ever reached the customer's role."""
    by_role_profile.replies["AssumeRole"] = by_role_profile.refusal("AccessDenied", "User: x is not authorized")
    vendor = BotoVendorAws("platform", "us-east-1", limits=quick)
    with pytest.raises(AwsError) as caught:
        opened(vendor)
    assert not isinstance(caught.value, AccessDenied)
    assert isinstance(caught.value, BadCredentials)
    assert (caught.value.operation, caught.value.code) == ("credentials", "AccessDenied")
    asked = by_role_profile.asked("AssumeRole")
    assert [sent.form["RoleArn"] for sent in asked] == ["arn:aws:iam::111122223333:role/platform"]


def test_a_vendor_profile_with_a_role_works(by_role_profile: Wire, quick: Limits) -> None:
    opened(BotoVendorAws("platform", "us-east-1", limits=quick))
    arns = [sent.form["RoleArn"] for sent in by_role_profile.asked("AssumeRole")]
    assert arns == ["arn:aws:iam::111122223333:role/platform", "arn:aws:iam::444455556666:role/mail"]


def test_fetching_the_vendor_s_credentials_is_bounded_too(by_role_profile: Wire, quick: Limits) -> None:
    by_role_profile.replies["AssumeRole"] = by_role_profile.refusal("Throttling", "Rate exceeded", 400)
    with pytest.raises(Throttled):
        BotoVendorAws("platform", "us-east-1", limits=quick).caller()
    assert len(by_role_profile.sent) == quick.attempts


@pytest.mark.parametrize("part", ["AccessKeyId", "SecretAccessKey", "SessionToken"])
def test_attack_an_answer_without_credentials_does_not_make_the_vendor_the_customer(
    vendor_environment: Wire, quick: Limits, customer_keys: tuple[str, ...], part: str
) -> None:
    """boto3 takes empty credentials for "look for others", and would find the vendor's."""
    values = dict(zip(("AccessKeyId", "SecretAccessKey", "SessionToken"), customer_keys, strict=True))
    vendor_environment.replies["AssumeRole"] = vendor_environment.credentials(*(values | {part: ""}).values())
    with pytest.raises(AwsError, match=part):
        opened(BotoVendorAws(None, "us-east-1", limits=quick))


def test_attack_a_session_without_credentials_finds_none(vendor_environment: Wire, quick: Limits) -> None:
    """Even if an empty key came so far, what signs must not be the vendor's."""
    session = RoleSession(
        credential_free_core(None, quick),
        TemporaryCredentials(access_key_id="", secret_access_key="", session_token=""),
    )
    session.ask("sts:GetCallerIdentity", lambda: session.boto.client("sts", "us-east-1").get_caller_identity())
    assert [signer(sent) for sent in vendor_environment.sent] == [""]


def test_a_core_without_credentials_finds_none_anywhere(
    monkeypatch: pytest.MonkeyPatch, by_role_profile: Wire, quick: Limits
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OTHER_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", OTHER_SECRET)
    monkeypatch.setenv("AWS_BEARER_TOKEN_STS", "bearer")
    for profile in (None, "acme", "platform"):
        core = credential_free_core(profile, quick)
        assert core.get_credentials() is None
        assert core.get_auth_token(signing_name="sts") is None
    assert by_role_profile.sent == []


def test_sessions_share_what_was_parsed(vendor_environment: Wire, quick: Limits) -> None:
    vendor = BotoVendorAws(None, "us-east-1", limits=quick)
    first, second = opened(vendor), opened(vendor)
    loaders = {
        id(core.get_component("data_loader"))
        for core in (vendor._session._session, first._session._core, second._session._core)
    }
    assert len(loaders) == 1


def test_two_customers_do_not_share_a_signer(vendor_environment: Wire, quick: Limits) -> None:
    vendor = BotoVendorAws(None, "us-east-1", limits=quick)
    first = opened(vendor)
    first.caller()
    others = ("ASIAI44QH8DHBEXAMPLE", OTHER_SECRET, "another-token-EXAMPLE==")
    vendor_environment.replies["AssumeRole"] = vendor_environment.credentials(*others)
    second = opened(vendor)
    vendor_environment.sent.clear()
    for session in (second, first, second):
        session.caller()
    assert [signer(sent)[:8] for sent in vendor_environment.sent] == ["ASIAI44Q", "ASIAIOSF", "ASIAI44Q"]


def test_a_profile_with_a_bad_endpoint_is_an_invalid_request(quick: Limits) -> None:
    profiles(f"[default]\naws_access_key_id={OTHER_KEY}\naws_secret_access_key={OTHER_SECRET}\nendpoint_url=nowhere\n")
    with pytest.raises(InvalidRequest, match="nowhere"):
        BotoVendorAws(None, "us-east-1", limits=quick).caller()
