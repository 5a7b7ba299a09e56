"""Probe V205 trust-policy: what no call from outside can show."""

import copy
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.errors import AccessDenied, NotFound, Throttled, Unreachable
from byoaws.iam.judge import judge
from byoaws.iam.trust import principal_arn, principal_pattern, trust_policy
from byoaws.model import Status
from byoaws.verify.interface import Rotation
from byoaws.verify.probes.trust_policy import _is_the_stacks

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
    assert found.evidence == {
        "operation": "iam:GetRole",
        "aws_code": "AccessDenied",
        "aws_message": "not authorized",
        "failure": "F125",
    }
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


# --- what the stack makes, to the letter, is not judged anew for each account ---

IDS = st.one_of(
    st.from_regex(re.compile(r"[\w+=,.@:/-]{2,60}", re.ASCII), fullmatch=True),
    st.sampled_from(["::", "//", "aws:root", "StringLike", "111122223333", "x" * 1224]),
)
NARROWED = st.sampled_from(
    [
        {},
        {"role_arn": ONE_ROLE},
        {"role_arn": "arn:aws:iam::111122223333:role/prod/mailer"},
        {"principal": "role/mail-*"},
        {"principal": "role/*"},
        {"principal": "role/prod/a?b"},
        {"principal": "user/ops"},
        {"principal": "user/*"},
    ]
)


@settings(max_examples=60, deadline=None)
@given(IDS, NARROWED, st.sampled_from(["aws", "aws-us-gov", "aws-cn"]))
def test_the_judge_finds_nothing_in_it(new_scene, external_id, narrowed, partition):
    """Which is why it need not be asked."""
    account = replace(new_scene().vendor.account, **narrowed)
    where = {"partition": partition, "account_id": "111122223333"}
    names, only = principal_arn(account, **where), principal_pattern(account, **where)
    document = trust_policy(principal=names, external_id=external_id, only=only)
    found = judge(document, trusted=[only or names], external_id=external_id, own_account="444455556666")
    assert found.weaknesses == ()


def _changed(where, value):
    def change(policy):
        *way, last = where
        place = policy
        for step in way:
            place = place[step]
        place[last] = value

    return change


NEARLY = {
    "another id": _changed(["Statement", 0, "Condition", "StringEquals", "sts:ExternalId"], "another"),
    "the id in a list": _changed(
        ["Statement", 0, "Condition", "StringEquals", "sts:ExternalId"], ["0123456789abcdef" * 3]
    ),
    "two ids": _changed(["Statement", 0, "Condition", "StringEquals", "sts:ExternalId"], ["0123456789abcdef" * 3, "x"]),
    "no condition": _changed(["Statement", 0, "Condition"], {}),
    "another operator": _changed(
        ["Statement", 0, "Condition"], {"StringLike": {"sts:ExternalId": "0123456789abcdef" * 3}}
    ),
    "a stranger": _changed(["Statement", 0, "Principal"], {"AWS": STRANGER}),
    "anyone": _changed(["Statement", 0, "Principal"], "*"),
    "more actions": _changed(["Statement", 0, "Action"], "sts:*"),
    "a Deny": _changed(["Statement", 0, "Effect"], "Deny"),
    "the old version": _changed(["Version"], "2008-10-17"),
    "a second statement": lambda policy: policy["Statement"].append({**policy["Statement"][0], "Principal": "*"}),
    "twice the same": lambda policy: policy["Statement"].append(policy["Statement"][0]),
    "one key more": _changed(["Statement", 0, "NotPrincipal"], {"AWS": ROOT}),
    "none": lambda policy: policy["Statement"].clear(),
}


@pytest.mark.parametrize("change", NEARLY.values(), ids=NEARLY)
def test_attack_nearly_the_same_is_judged(scene, change):
    facts = scene.facts()
    document = copy.deepcopy(scene.trust)
    assert _is_the_stacks(facts, document, "111122223333")
    change(document)
    assert not _is_the_stacks(facts, document, "111122223333")


@pytest.mark.parametrize("external_id", ["*", "ab*", "${aws:username}", "a?", "a", "", "a b", "é" * 9])
def test_attack_an_id_that_means_something_in_a_policy_is_judged(scene, external_id):
    scene.external_id = external_id
    document = trust_policy(principal=ROOT, external_id=external_id)
    assert not _is_the_stacks(scene.facts(), document, "111122223333")


def test_while_an_id_is_exchanged_it_is_judged(scene):
    facts = scene.facts()
    facts.target = replace(facts.target, rotation=Rotation(new=scene.external_id, old="x" * 9))
    assert not _is_the_stacks(facts, scene.trust, "111122223333")


def test_another_account_of_ours_is_judged(scene):
    assert not _is_the_stacks(scene.facts(), scene.trust, "111122223334")
