"""Every runbook of vendor mailmark, for a connection with everything and for no connection, and one page."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from byoaws.flows.runbook.facts import facts_of
from byoaws.model import Connection, ConnectionStatus, ProbeResult, Status, Verdict, VerificationReport
from byoaws.runbooks.catalogue import RUNBOOKS
from byoaws.runbooks.page import html
from byoaws.runbooks.render import markdown
from byoaws.vendors.file import load_vendor

AT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
URL = "https://byoaws-example.s3.us-east-1.amazonaws.com/templates/mailmark.yaml"
ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/mailmark-byo-aws-efghij-AccessRole-1ABC"
CONNECTION = Connection(
    id="con_0123456789abcdefghij",
    alias="Production",
    vendor="mailmark",
    region="eu-west-1",
    external_id="0123456789abcdef" * 3,
    customer="4711",
    webhook_secret="never shown",
    stack_name="mailmark-byo-aws-efghij",
    template_url=URL,
    role_arn=ROLE,
    account_id="444455556666",
    bucket_name="mailmark-1234abcd-444455556666-eu-west-1-an",
    status=ConnectionStatus.FAILED,
    sandbox=True,
    created_at=AT,
    updated_at=AT,
)
REPORT = VerificationReport(
    verdict=Verdict.FAILED,
    role_arn=ROLE,
    account_id=None,
    region="eu-west-1",
    vendor="mailmark",
    sandbox=None,
    checked_at=AT,
    probes=(
        ProbeResult(code="V101", name="role-arn", status=Status.PASS, summary="role in account 444455556666"),
        ProbeResult(code="V203", name="assume-role", status=Status.FAIL, summary=f"AWS refused AssumeRole on {ROLE}"),
        ProbeResult(code="V301", name="ses-account", status=Status.SKIP, summary="not asked: 'assume-role' ..."),
    ),
)
VENDOR = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333", "MAILMARK_CFN_TEMPLATE_URL": URL})
FACTS = {
    "connection": facts_of(VENDOR, CONNECTION, REPORT, region="eu-west-1"),
    "vendor": facts_of(VENDOR, None, None, region="eu-west-1"),
}
PAGE = "verification-failed"


@pytest.mark.parametrize("subject", FACTS)
@pytest.mark.parametrize("name", RUNBOOKS)
def test_runbook(name: str, subject: str, golden: Callable[[str, str], None]) -> None:
    golden(f"runbooks/{name}.{subject}.md", markdown(RUNBOOKS[name], FACTS[subject]))


def test_page(golden: Callable[[str, str], None]) -> None:
    golden(f"runbooks/{PAGE}.connection.html", html(markdown(RUNBOOKS[PAGE], FACTS["connection"])))


def test_no_golden_runbook_is_left_over() -> None:
    expected = {f"{name}.{subject}.md" for name in RUNBOOKS for subject in FACTS} | {f"{PAGE}.connection.html"}
    assert {path.name for path in (Path(__file__).parent / "runbooks").iterdir()} == expected
