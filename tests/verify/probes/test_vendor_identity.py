"""Probe V102 vendor-identity: whatever is wrong here is the operator's, and says nothing about the customer."""

from dataclasses import replace

import pytest

from byoaws.aws.interface import Caller
from byoaws.errors import AccessDenied, BadCredentials, RegionDisabled, Throttled, Unreachable
from byoaws.model import Status

VENDOR = "111122223333"
OURS = "This is the operator's to mend, not the customer's. "
USER, ROLE_SESSION = f"arn:aws:iam::{VENDOR}:user/ops", f"arn:aws:sts::{VENDOR}:assumed-role/mailer/i-0123"


def _trusting(vendor, **account):
    return replace(vendor, account=replace(vendor.account, **account))


# What the vendor file says besides the account, who calls
SOUND = {
    "user": ({}, USER),
    "session": ({}, ROLE_SESSION),
    "no account in the file": ({"account_id": None}, USER),
    "the one role": ({"role_arn": f"arn:aws:iam::{VENDOR}:role/mailer"}, ROLE_SESSION),
    "the one role, which has a path": ({"role_arn": f"arn:aws:iam::{VENDOR}:role/prod/mailer"}, ROLE_SESSION),
    "role pattern": ({"principal": "role/mail*"}, ROLE_SESSION),
    "user pattern": ({"principal": "user/o?s"}, USER),
    "user with a path": ({"principal": "user/staff/ops"}, f"arn:aws:iam::{VENDOR}:user/staff/ops"),
}


@pytest.mark.parametrize(("account", "arn"), SOUND.values(), ids=SOUND)
def test_pass(scene, account, arn):
    scene.vendor, scene.caller = _trusting(scene.vendor, **account), Caller(account_id=VENDOR, arn=arn)
    found = scene.ask("vendor-identity")
    assert (found.status, found.summary) == (Status.PASS, f"we are {arn.split(':')[5]} in account {VENDOR}")
    assert found.evidence == {"account_id": VENDOR, "arn": arn}


UNTRUSTED = {
    "another role": ({"role_arn": f"arn:aws:iam::{VENDOR}:role/verifier"}, ROLE_SESSION, "role/verifier"),
    "a user instead of the role": ({"role_arn": f"arn:aws:iam::{VENDOR}:role/ops"}, USER, "role/ops"),
    "a session named like the role": (
        {"role_arn": f"arn:aws:iam::{VENDOR}:role/ops"},
        f"arn:aws:sts::{VENDOR}:assumed-role/other/ops",
        "role/ops",
    ),
    "outside the pattern": ({"principal": "role/prod-*"}, ROLE_SESSION, "role/prod-*"),
    "names are case-sensitive": ({"principal": "role/Mailer"}, ROLE_SESSION, "role/Mailer"),
    "root": ({"principal": "user/*"}, f"arn:aws:iam::{VENDOR}:root", "user/*"),
    "no ARN at all": ({"principal": "user/*"}, "arn:odd", "user/*"),
}


@pytest.mark.parametrize(("account", "arn", "trusted"), UNTRUSTED.values(), ids=UNTRUSTED)
def test_principal_that_roles_do_not_trust(scene, account, arn, trusted):
    scene.vendor, scene.caller = _trusting(scene.vendor, **account), Caller(account_id=VENDOR, arn=arn)
    found = scene.ask("vendor-identity")
    assert (found.status, found.summary) == (
        Status.UNKNOWN,
        f"we are {arn}, but customers' roles trust '{trusted}' only",
    )
    assert found.fix == f"{OURS}Run under that principal, or correct the vendor file."


def test_another_account_than_the_files(scene):
    scene.caller = Caller(account_id="999988887777", arn="arn:aws:iam::999988887777:user/ops")
    found = scene.ask("vendor-identity")
    assert (found.status, found.summary) == (
        Status.UNKNOWN,
        "we run in account 999988887777, but the vendor file says 111122223333, which roles trust",
    )
    assert found.fix == f"{OURS}Use credentials of account 111122223333 (--profile), or correct aws.account_id."


def test_role_of_the_account_we_run_in(scene):
    scene.vendor = _trusting(scene.vendor, account_id=None)
    scene.caller = Caller(account_id="444455556666", arn="arn:aws:iam::444455556666:user/ops")
    found = scene.ask("vendor-identity")
    assert found.status is Status.UNKNOWN
    assert found.summary == "the role is in the account 444455556666 that we run in, so opening it proves nothing"
    assert found.fix.startswith(OURS)


ERRORS = [
    BadCredentials("expired", operation="sts:GetCallerIdentity", code="ExpiredToken", aws_message="old", hint="renew"),
    AccessDenied("denied", operation="sts:GetCallerIdentity", code="AccessDenied", aws_message="no"),
    Throttled("slow down", hint="wait a minute"),
    Unreachable("no answer", hint="check the network"),
    RegionDisabled("off", hint="enable it"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_error(scene, error):
    scene.caller = error
    report = scene.run()
    found = report.probes[1]
    assert (found.status, found.summary) == (Status.UNKNOWN, f"our own credentials do not work: {error}")
    assert found.fix == f"{OURS}{error.hint}".strip()
    assert "aws_code" not in found.evidence or found.evidence["aws_code"] == error.code
    # And the customer is not asked for anything.
    assert (report.verdict.value, scene.asked) == ("unknown", [])
    assert {probe.status for probe in report.probes[2:]} == {Status.SKIP}
