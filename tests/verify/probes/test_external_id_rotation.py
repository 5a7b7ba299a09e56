"""Probe V206 external-id-rotation: the fourth call, and which of two ExternalIds the other three are made with."""

from dataclasses import replace

import pytest

from byoaws.errors import BadCredentials, Throttled
from byoaws.iam.trust import trust_policy
from byoaws.model import Status, Verdict
from byoaws.registry import PROBES
from byoaws.verify.interface import Rotation
from byoaws.verify.runner import run

NEW, OLD = "fedcba9876543210" * 3, "0123456789abcdef" * 3
ROOT = "arn:aws:iam::111122223333:root"


@pytest.fixture
def verify(scene, refused, finish):
    """Verify a role that answers each ExternalId as told; the report, and what was asked."""

    def ask(answers, named=(NEW,), wait=0):
        scene.trust = trust_policy(principal=ROOT, external_id=list(named))
        facts = scene.facts()
        facts.target = replace(facts.target, external_id=NEW, rotation=Rotation(new=NEW, old=OLD), wait=wait)
        aws, asked = facts._aws, []
        plain = aws.assume_role

        async def assume_role(*, external_id, **request):
            asked.append(external_id)
            answer = answers.get(external_id, refused())
            if answer is not None:
                raise answer
            # The script opens for the ExternalId of its scene.
            return await plain(external_id=scene.external_id, **request)

        aws.assume_role = assume_role
        facts._vendor_aws = lambda region: aws
        names = [*scene.vendor.probes, "external-id-rotation"]
        probes = [PROBES.load(name) for name in PROBES if name in names]

        async def verify():
            return await run(await facts.settled(), probes, scene, lambda: facts_at)

        report = finish(verify())
        found = next(probe for probe in report.probes if probe.name == "external-id-rotation")
        return report, found, asked

    from datetime import UTC, datetime

    facts_at = datetime(2026, 11, 21, tzinfo=UTC)
    return ask


def test_complete(verify):
    report, found, asked = verify({NEW: None})
    assert (report.verdict, found.status, found.evidence) == (Verdict.VERIFIED, Status.PASS, {"opened_with": NEW})
    assert asked[:2] == [NEW, NEW]
    assert (asked[-1], asked.count(None)) == (OLD, 1)


def test_pending(verify):
    report, found, asked = verify({OLD: None}, named=[OLD])
    assert (report.verdict, found.status) == (Verdict.VERIFIED, Status.WARN)
    assert found.summary.startswith("rotation pending")
    assert found.evidence == {"opened_with": OLD, "pending": NEW}
    wrong = [given for given in asked if given not in (None, OLD, NEW)]
    assert (len(wrong), asked[-1]) == (1, NEW)


def test_not_finished(verify):
    report, found, _ = verify({NEW: None, OLD: None}, named=[OLD, NEW])
    assert (report.verdict, found.status) == (Verdict.VERIFIED, Status.WARN)
    assert found.summary.startswith("rotation not finished")
    assert found.evidence["still_opens"] == OLD


def test_neither(verify):
    report, found, _ = verify({})
    assert (report.verdict, found.status) == (Verdict.FAILED, Status.SKIP)


@pytest.mark.parametrize("error", [Throttled("slow down"), BadCredentials("expired")], ids=["throttled", "expired"])
def test_could_not_tell(verify, error):
    report, found, _ = verify({NEW: None, OLD: error})
    assert (report.verdict, found.status) == (Verdict.UNKNOWN, Status.UNKNOWN)


def test_a_policy_of_our_own_is_no_refusal(verify, refused):
    ours = refused(
        "User: x is not authorized to perform: sts:AssumeRole with an explicit deny in an identity-based policy"
    )
    report, found, _ = verify({NEW: None, OLD: ours})
    assert (report.verdict, found.status) == (Verdict.UNKNOWN, Status.UNKNOWN)


@pytest.mark.parametrize("which", [NEW, OLD], ids=["new", "old"])
def test_the_door_is_open(verify, which):
    report, _, _ = verify({which: None, None: None}, named=[which])
    assert report.verdict is Verdict.INSECURE


@pytest.mark.parametrize("which", [NEW, OLD], ids=["new", "old"])
def test_a_third_in_the_trust_policy(verify, which):
    report, _, _ = verify({which: None}, named=[NEW, OLD, "a-third-one-of-somebody"])
    assert report.verdict is Verdict.INSECURE


def test_waits_for_the_new_one_only_where_neither_opens(verify, scene):
    verify({OLD: None}, named=[OLD], wait=60)
    assert scene.slept == []
    verify({}, wait=2)
    assert sum(scene.slept) == 2


def test_without_an_exchange(scene):
    found = scene.ask("external-id-rotation")
    assert (found.status, len(scene.asked)) == (Status.PASS, 0)
