"""Probes side by side: that they are, that nobody could tell by the report, and what becomes of a mistake."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.aws.questions import SES_ACCOUNT
from byoaws.errors import Throttled, Unreachable, UsageError
from byoaws.model import ProbeResult, Status
from byoaws.registry import PROBES
from byoaws.verify.interface import Probe
from byoaws.verify.runner import unknown

P, W, U = Status.PASS, Status.WARN, Status.UNKNOWN


def _result(name, status):
    return ProbeResult(code="X001", name=name, status=status, summary="x")


def _probe(name, ask, needs=()):
    return Probe(code="X001", name=name, title="x?", needs=needs, ask=ask)


def _says(name, status=P, *, after=None):
    """A probe that answers, after something else if need be."""

    async def ask(facts):
        if after is not None:
            await after()
        return _result(name, status)

    return ask


# --- they overlap ---


def test_two_probes_overlap(scene):
    """Each waits for the other: one after the other they would wait for ever."""
    there = {"a": asyncio.Event(), "b": asyncio.Event()}

    def meet(name, other):
        async def ask(facts):
            there[name].set()
            await asyncio.wait_for(there[other].wait(), 5)
            return _result(name, P)

        return _probe(name, ask)

    assert [result.status for result in scene.run([meet("a", "b"), meet("b", "a")]).probes] == [P, P]


def test_the_questions_of_a_sound_role_overlap(scene, monkeypatch):
    """Whoever the session is, its trust policy and SES are asked at the same time."""
    waiting, most = set(), []

    async def say(question):
        waiting.add(question.action)
        most.append(len(waiting))
        for _ in range(20):
            await asyncio.sleep(0)
        waiting.discard(question.action)

    _slow(scene, monkeypatch, say)
    assert scene.run().verdict.value == "verified"
    assert max(most) == 3


def _slow(scene, monkeypatch, say):
    """Have every answer of the customer's session wait for `say`."""
    facts = scene.facts

    def slow():
        made = facts()
        plain = made._asking._put

        async def put(question):
            await say(question)
            return await plain(question)

        made._asking._put = put
        return made

    monkeypatch.setattr(scene, "facts", slow)


def test_what_is_long_holds_up_no_other(scene):
    order = []

    async def ends():
        for _ in range(20):
            await asyncio.sleep(0)

    probes = [_probe("long", _says("long", after=ends)), _probe("short", _says("short"))]
    probes += [_probe("next", _says("next"), needs=("short",)), _probe("last", _says("last"), needs=("long",))]
    scene.finished = lambda result: order.append(result.name)
    assert [result.name for result in scene.run(probes).probes] == ["long", "short", "next", "last"]
    assert order == ["short", "next", "long", "last"]


# --- each fact is asked once ---


def test_a_fact_that_ten_probes_want_is_asked_once(scene):
    def wants(number):
        async def ask(facts):
            await facts.trial()
            await facts.vendor_caller()
            await (await facts.session()).ask(SES_ACCOUNT)
            return _result(f"p{number}", P)

        return _probe(f"p{number}", ask)

    report = scene.run([wants(number) for number in range(10)])
    assert {result.status for result in report.probes} == {P}
    assert [kind for kind, _ in scene.asked] == ["right", "without", "wrong"]
    assert (scene.callers, scene.sts_regions) == (1, ["us-east-1"])


def test_the_assume_role_calls_never_overlap(scene, refused):
    """Which goes first is what makes a refusal prove anything; the scene refuses two at a time."""
    scene.wait, scene.right = 60, [refused(), None]
    assert scene.run().verdict.value == "verified"
    assert [kind for kind, _ in scene.asked] == ["right", "without", "wrong", "right", "without", "wrong"]


# --- nobody could tell ---

NAMES = [f"p{number}" for number in range(7)]
OUTCOMES = st.sampled_from([*Status, P, P, W, Throttled("slow", hint="wait"), Unreachable("none")])
PROBES_OF_ANY_KIND = st.tuples(
    *(
        st.tuples(
            st.lists(st.sampled_from([*NAMES, "of-nobody"]), max_size=3, unique=True), OUTCOMES, st.integers(0, 9)
        )
        for _ in NAMES
    )
)


def reference(table):
    """One after the other, as the table has them: what a need means, in so many words."""
    results = {}
    for name, (needs, outcome, _) in zip(NAMES, table, strict=True):
        failed = [need for need in needs if need in results and results[need].status not in (P, W)]
        if failed:
            summary = f"not asked: '{failed[0]}' did not pass"
            results[name] = replace(_result(name, Status.SKIP), summary=summary, evidence={"needs": failed[0]})
        elif isinstance(outcome, Status):
            results[name] = _result(name, outcome)
        else:
            results[name] = unknown("X001", name, outcome)
    return tuple(results.values())


@settings(max_examples=150, deadline=None)
@given(PROBES_OF_ANY_KIND)
def test_results_are_those_of_one_after_the_other(new_scene, table):
    asked = []

    def probe(name, needs, outcome, steps):
        async def ask(facts):
            asked.append(name)
            for _ in range(steps):
                await asyncio.sleep(0)
            if isinstance(outcome, Status):
                return _result(name, outcome)
            raise outcome

        return _probe(name, ask, needs)

    scene = new_scene()
    report = scene.run([probe(name, *row) for name, row in zip(NAMES, table, strict=True)])
    expected = reference(table)
    assert report.probes == expected
    assert sorted(asked) == [
        result.name for result, (_, outcome, _) in zip(expected, table, strict=True) if "needs" not in result.evidence
    ]
    assert sorted(scene.told) == sorted((word, name) for name in NAMES for word in ("started", "finished"))


# --- a mistake ---


class Mistake(Exception):
    """What nobody foresaw."""


def test_an_error_of_aws_neither_cancels_nor_blocks_the_others(scene):
    async def refuses(facts):
        raise Throttled("slow")

    async def later():
        await asyncio.sleep(0)

    probes = [_probe("bad", refuses), _probe("good", _says("good", after=later))]
    assert [result.status for result in scene.run(probes).probes] == [U, P]


@pytest.mark.parametrize("mistake", [Mistake("odd"), UsageError("no role"), KeyboardInterrupt()], ids=repr)
def test_a_mistake_comes_out_as_it_is_and_gives_up_the_rest(scene, mistake):
    ended = []

    async def waits(facts):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("waits")

    async def breaks(facts):
        await asyncio.sleep(0)
        raise mistake

    probes = [_probe("waits", waits), _probe("breaks", breaks), _probe("after", _says("after"), needs=("breaks",))]
    with pytest.raises(type(mistake)) as caught:
        scene.run(probes)
    assert caught.value is mistake
    assert ended == ["waits"]
    assert ("started", "after") not in scene.told


def test_a_mistake_while_a_fact_is_asked_leaves_nothing_running(scene):
    async def breaks(facts):
        while not scene.assuming:
            await asyncio.sleep(0)
        raise Mistake

    probes = [PROBES.load("assume-role"), PROBES.load("external-id-required"), _probe("breaks", breaks)]
    with pytest.raises(Mistake):  # and warnings about what was never awaited, or never looked at, are errors
        scene.run(probes)
    assert not scene.assuming
    assert len(scene.asked) < 3
