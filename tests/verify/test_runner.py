"""What probes add up to: the algebra of verdicts, as a table and as properties, and the running of probes."""

import itertools
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.aws.interface import Caller
from byoaws.errors import (
    AccessDenied,
    AwsError,
    BadCredentials,
    InvalidRequest,
    NotFound,
    RegionDisabled,
    Throttled,
    Unreachable,
)
from byoaws.model import ProbeResult, Status, Verdict
from byoaws.vendors.names import REQUIRED_PROBES
from byoaws.verify.interface import Probe
from byoaws.verify.runner import run, verdict

P, W, F, S, U = Status.PASS, Status.WARN, Status.FAIL, Status.SKIP, Status.UNKNOWN


def verdict_of(results):
    return verdict(results, REQUIRED_PROBES)


OPTIONAL = ("trust-policy", "ses-account", "of-a-plugin")


def _result(name, status, *, opens=False):
    return ProbeResult(code="V000", name=name, status=status, summary="x", opens_for_others=opens)


def _all(*optional, required=P):
    found = [_result(name, required) for name in REQUIRED_PROBES]
    return found + [_result(name, status) for name, status in zip(OPTIONAL, optional, strict=False)]


def _but(name, status, *, opens=False):
    """Everything passed, but for one."""
    return [result for result in _all(P, P) if result.name != name] + [_result(name, status, opens=opens)]


TABLE = {
    "nothing asked": ([], Verdict.UNKNOWN),
    "all required": (_all(), Verdict.VERIFIED),
    "all": (_all(P, P, P), Verdict.VERIFIED),
    "optional ones warn": (_all(W, W, W), Verdict.VERIFIED),
    "optional one fails": (_all(P, F), Verdict.FAILED),
    "optional one unknown": (_all(P, U), Verdict.UNKNOWN),
    "optional one skipped": (_all(P, P, S), Verdict.UNKNOWN),
    "fail wins over unknown and skip": (_all(U, F, S), Verdict.FAILED),
    "all skipped": (_all(required=S), Verdict.UNKNOWN),
    "all warn": (_all(W, required=W), Verdict.UNKNOWN),
    "optional ones alone": ([_result(name, P) for name in OPTIONAL], Verdict.UNKNOWN),
    "open door wins over fail": ([*_all(F, F), _result("x", F, opens=True)], Verdict.INSECURE),
    **{f"{name} {status}": (_but(name, status), Verdict.UNKNOWN) for name in REQUIRED_PROBES for status in (W, S, U)},
    **{f"{name} fails": (_but(name, F), Verdict.FAILED) for name in REQUIRED_PROBES},
    **{f"{name} opens": (_but(name, F, opens=True), Verdict.INSECURE) for name in REQUIRED_PROBES},
    **{
        f"{name} missing": ([result for result in _all(P, P) if result.name != name], Verdict.UNKNOWN)
        for name in REQUIRED_PROBES
    },
}


@pytest.mark.parametrize(("results", "expected"), TABLE.values(), ids=TABLE)
def test_verdict(results, expected):
    assert verdict_of(results) is expected


RESULTS = st.lists(
    st.builds(
        lambda name, status, opens: _result(name, status, opens=opens and status is F),
        st.sampled_from([*REQUIRED_PROBES, *OPTIONAL]),
        st.sampled_from([P, P, P, P, *Status]),
        st.booleans(),
    ),
    unique_by=lambda result: result.name,
    max_size=9,
)


@settings(max_examples=500)
@given(RESULTS, st.randoms(use_true_random=False))
def test_verdict_algebra(results, random):
    found = verdict_of(results)
    statuses = {result.name: result.status for result in results}
    required = [statuses.get(name) for name in REQUIRED_PROBES]
    verified = set(required) == {P} and set(statuses.values()) <= {P, W}
    opens = any(result.opens_for_others for result in results)
    fails = F in statuses.values()
    assert (found is Verdict.VERIFIED) == verified
    assert (found is Verdict.INSECURE) == opens
    assert (found is Verdict.FAILED) == (fails and not opens)
    shuffled = list(results)
    random.shuffle(shuffled)
    assert verdict_of(shuffled) is found
    assert verdict_of(iter(results)) is found


@given(RESULTS, st.sampled_from([F, S, U]), st.booleans())
def test_verdict_never_gets_better_by_bad_news(results, status, opens):
    order = [Verdict.VERIFIED, Verdict.UNKNOWN, Verdict.FAILED, Verdict.INSECURE]
    worse = verdict_of([*results, _result("news", status, opens=opens and status is F)])
    assert order.index(worse) >= order.index(verdict_of(results))
    assert worse is not Verdict.VERIFIED


# --- the whole verification, with anything that AWS may answer at any call ---

REFUSED = AccessDenied("refused", operation="sts:AssumeRole", code="AccessDenied", aws_message="not authorized")
OUR_FAULT = AccessDenied(
    "refused", code="AccessDenied", aws_message="not authorized with an explicit deny in an identity-based policy"
)
LINE_FAULTS = [
    Throttled("slow"),
    Unreachable("none"),
    RegionDisabled("off"),
    BadCredentials("expired", code="ExpiredToken"),
    InvalidRequest("odd", code="ValidationError"),
    NotFound("gone"),
    AwsError("odd", code="Odd"),
]
ATTEMPTS = st.lists(st.sampled_from([None, None, REFUSED, REFUSED, OUR_FAULT, *LINE_FAULTS]), min_size=1, max_size=4)
MOSTLY_REFUSED = st.one_of(st.just([REFUSED]), ATTEMPTS)
SOUND = st.just("sound")


@settings(max_examples=400)
@given(
    without=MOSTLY_REFUSED,
    wrong=MOSTLY_REFUSED,
    right=st.one_of(st.just([None]), ATTEMPTS),
    wait=st.sampled_from([0, 3, 15]),
    caller=st.one_of(SOUND, st.sampled_from(LINE_FAULTS)),
    session=st.one_of(SOUND, SOUND, st.sampled_from([*LINE_FAULTS, Caller(account_id="9" * 12, arn="arn:aws:x")])),
    trust=st.one_of(SOUND, SOUND, st.sampled_from([REFUSED, *LINE_FAULTS])),
    ses=st.one_of(SOUND, SOUND, st.sampled_from(LINE_FAULTS)),
)
def test_verified_only_when_everything_was_proved(new_scene, without, wrong, right, wait, caller, session, trust, ses):
    scene = new_scene(without=without, wrong=wrong, right=right, wait=wait)
    faults = {"caller": caller, "session_caller": session, "trust": trust, "ses": ses}
    for name, answer in faults.items():
        if answer != "sound":
            setattr(scene, name, answer)
    report = scene.run()
    opened = set(scene.opened)
    if opened & {"without", "wrong"}:
        assert report.verdict is Verdict.INSECURE
        return
    assert report.verdict is not Verdict.INSECURE
    assert (report.verdict is Verdict.VERIFIED) == _proved(scene, faults)
    blamed = [probe.name for probe in report.probes if probe.status is F]
    assert set(blamed) <= {"assume-role", "caller-identity"}
    # A fault of the line, or of ours, is never the customer's: FAIL needs AWS's refusal of the right ExternalId by the
    # role, or a session that is another's.
    if "assume-role" in blamed:
        assert _last(scene, "right") is REFUSED
    if "caller-identity" in blamed:
        assert isinstance(session, Caller)


def _last(scene, kind):
    """The newest answer to that kind of call."""
    answers = {"without": scene.without, "wrong": scene.wrong, "right": scene.right}[kind]
    return answers[min([asked for asked, _ in scene.asked].count(kind), len(answers)) - 1]


def _proved(scene, faults):
    """Worked out from the record of the calls alone."""
    kinds = [kind for kind, _ in scene.asked]
    if "right" not in scene.opened:
        return False
    after = kinds[len(kinds) - 1 - kinds[::-1].index("right") :]
    refused_since = all(kind in after and _last(scene, kind) is REFUSED for kind in ("without", "wrong"))
    sound = {name for name, answer in faults.items() if answer == "sound"}
    may_warn = {"trust"} if faults["trust"] is REFUSED else set()
    return refused_since and sound | may_warn == faults.keys()


CALLS = ["caller", "without", "wrong", "right", "session_caller", "trust", "ses"]


@pytest.mark.parametrize("error", LINE_FAULTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("call", CALLS)
def test_one_call_without_an_answer(scene, call, error):
    setattr(scene, call, [error] if call in ("without", "wrong", "right") else error)
    report = scene.run()
    assert report.verdict is Verdict.UNKNOWN
    assert F not in {probe.status for probe in report.probes}
    asked = [probe for probe in report.probes if probe.status is U]
    assert asked
    assert [probe for probe in asked if not probe.fix] == []


# --- running ---


def _probe(name, ask, needs=()):
    return Probe(code="X001", name=name, title="x?", needs=needs, ask=ask)


def _answer(name, status):
    async def ask(facts):
        return _result(name, status)

    return ask


@pytest.mark.parametrize("status", list(Status))
def test_needs(scene, status):
    probes = [_probe("first", _answer("first", status)), _probe("second", _answer("second", P), needs=("first",))]
    second = scene.run(probes).probes[1]
    if status in (P, W):
        assert second.status is P
    else:
        assert (second.status, second.summary) == (S, "not asked: 'first' did not pass")
        assert (second.code, second.evidence) == ("X001", {"needs": "first"})


def test_skip_spreads(scene):
    names = ["a", "b", "c"]
    probes = [_probe("a", _answer("a", U))]
    probes += [_probe(name, _answer(name, P), needs=(before,)) for before, name in itertools.pairwise(names)]
    assert [result.status for result in scene.run(probes).probes] == [U, S, S]


def test_needs_that_the_vendor_does_not_ask_for(scene):
    probes = [_probe("second", _answer("second", P), needs=("first",))]
    assert scene.run(probes).probes[0].status is P


def test_error_of_a_probe_is_unknown(scene):
    async def ask(facts):
        raise Throttled("slow", operation="x:Y", code="Throttling", aws_message="Rate exceeded", hint="wait")

    found = scene.run([_probe("odd", ask)]).probes[0]
    assert (found.code, found.name, found.status) == ("X001", "odd", U)
    assert (found.summary, found.fix) == ("could not tell: slow", "wait")
    aws_said = {"operation": "x:Y", "aws_code": "Throttling", "aws_message": "Rate exceeded"}
    assert found.evidence == {**aws_said, "failure": "F151"}


def test_error_of_a_probe_without_a_hint(scene):
    async def ask(facts):
        raise AwsError("odd")

    found = scene.run([_probe("odd", ask)]).probes[0]
    assert found.fix.startswith("try again")
    assert found.evidence == {}


def test_mistake_in_a_probe_is_not_swallowed(scene):
    async def ask(facts):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scene.run([_probe("broken", ask)])


def test_report(scene):
    report = scene.run()
    assert (report.verdict, report.role_arn, report.region) == (Verdict.VERIFIED, scene.role_arn, "eu-west-1")
    assert (report.vendor, report.account_id, report.sandbox) == ("mailmark", "444455556666", False)
    assert report.checked_at == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert [probe.name for probe in report.probes] == list(scene.vendor.probes)
    assert report.last_error() is None


def test_time_is_that_of_the_end(scene, finish):
    times = iter([datetime(2026, 1, 1, tzinfo=UTC)])
    seen = []

    async def ask(facts):
        seen.append("asked")
        return _result("late", P)

    now = lambda: next(times) if seen else pytest.fail("asked too early")  # noqa: E731
    report = finish(run(scene.facts(), [_probe("late", ask)], scene, now))
    assert report.checked_at.year == 2026


def test_progress_is_told_of_every_probe(scene, refused):
    scene.wait, scene.right = 60, [refused(), None]
    scene.run()
    told = [word for word in scene.told if word[0] != "waiting"]
    assert sorted(told) == sorted((word, name) for name in scene.vendor.probes for word in ("started", "finished"))
    assert [told.index(("started", name)) < told.index(("finished", name)) for name in scene.vendor.probes] == [
        True
    ] * 8
    # The probes that want the AssumeRole calls wait for the role, all of them, once.
    assert scene.told.count(("waiting", 1.0)) == 1
    at = scene.told.index(("waiting", 1.0))
    assert {("started", "assume-role"), ("started", "external-id-required")} <= set(scene.told[:at])
    assert ("finished", "external-id-required") not in scene.told[:at]


def test_last_error_is_awss_own_words(scene):
    scene.right = [REFUSED]
    assert scene.run().last_error() == "not authorized"


def test_evidence_is_plain_data(scene, refused):
    for right in (None, refused(), Throttled("slow")):
        scene.right = [right]
        for probe in scene.run().probes:
            assert json.loads(json.dumps(dict(probe.evidence))) == probe.evidence
