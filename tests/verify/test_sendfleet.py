"""Each row of SendFleet's error table is a diagnosis with a code, a cause and a fix."""

import pytest

from byoaws.aws.interface import Caller, SendQuota
from byoaws.errors import AccessDenied, BadCredentials
from byoaws.model import Status
from byoaws.vendors.file import load_vendor

ROLE = "arn:aws:iam::444455556666:role/SendFleet-BYOC-Role"
SESSION = Caller(account_id="444455556666", arn="arn:aws:sts::444455556666:assumed-role/SendFleet-BYOC-Role/sendfleet")
NOT_ALLOWED = AccessDenied("no", operation="x", code="AccessDenied", aws_message="not authorized")


@pytest.fixture
def sendfleet(scene):
    scene.vendor = load_vendor("sendfleet", {"SENDFLEET_AWS_ACCOUNT_ID": "111122223333"})
    scene.role_arn, scene.session_caller = ROLE, SESSION
    scene.trust = scene.ses = NOT_ALLOWED
    return scene


def found(report, code):
    return next(probe for probe in report.probes if probe.code == code)


def test_sound(sendfleet):
    report = sendfleet.run()
    assert (report.verdict.value, report.sandbox) == ("verified", False)


def test_could_not_assume_role(sendfleet, refused):
    sendfleet.right = [refused()]
    report = sendfleet.run()
    row = found(report, "V203")
    assert (report.verdict.value, row.status) == ("failed", Status.FAIL)
    assert "111122223333" in row.causes[0]
    assert sendfleet.external_id in row.causes[1]
    assert row.fix


def test_sending_is_disabled(sendfleet):
    sendfleet.sending_enabled = False
    report = sendfleet.run()
    assert (report.verdict.value, found(report, "V302").status) == ("failed", Status.FAIL)
    assert "SES console, Account dashboard" in found(report, "V302").fix


@pytest.mark.parametrize("daily", [200.0, 1.0])
def test_sandbox(sendfleet, daily):
    sendfleet.quota = SendQuota(max_24_hour_send=daily, max_send_rate=1.0, sent_last_24_hours=0.0)
    report = sendfleet.run()
    assert (report.verdict.value, report.sandbox) == ("failed", True)
    assert "requests production access" in found(report, "V303").fix


def test_missing_get_send_quota(sendfleet):
    sendfleet.quota = NOT_ALLOWED
    report = sendfleet.run()
    row = found(report, "V303")
    assert (report.verdict.value, row.status) == ("failed", Status.FAIL)
    assert "ses:GetSendQuota" in row.summary
    assert "ses:GetSendQuota" in row.fix
    assert "ses:GetSendQuota" in row.causes[0]


def test_change_that_has_not_taken_effect(sendfleet, refused):
    sendfleet.wait = 15
    sendfleet.right = [refused(), refused(), None]
    report = sendfleet.run()
    assert report.verdict.value == "verified"
    assert "after" in found(report, "V203").summary


def test_credentials_misconfigured_on_our_end(sendfleet):
    sendfleet.caller = BadCredentials("expired", code="ExpiredToken", aws_message="expired")
    sendfleet.without = sendfleet.wrong = sendfleet.right = [BadCredentials("expired", code="ExpiredToken")]
    report = sendfleet.run()
    assert report.verdict.value == "unknown"
    assert "operator's to mend, not the customer's" in found(report, "V102").fix
    assert all(probe.status is not Status.FAIL for probe in report.probes)


def test_role_of_another_name(sendfleet):
    sendfleet.role_arn = "arn:aws:iam::444455556666:role/MyRole"
    report = sendfleet.run()
    row = found(report, "V101")
    assert row.status is Status.FAIL
    assert "SendFleet-BYOC-Role" in row.summary
    assert "SendFleet-BYOC-Role" in row.fix
