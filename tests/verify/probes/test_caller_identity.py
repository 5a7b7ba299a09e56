"""Probe V204 caller-identity: the session is what the ARN says, or somebody stands between us and AWS."""

import pytest

from byoaws.aws.interface import Caller
from byoaws.errors import BadCredentials, Throttled, Unreachable
from byoaws.model import Status

ACCOUNT, NAME = "444455556666", "stack-Role-1A2B3C"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/{NAME}/mailmark"


def test_pass(scene):
    report = scene.run()
    found = next(probe for probe in report.probes if probe.name == "caller-identity")
    assert (found.status, found.summary) == (
        Status.PASS,
        f"the session is in account {ACCOUNT}, under role '{NAME}'",
    )
    assert found.evidence == {"account_id": ACCOUNT, "arn": SESSION}
    assert report.account_id == ACCOUNT


WRONG = {
    "another account": ("999988887777", SESSION.replace(ACCOUNT, "999988887777")),
    "another account, says the answer": ("999988887777", SESSION),
    "another account, says the ARN": (ACCOUNT, SESSION.replace(ACCOUNT, "999988887777")),
    "the vendor's own": ("111122223333", "arn:aws:iam::111122223333:user/ops"),
    "another role": (ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/other/mailmark"),
    "a role whose name begins alike": (ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/{NAME}4/mailmark"),
    "a role in another case": (ACCOUNT, SESSION.replace(NAME, NAME.lower())),
    "a user of that name": (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/{NAME}"),
    "the role itself": (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/{NAME}"),
    "another partition": (ACCOUNT, SESSION.replace("arn:aws:", "arn:aws-cn:")),
    "nonsense": (ACCOUNT, "arn:"),
}


@pytest.mark.parametrize(("account", "arn"), WRONG.values(), ids=WRONG)
def test_fail(scene, account, arn):
    scene.session_caller = Caller(account_id=account, arn=arn)
    report = scene.run()
    found = next(probe for probe in report.probes if probe.name == "caller-identity")
    assert (found.status, found.summary) == (
        Status.FAIL,
        f"the session is {arn}, not one of role '{NAME}' in account {ACCOUNT}",
    )
    assert "endpoint variables, proxies" in found.fix
    assert found.evidence == {"account_id": account, "arn": arn}
    assert report.verdict.value == "failed"


@pytest.mark.parametrize(
    "error", [Throttled("slow"), Unreachable("none"), BadCredentials("gone")], ids=lambda error: type(error).__name__
)
def test_unknown(scene, error):
    scene.session_caller = error
    report = scene.run()
    found = next(probe for probe in report.probes if probe.name == "caller-identity")
    assert (found.status, found.summary) == (Status.UNKNOWN, f"could not tell: {error}")
    assert (report.verdict.value, report.account_id) == ("unknown", None)


def test_skip(scene, refused):
    scene.right = [refused()]
    found = next(probe for probe in scene.run().probes if probe.name == "caller-identity")
    assert (found.status, found.summary) == (Status.SKIP, "not asked: 'assume-role' did not pass")
    assert found.evidence == {"needs": "assume-role"}
