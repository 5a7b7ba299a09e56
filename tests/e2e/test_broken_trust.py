"""Every trust policy of tests/data, in a real role, against the real verifier: what is broken is never verified.

The verifier sees the roles as it does in AWS: by AssumeRole calls, and by reading the trust policy through the role.
What each call must find is worked out here from what the data files say AWS makes of the policy.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byoaws import libyaml
from byoaws.fakeaws import arrange
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.model import ProbeResult, Status, Verdict, VerificationReport

DATA = Path(__file__).parents[1] / "data"
STRANGER = "999988887777"
EXTERNAL_ID = "byoaws-Acme-" + "3f9c27d1" * 6
READS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ses:GetAccount", "iam:GetRole"], "Resource": "*"}],
}
HARMLESS = {"never-opens", "unknown"}
"""Codes that do not say that the role lets others in."""


def _entries(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = libyaml.load((DATA / name).read_text(encoding="utf-8"))
    return found


BROKEN, SOUND = _entries("broken_trust.yaml"), _entries("sound_trust.yaml")
OPEN_DOORS = [entry for entry in BROKEN if entry["opens_without"] or entry["opens_wrong"]]


def _params(entries: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(entry, id=entry["id"]) for entry in entries]


@pytest.fixture(scope="module")
def customer(fake_aws: FakeAws) -> Account:
    """One account for the whole file; each policy has a role of its own."""
    return fake_aws.new_customer()


@pytest.fixture(scope="module")
def ran() -> dict[str, Verdict]:
    """What came of each broken policy."""
    return {}


@pytest.fixture
def check(
    fake_aws: FakeAws, customer: Account, verify: Callable[..., VerificationReport]
) -> Callable[[str, dict[str, Any]], VerificationReport | None]:
    """Verify a role with the entry's policy; None where the policy cannot be set up, which the entry must say."""
    places = {
        "vendor_account": fake_aws.vendor.account_id,
        "stranger_account": STRANGER,
        "principal": f"arn:aws:iam::{fake_aws.vendor.account_id}:root",
        "external_id": EXTERNAL_ID,
    }

    def run(name: str, entry: dict[str, Any]) -> VerificationReport | None:
        text = json.dumps(entry["policy"])
        for place, value in places.items():
            text = text.replace(f"{{{place}}}", value)
        try:
            arn = arrange.create_role(fake_aws, customer, name, trust=json.loads(text), permissions=READS)
        except ClientError as error:
            if entry.get("iam_refuses") and error.response["Error"]["Code"] == "MalformedPolicyDocument":
                return None
            raise
        return verify(arn, EXTERNAL_ID)

    return run


def _by_name(report: VerificationReport) -> dict[str, ProbeResult]:
    return {result.name: result for result in report.probes}


@pytest.mark.parametrize("entry", _params(BROKEN))
def test_broken(
    entry: dict[str, Any], check: Callable[..., VerificationReport | None], ran: dict[str, Verdict]
) -> None:
    report = check(f"broken-{entry['id']}", entry)
    if report is None:
        return
    ran[entry["id"]] = report.verdict
    assert report.verdict is not Verdict.VERIFIED
    if "emulator" in entry:
        return
    found = _by_name(report)
    assert found["assume-role"].status is (Status.PASS if entry["opens_right"] else Status.FAIL)
    for name, opens in (("external-id-required", "opens_without"), ("external-id-checked", "opens_wrong")):
        refused = Status.PASS if entry["opens_right"] else Status.UNKNOWN
        assert found[name].status is (Status.FAIL if entry[opens] else refused), name
        assert found[name].opens_for_others is entry[opens], name
    assert report.verdict is _expected(entry)


def _expected(entry: dict[str, Any]) -> Verdict:
    if entry["opens_without"] or entry["opens_wrong"]:
        return Verdict.INSECURE
    if not entry["opens_right"]:
        return Verdict.FAILED
    # The calls found nothing: it is the trust policy itself, read through the role, that tells.
    return Verdict.INSECURE if set(entry["codes"]) - HARMLESS else Verdict.UNKNOWN


@pytest.mark.parametrize("entry", _params(SOUND))
def test_sound(entry: dict[str, Any], check: Callable[..., VerificationReport | None]) -> None:
    report = check(f"sound-{entry['id']}", entry)
    assert report is not None
    assert report.verdict is Verdict.VERIFIED, [probe for probe in report.probes if probe.status is not Status.PASS]
    assert {probe.status for probe in report.probes} == {Status.PASS}


def test_enough_ran(ran: dict[str, Verdict], request: pytest.FixtureRequest) -> None:
    """This file is worth what it covers: a data file that shrank, or was read as empty, must not pass in silence."""
    assert len(OPEN_DOORS) >= 30
    assert len(SOUND) >= 20
    wanted = {
        item.callspec.params["entry"]["id"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == "test_broken" and item.path == Path(__file__)
    }
    # Of several workers each runs a part only.
    if wanted == {entry["id"] for entry in BROKEN} and not hasattr(request.config, "workerinput"):
        assert len([entry for entry in OPEN_DOORS if ran.get(entry["id"]) is Verdict.INSECURE]) >= 30
        assert wanted - ran.keys() == {"not-principal"}
