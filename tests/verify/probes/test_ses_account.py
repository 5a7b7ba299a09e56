"""Probe V301 ses-account."""

import pytest

from byoaws.errors import AccessDenied, AwsError, BadCredentials, NotFound, RegionDisabled, Throttled, Unreachable
from byoaws.model import Status

# What SES says: status, words of the summary, words of the fix, whether it is in the sandbox.
ANSWERS = {
    "production": ({}, Status.PASS, "50,000", "", False),
    "no daily limit": ({"max_24_hour_send": -1.0}, Status.PASS, "no daily limit", "", False),
    "quota not said": ({"max_24_hour_send": None}, Status.PASS, "production access", "", False),
    "sandbox": ({"production_access": False}, Status.WARN, "sandbox", "requests production access", True),
    "sandbox, asked": (
        {"production_access": False, "review_status": "PENDING", "review_case_id": "42"},
        Status.WARN,
        "sandbox",
        "(case 42)",
        True,
    ),
    "sandbox, denied": (
        {"production_access": False, "review_status": "DENIED", "review_case_id": "42"},
        Status.WARN,
        "sandbox",
        "denied production access (case 42)",
        True,
    ),
    "sandbox, review failed": (
        {"production_access": False, "review_status": "FAILED"},
        Status.WARN,
        "sandbox",
        "requests production access",
        True,
    ),
    "no word on a review": ({"enforcement_status": None}, Status.UNKNOWN, "did not say", "try again", False),
    "probation": ({"enforcement_status": "PROBATION"}, Status.WARN, "PROBATION", "bounces", False),
    "shutdown": ({"enforcement_status": "SHUTDOWN"}, Status.FAIL, "SHUTDOWN", "Support Center", False),
    "paused": ({"sending_enabled": False}, Status.FAIL, "disabled", "the customer enables", False),
    "paused in the sandbox": (
        {"sending_enabled": False, "production_access": False},
        Status.FAIL,
        "disabled",
        "the customer enables",
        True,
    ),
    "nothing said": (
        {"production_access": None, "sending_enabled": None, "enforcement_status": None},
        Status.UNKNOWN,
        "did not say",
        "try again",
        None,
    ),
    "sandbox not said": ({"production_access": None}, Status.UNKNOWN, "did not say", "try again", None),
    "sending not said": ({"sending_enabled": None}, Status.UNKNOWN, "did not say", "try again", False),
}


@pytest.mark.parametrize(("changes", "status", "summary", "fix", "sandbox"), ANSWERS.values(), ids=ANSWERS)
def test_answers(scene, ses_account, changes, status, summary, fix, sandbox):
    scene.ses = ses_account(**changes)
    report = scene.run()
    found = report.probes[-1]
    assert (found.status, found.opens_for_others) == (status, False)
    assert summary in found.summary
    assert fix in found.fix
    assert (found.evidence["sandbox"], report.sandbox) == (sandbox, sandbox)
    verdicts = {Status.PASS: "verified", Status.WARN: "verified", Status.FAIL: "failed", Status.UNKNOWN: "unknown"}
    assert report.verdict.value == verdicts[status]


def test_permission_missing(scene):
    scene.ses = AccessDenied("no", operation="ses:GetAccount", code="AccessDeniedException", aws_message="not allowed")
    report = scene.run()
    found = report.probes[-1]
    assert found.status is Status.FAIL
    assert "ses:GetAccount" in found.summary
    assert "ses:GetAccount" in found.fix
    assert len(found.causes) == 2
    assert found.evidence["aws_message"] == "not allowed"
    assert (report.verdict.value, report.sandbox) == ("failed", None)


ERRORS = {
    "session not known in the region": (
        RegionDisabled("region 'eu-west-1' does not know the session", hint="enable region 'eu-west-1'"),
        "eu-west-1",
    ),
    "credentials": (BadCredentials("gone", code="ExpiredTokenException", aws_message="expired"), ""),
    "throttled": (Throttled("slow", hint="wait a minute"), "wait a minute"),
    "unreachable": (Unreachable("none", hint="check the network"), "check the network"),
    "not found": (NotFound("no"), ""),
    "anything else": (AwsError("odd"), ""),
}


@pytest.mark.parametrize(("error", "fix"), ERRORS.values(), ids=ERRORS)
def test_errors(scene, error, fix):
    scene.ses = error
    report = scene.run()
    found = report.probes[-1]
    assert (found.status, report.verdict.value, report.sandbox) == (Status.UNKNOWN, "unknown", None)
    assert found.fix
    assert fix in found.fix


@pytest.mark.parametrize("error", [Throttled("slow"), Unreachable("none")], ids=["throttled", "unreachable"])
def test_faults_of_the_line_are_not_the_customers(scene, error):
    scene.ses = error
    found = scene.run().probes[-1]
    assert "customer" not in found.summary + found.fix
