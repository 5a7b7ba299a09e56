"""Probe V101 role-arn."""

import pytest

from byoaws.model import Status

EVIDENCE = {"partition": "aws", "account_id": "444455556666"}
SOUND = {
    "plain": ("arn:aws:iam::444455556666:role/mail", "role 'mail' in account 444455556666", EVIDENCE),
    "path": ("arn:aws:iam::444455556666:role/byoaws/m/Role-1", "role 'Role-1' in account 444455556666", EVIDENCE),
    "gov": (
        "arn:aws-us-gov:iam::444455556666:role/mail",
        "role 'mail' in account 444455556666",
        {**EVIDENCE, "partition": "aws-us-gov"},
    ),
}


@pytest.mark.parametrize(("arn", "summary", "evidence"), SOUND.values(), ids=SOUND)
def test_pass(scene, arn, summary, evidence):
    scene.role_arn = arn
    found = scene.ask("role-arn")
    assert (found.status, found.summary, found.evidence) == (Status.PASS, summary, evidence)


BROKEN = [
    "",
    "mail",
    "arn:aws:iam::444455556666:user/mail",
    "arn:aws:iam::44445555666:role/mail",
    "arn:aws:iam::444455556666:role/",
    "arn:aws:sts::444455556666:assumed-role/mail/session",
    "arn:aws:iam::444455556666:role/mail\n",
    "arn:aws:iam::４４４４５５５５６６６６:role/mail",  # noqa: RUF001  digits, but not ASCII's
]


@pytest.mark.parametrize("arn", BROKEN)
def test_fail(scene, arn):
    scene.role_arn = arn
    found = scene.ask("role-arn")
    assert (found.status, found.evidence) == (Status.FAIL, {"role_arn": arn})
    assert found.summary.startswith(f"'{arn}'")
    assert "Outputs tab" in found.fix
    assert not found.opens_for_others


def test_role_of_the_vendors_own_account(scene):
    """Such a role would open for us whatever its trust policy says about customers."""
    scene.role_arn = "arn:aws:iam::111122223333:role/mail"
    found = scene.ask("role-arn")
    assert (found.status, found.summary) == (Status.FAIL, "the role is in Mailmark's own account 111122223333")
    assert found.fix == "use the RoleArn output of the stack in the customer's account"


@pytest.mark.parametrize("arn", ["mail", "arn:aws:iam::111122223333:role/mail"])
def test_nothing_is_asked_of_aws_then(scene, arn):
    scene.role_arn = arn
    report = scene.run()
    assert (report.verdict.value, report.account_id, scene.asked, scene.sts_regions) == ("failed", None, [], [])
    assert {probe.status for probe in report.probes[1:]} == {Status.SKIP}
