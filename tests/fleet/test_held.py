"""Refusals that may be of our own making wait for a role that opens, and for no longer than their lease."""

from datetime import timedelta

import pytest

from byoaws.fleet.breaker import FEW, Breaker
from byoaws.fleet.held import Found, Held
from byoaws.model import Verdict


class Scene:
    """A breaker, what is held back, and refusals of so many roles."""

    def __init__(self, make_claim, make_report):
        self.breaker, self.claims = Breaker(), []
        self.held = Held(self.breaker)
        self.make_claim, self.make_report = make_claim, make_report

    def refuse(self, number, *, openings=None, **more):
        claim = self.make_claim(number, **more)
        self.breaker.refused(claim.role_arn, "User: x is not authorized", since=self.breaker.openings)
        began = self.breaker.openings if openings is None else openings
        found = Found(claim=claim, report=self.make_report(claim, Verdict.FAILED), openings=began)
        assert self.held.take(found)
        return found


@pytest.fixture
def scene(make_claim, make_report):
    return Scene(make_claim, make_report)


def test_what_is_not_in_doubt_is_not_held_back(scene, make_claim, make_report):
    claim = make_claim(1)
    scene.breaker.refused("another role", "no", since=scene.breaker.openings)
    assert not scene.held.take(Found(claim=claim, report=make_report(claim, Verdict.FAILED)))
    assert not scene.held.take(Found(claim=scene.refuse(2).claim, report=None, refusal="no answer in 90 s"))
    assert [claim.connection.alias for claim in scene.held.claims] == ["customer 2"]


def test_they_count_once_another_role_opened(scene):
    found = [scene.refuse(number) for number in range(5)]
    assert scene.held.proven() == []
    scene.breaker.opened()
    late = scene.refuse(9)
    assert scene.held.proven() == found
    assert scene.held.claims == [late.claim]


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 10])
def test_one_or_two_are_the_customers_and_of_more_nobody_can_tell(scene, count):
    found = [scene.refuse(number) for number in range(count)]
    judged = scene.held.judged()
    assert scene.held.claims == []
    if count <= FEW:
        assert judged == found
        return
    assert [(one.claim, one.report) for one in judged] == [(one.claim, None) for one in found]
    assert {one.refusal for one in judged} == {
        f"could not tell whose fault it is: {count} roles that opened before refuse us, and none opens; "
        "AWS says: User: x is not authorized"
    }


def test_those_that_were_judged_before_are_remembered(scene):
    """Else a fleet of which one falls due now and then would fail one by one."""
    told = []
    for number in range(FEW + 3):
        scene.refuse(number)
        told += [one.report is not None for one in scene.held.judged()]
    assert told == [True] * FEW + [False] * 3


def test_a_role_that_opened_while_it_was_under_way_is_evidence_at_the_end(scene):
    """A small fleet is asked all at once: the others have opened before a refusal is known."""
    scene.breaker.opened()
    found = [scene.refuse(number, openings=0) for number in range(5)]
    doubtful = scene.refuse(9)
    assert scene.held.proven() == []
    *counted, last = scene.held.judged()
    assert counted == found
    assert (last.claim, last.report) == (doubtful.claim, None)


def test_none_is_held_back_beyond_its_lease(scene, make_claim):
    end = make_claim().until
    first, later = scene.refuse(1), scene.refuse(2, until=end + timedelta(seconds=1))
    assert scene.held.judged(until=end - timedelta(seconds=1)) == []
    assert scene.held.judged(until=end) == [first]
    assert scene.held.claims == [later.claim]
