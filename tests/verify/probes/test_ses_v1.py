"""The two probes of SES's v1 API, for vendors whose packs name v1 actions."""

import pytest

from byoaws.aws.interface import SendQuota
from byoaws.errors import AccessDenied, AwsError, RegionDisabled, Throttled, Unreachable
from byoaws.model import Status


def denied(action: str) -> AccessDenied:
    return AccessDenied("no", operation=action, code="AccessDenied", aws_message="not authorized")


def quota(daily: float | None) -> SendQuota:
    return SendQuota(max_24_hour_send=daily, max_send_rate=1.0, sent_last_24_hours=0.0)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (True, Status.PASS, "sending is enabled"),
        (False, Status.FAIL, "sending is disabled"),
        (None, Status.UNKNOWN, "did not say"),
        (denied("ses:GetAccountSendingEnabled"), Status.FAIL, "may not call ses:GetAccountSendingEnabled"),
        (RegionDisabled("no"), Status.UNKNOWN, "does not accept the role's session"),
        (Throttled("slow"), Status.UNKNOWN, "could not tell"),
        (Unreachable("gone"), Status.UNKNOWN, "could not tell"),
    ],
    ids=str,
)
def test_sending_enabled(scene, answer, status, said):
    scene.sending_enabled = answer
    found = scene.ask("ses-sending-enabled")
    assert found.status is status
    assert said in found.summary
    assert not found.opens_for_others
    if status is not Status.PASS:
        assert found.fix


NO_V2 = denied("ses:GetAccount")


@pytest.mark.parametrize(
    ("v1", "v2", "status", "sandbox", "known_by"),
    [
        (50_000.0, NO_V2, Status.PASS, False, "ses:GetSendQuota"),
        (-1.0, NO_V2, Status.PASS, False, "ses:GetSendQuota"),
        (201.0, NO_V2, Status.PASS, False, "ses:GetSendQuota"),
        (200.0, NO_V2, Status.FAIL, True, "ses:GetSendQuota"),
        (0.0, NO_V2, Status.FAIL, True, "ses:GetSendQuota"),
        (50_000.0, {"production_access": False}, Status.FAIL, True, "ses:GetAccount"),
        (100.0, {"production_access": True}, Status.PASS, False, "ses:GetAccount"),
    ],
)
def test_send_quota(scene, ses_account, v1, v2, status, sandbox, known_by):
    scene.quota = quota(v1)
    scene.ses = v2 if isinstance(v2, AwsError) else ses_account(**v2)
    found = scene.ask("ses-send-quota")
    assert found.status is status
    assert (found.evidence["sandbox"], found.evidence["sandbox_known_by"]) == (sandbox, known_by)


def test_v2_that_does_not_say_is_no_pass_by_v1(scene, ses_account):
    scene.quota, scene.ses = quota(50_000.0), ses_account(production_access=None)
    assert scene.ask("ses-send-quota").status is Status.UNKNOWN


@pytest.mark.parametrize("error", [Throttled("slow"), Unreachable("gone"), RegionDisabled("off")], ids=str)
def test_v2_that_could_not_tell_is_no_pass_by_v1(scene, error):
    scene.quota, scene.ses = quota(50_000.0), error
    found = scene.ask("ses-send-quota")
    assert (found.status, "sandbox" in found.evidence) == (Status.UNKNOWN, False)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (quota(None), Status.UNKNOWN, "did not say"),
        (denied("ses:GetSendQuota"), Status.FAIL, "may not call ses:GetSendQuota"),
        (RegionDisabled("no"), Status.UNKNOWN, "does not accept the role's session"),
        (Throttled("slow"), Status.UNKNOWN, "could not tell"),
    ],
    ids=["no number", "permission missing", "region", "throttled"],
)
def test_send_quota_errors(scene, answer, status, said):
    scene.quota = answer
    found = scene.ask("ses-send-quota")
    assert found.status is status
    assert said in found.summary
    assert "sandbox" not in found.evidence
