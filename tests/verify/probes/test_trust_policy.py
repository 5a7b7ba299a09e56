"""Probe V205 trust-policy: what no call from outside can show."""

import copy
from dataclasses import replace

import pytest

from byoaws.errors import AccessDenied, NotFound, Throttled, Unreachable
from byoaws.model import Status

ROOT, STRANGER = "arn:aws:iam::111122223333:root", "arn:aws:iam::999988887777:root"


def _with(scene, **changes):
    policy = copy.deepcopy(scene.trust)
    policy["Statement"][0].update(changes)
    return policy


def test_pass(scene):
    found = scene.ask("trust-policy")
    assert (found.status, found.summary) == (
        Status.PASS,
        "the trust policy lets in nobody but us, with this ExternalId only",
    )
    assert scene.read == ["stack-Role-1A2B3C"]


# Changes to the sound statement: the codes found.
OPEN = {
    "anyone": ({"Principal": "*"}, ["anyone"]),
    "a second account": ({"Principal": {"AWS": [ROOT, STRANGER]}}, ["other-principal"]),
    "no condition": ({"Condition": {}}, ["no-external-id"]),
    "if exists": ({"Condition": {"StringEqualsIfExists": {"sts:ExternalId": "x" * 9}}}, ["optional-external-id"]),
    "another id beside": (
        {"Condition": {"StringEquals": {"sts:ExternalId": ["0123456789abcdef" * 3, "another"]}}},
        ["other-external-id"],
    ),
}


@pytest.mark.parametrize(("changes", "codes"), OPEN.values(), ids=OPEN)
def test_opens(scene, changes, codes):
    scene.trust = _with(scene, **changes)
    found = scene.ask("trust-policy")
    assert (found.status, found.opens_for_others) == (Status.FAIL, True)
    assert found.summary.startswith("the trust policy lets others in: ")
    assert set(codes) <= set(found.evidence["weaknesses"])
    assert found.fix
    assert found.causes
    assert scene.run().verdict.value == "insecure"


UNJUDGED = {
    "never opens": {"Action": "sts:TagSession"},
    "not documented": {"Condition": {"stringequals": {"sts:ExternalId": "0123456789abcdef" * 3}}},
}


@pytest.mark.parametrize("changes", UNJUDGED.values(), ids=UNJUDGED)
def test_unknown(scene, changes):
    """The role opened, and its policy says it should not: we cannot read it as AWS does."""
    scene.trust = _with(scene, **changes)
    found = scene.ask("trust-policy")
    assert (found.status, found.opens_for_others) == (Status.UNKNOWN, False)
    assert found.summary.startswith("the trust policy could not be judged: ")
    assert scene.run().verdict.value == "unknown"


UNREADABLE = {
    "no statement": {"Version": "2012-10-17"},
    "statement is text": {"Version": "2012-10-17", "Statement": "Allow"},
    "no principal": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]},
    "effect of tomorrow": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "AllowSometimes", "Principal": "*", "Action": "sts:AssumeRole"}],
    },
    "version of tomorrow": {"Version": "2032-10-17", "Statement": []},
}


@pytest.mark.parametrize("policy", UNREADABLE.values(), ids=UNREADABLE)
def test_policy_that_we_cannot_read_is_unknown(scene, policy):
    """AWS saved it. That we cannot read it must neither pass nor end the verification as if it were a wrong usage."""
    scene.trust = policy
    report = scene.run()
    found = next(probe for probe in report.probes if probe.name == "trust-policy")
    assert found.status is Status.UNKNOWN
    assert found.summary.startswith("the trust policy could not be read: ")
    assert (report.verdict.value, len(report.probes)) == ("unknown", 8)


def test_not_allowed_to_read_itself(scene):
    """The one WARN about a trust policy: the calls have proved the ExternalId, and who else may come stays unread."""
    scene.trust = AccessDenied("no", operation="iam:GetRole", code="AccessDenied", aws_message="not authorized")
    report = scene.run()
    found = next(probe for probe in report.probes if probe.name == "trust-policy")
    assert (found.status, found.fix) == (
        Status.WARN,
        "the customer adds the permission iam:GetRole on the role itself (pack self-read)",
    )
    assert found.evidence == {"operation": "iam:GetRole", "aws_code": "AccessDenied", "aws_message": "not authorized"}
    assert report.verdict.value == "verified"


@pytest.mark.parametrize(
    "error", [Throttled("slow"), Unreachable("none"), NotFound("no role")], ids=lambda error: type(error).__name__
)
def test_other_errors(scene, error):
    scene.trust = error
    report = scene.run()
    found = next(probe for probe in report.probes if probe.name == "trust-policy")
    assert (found.status, report.verdict.value) == (Status.UNKNOWN, "unknown")


def test_customers_own_principals_are_the_customers_business(scene):
    policy = copy.deepcopy(scene.trust)
    own = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"}
    policy["Statement"].append(own)
    scene.trust = policy
    assert scene.ask("trust-policy").status is Status.PASS


ONE_ROLE = "arn:aws:iam::111122223333:role/mailer"


@pytest.mark.parametrize(
    ("account", "change", "status", "opens"),
    [
        ({"role_arn": ONE_ROLE}, {"Principal": {"AWS": ONE_ROLE}}, Status.PASS, False),
        ({"role_arn": ONE_ROLE}, {"Principal": {"AWS": ROOT}}, Status.WARN, False),
        ({"role_arn": ONE_ROLE}, {"Principal": {"AWS": [ROOT, "999999999999"]}}, Status.FAIL, True),
        ({"role_arn": ONE_ROLE}, {"Principal": {"AWS": "*"}}, Status.FAIL, True),
        ({"principal": "role/mail-*"}, {"Principal": {"AWS": ROOT}}, Status.WARN, False),
        ({"principal": "role/mail-*"}, {"Principal": {"AWS": "999999999999"}}, Status.FAIL, True),
    ],
)
def test_vendor_that_narrows_who_may_assume(scene, account, change, status, opens):
    """Our own account in whole is more than was asked for, but lets no stranger in."""
    scene.vendor = replace(scene.vendor, account=replace(scene.vendor.account, **account))
    scene.trust = _with(scene, **change)
    found = scene.ask("trust-policy")
    assert (found.status, found.opens_for_others) == (status, opens)
