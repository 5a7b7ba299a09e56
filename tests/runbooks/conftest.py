"""Vendors of every kind, a connection with everything, and one whose every text is an attack."""

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from byoaws.flows.runbook.facts import facts_of
from byoaws.model import Connection, ConnectionStatus, ProbeResult, Status, Verdict, VerificationReport
from byoaws.registry import PROBES
from byoaws.runbooks.catalogue import RUNBOOKS
from byoaws.runbooks.facts import Facts
from byoaws.runbooks.render import markdown
from byoaws.vendor_model import Access, PrivacyRow, SecretMode, Vendor
from byoaws.vendors.file import load_vendor

AT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
SECRET = "whsec_" + "S3cretS3cretS3cretS3cretS3cretS3cretS3cret0" + "="
URL = "https://byoaws-example.s3.us-east-1.amazonaws.com/templates/mailmark.yaml"
ENV = {"MAILMARK_AWS_ACCOUNT_ID": "111122223333", "MAILMARK_CFN_TEMPLATE_URL": URL}


@functools.cache
def _mailmark() -> Vendor:
    return load_vendor("mailmark", ENV)


def _role_only() -> Vendor:
    """A role with a fixed name and nothing else, asked about by SES's v1 API."""
    plain = _mailmark()
    return replace(
        plain,
        name="fleet",
        title="Fleet & Co",
        role_name="Fleet-Role",
        packs=("ses-account-read",),
        stack=replace(plain.stack, name="fleet", blocks=("access",)),
        probes=tuple(name for name in PROBES if not name.startswith("key-")),
        dns=None,
        privacy=(PrivacyRow(data="Recipient address", stored="Never"), PrivacyRow(data="Role ARN", stored="Yes")),
    )


def _keys() -> Vendor:
    plain = _mailmark()
    return replace(
        plain,
        name="selfie",
        title="Selfie",
        access=Access.USER,
        packs=("ses-account-read",),
        stack=replace(plain.stack, name="selfie", blocks=("user",)),
        probes=("key-identity", "key-lifetime", "key-permissions", "ses-account"),
    )


_VENDORS: dict[str, Callable[[], Vendor]] = {
    "mailmark": _mailmark,
    "generated": lambda: replace(
        _mailmark(),
        webhook_secret=SecretMode.GENERATED,
        packs=(*_mailmark().packs, "webhook-secret-read"),
        probes=tuple(name for name in PROBES if not name.startswith("key-")),
    ),
    "named": lambda: replace(
        _mailmark(),
        account=replace(_mailmark().account, role_arn="arn:aws:iam::111122223333:role/mailer"),
    ),
    "role only": _role_only,
    "keys": _keys,
    "sendfleet": lambda: load_vendor("sendfleet", {}),
    "selfmx": lambda: load_vendor("selfmx", {}),
    "no account": lambda: load_vendor("mailmark", {}),
}
# Shared by all tests, as what is written for them: look, do not touch.
VENDORS = {kind: functools.cache(made) for kind, made in _VENDORS.items()}
CASES = [
    pytest.param(name, kind, id=f"{name}, {kind}")
    for kind, made in VENDORS.items()
    for name, runbook in RUNBOOKS.items()
    if not (runbook.needs_external_id and made().access is Access.USER)
]


def _connection(**changes: object) -> Connection:
    plain = Connection(
        id="con_0123456789abcdefghij",
        alias="Production",
        vendor="mailmark",
        region="eu-west-1",
        external_id="0123456789abcdef" * 3,
        customer="4711",
        webhook_secret=SECRET,
        stack_name="mailmark-byo-aws-efghij",
        template_url=URL,
        role_arn="arn:aws:iam::444455556666:role/byoaws/mailmark/mailmark-AccessRole-1ABC",
        account_id="444455556666",
        bucket_name="mailmark-1234abcd-444455556666-eu-west-1-an",
        status=ConnectionStatus.VERIFIED,
        sandbox=True,
        created_at=AT,
        updated_at=AT,
        checked_at=AT,
        verified_at=AT,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def _report(*results: ProbeResult) -> VerificationReport:
    return VerificationReport(
        verdict=Verdict.FAILED,
        role_arn="arn:aws:iam::444455556666:role/byoaws/mailmark/mailmark-AccessRole-1ABC",
        account_id=None,
        region="eu-west-1",
        vendor="mailmark",
        sandbox=None,
        checked_at=AT,
        probes=results
        or (
            ProbeResult(code="V101", name="role-arn", status=Status.PASS, summary="fine"),
            ProbeResult(code="V203", name="assume-role", status=Status.FAIL, summary="AWS refused AssumeRole"),
        ),
    )


@pytest.fixture(scope="session")
def vendors() -> dict[str, Callable[[], Vendor]]:
    return VENDORS


@pytest.fixture(scope="session")
def connection() -> Callable[..., Connection]:
    return _connection


@pytest.fixture(scope="session")
def report() -> Callable[..., VerificationReport]:
    return _report


@pytest.fixture(scope="session")
def secret() -> str:
    return SECRET


@functools.cache
def _facts(kind: str) -> Facts:
    return facts_of(VENDORS[kind](), None, None, region="eu-west-1")


@functools.cache
def _without_connection(name: str, kind: str) -> str:
    return markdown(RUNBOOKS[name], _facts(kind))


@pytest.fixture(scope="session")
def written() -> Callable[..., str]:
    """A runbook as markdown: by name, for a kind of vendor, with or without a connection."""

    def write(
        name: str, kind: str = "mailmark", with_: Connection | None = None, last: VerificationReport | None = None
    ) -> str:
        if not with_ and not last:
            return _without_connection(name, kind)
        region = with_.region if with_ else "eu-west-1"
        return markdown(RUNBOOKS[name], facts_of(VENDORS[kind](), with_, last, region=region))

    return write


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every runbook for every kind of vendor, for tests that take both."""
    if {"name", "kind"} <= set(metafunc.fixturenames) and not metafunc.definition.get_closest_marker("parametrize"):
        metafunc.parametrize(("name", "kind"), CASES)
