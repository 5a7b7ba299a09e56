"""The AssumeRole calls: which are made, in what order, how often, and what no retry may undo."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import AccessDenied, AwsError, BadCredentials, RegionDisabled, Throttled, Unreachable
from byoaws.iam.patterns import matches, wild
from byoaws.verify.facts import _same_shape

OTHER_ERRORS = [Throttled("slow down"), Unreachable("no answer"), BadCredentials("expired"), RegionDisabled("off")]
OTHER_IDS = [type(error).__name__ for error in OTHER_ERRORS]


def _kinds(scene):
    return [kind for kind, _ in scene.asked]


def test_three_calls_prove_a_sound_role(scene):
    trial = scene.trial()
    assert _kinds(scene) == ["right", "without", "wrong"]
    assert (trial.right.opened, trial.without.opened, trial.wrong.opened, trial.tries) == (True, False, False, 1)
    assert scene.slept == []


def test_refusals_are_asked_for_after_the_role_has_opened(scene, refused):
    """A refusal from before IAM had spread the role would be good for nothing."""
    scene.wait, scene.right = 60, [refused(), refused(), None]
    _ = scene.trial()
    assert _kinds(scene) == ["right", "without", "wrong", "right", "right", "without", "wrong"]


@pytest.mark.parametrize("kind", ["without", "wrong"])
def test_role_that_opens_for_strangers_a_little_later(scene, refused, kind):
    scene.wait, scene.right = 60, [refused(), None]
    setattr(scene, kind, [refused(), None])
    assert getattr(scene.trial(), kind).opened


@pytest.mark.parametrize("kind", ["without", "wrong"])
@pytest.mark.parametrize("right_opens", [True, False])
def test_open_door_is_final_and_not_waited_for(scene, refused, kind, right_opens):
    scene.wait = 60
    scene.right = [None] if right_opens else [refused(), None]
    setattr(scene, kind, [None, refused()])
    trial = scene.trial()
    assert getattr(trial, kind).opened
    assert _kinds(scene).count(kind) == 1
    assert (scene.slept, trial.tries) == ([], 1)


def test_open_door_that_shows_only_when_waiting_is_over(scene, refused):
    """The role opens for those without an ExternalId only (Null: true), and took a while to be spread."""
    scene.wait, scene.right, scene.without = 3, [refused()], [refused(), None]
    trial = scene.trial()
    assert trial.without.opened
    assert not trial.right.opened


@pytest.mark.parametrize("error", OTHER_ERRORS, ids=OTHER_IDS)
def test_second_answer_counts_even_if_it_says_less(scene, refused, error):
    scene.wait, scene.right, scene.without = 60, [refused(), None], [refused(), error]
    assert scene.trial().without.error is error


# seconds to wait: the pauses
PAUSES = {
    0: [],
    0.5: [0.5],
    1: [1],
    2: [1, 1],
    3: [1, 2],
    15: [1, 2, 4, 8],
    60: [1, 2, 4, 8, 8, 8, 8, 8, 8, 5],
}


@pytest.mark.parametrize(("wait", "pauses"), PAUSES.items(), ids=str)
def test_refused_for_good(scene, refused, wait, pauses):
    scene.wait, scene.right = wait, [refused()]
    trial = scene.trial()
    assert scene.slept == pauses
    assert scene.told == [("waiting", pause) for pause in pauses]
    assert (trial.tries, trial.waited, trial.session) == (1 + len(pauses), wait, None)
    assert isinstance(trial.right.error, AccessDenied)


@pytest.mark.parametrize(("refusals", "waited"), [(1, 1), (2, 3), (3, 7), (4, 15)])
def test_opens_after_some_tries(scene, refused, refusals, waited):
    scene.wait, scene.right = 60, [refused()] * refusals + [None]
    trial = scene.trial()
    assert (trial.right.opened, trial.tries, trial.waited) == (True, refusals + 1, waited)
    assert trial.session is not None


@pytest.mark.parametrize("error", OTHER_ERRORS, ids=OTHER_IDS)
@pytest.mark.parametrize("before", [0, 2])
def test_only_a_refusal_is_waited_for(scene, refused, error, before):
    scene.wait, scene.right = 60, [refused()] * before + [error, None]
    trial = scene.trial()
    assert trial.right.error is error
    assert (trial.tries, trial.session) == (before + 1, None)


@given(wait=st.floats(0, 600), takes=st.floats(0, 30))
def test_never_sleeps_past_the_deadline(new_scene, wait, takes):
    scene = new_scene(wait=wait, call_takes=takes)
    scene.right = [scene.without[0]]
    begun = scene.now
    trial = scene.trial()
    clock = begun + takes * 3
    for pause in scene.slept:
        clock += pause
        assert pause > 0
        assert clock <= begun + wait + 1e-6
        clock += takes
    assert trial.tries == len(scene.slept) + 1
    assert len(scene.slept) <= 2 + 4 + wait / 8
    # What was waited for was all that could be.
    assert trial.waited >= wait - 1e-6


def test_each_fact_is_asked_once(scene, finish):
    facts = scene.facts()

    async def ask():
        for _ in range(2):
            _ = await facts.trial(), await facts.session(), await facts.vendor_caller(), facts.role

    finish(ask())
    assert (len(scene.asked), scene.callers) == (3, 1)
    assert scene.sts_regions == ["us-east-1"]


def test_vendor_caller_is_asked_again_after_an_error(scene, finish):
    caller, scene.caller = scene.caller, Throttled("slow down")
    facts = scene.facts()
    with pytest.raises(Throttled):
        finish(facts.vendor_caller())
    scene.caller = caller
    assert finish(facts.vendor_caller()) is caller


PARTITIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1", "aws-eusc": "eusc-de-east-1"}


@pytest.mark.parametrize(("partition", "region"), PARTITIONS.items())
def test_sts_is_asked_in_a_region_that_is_always_enabled(scene, partition, region):
    scene.role_arn, scene.region = f"arn:{partition}:iam::444455556666:role/mail", "af-south-1"
    _ = scene.trial()
    assert scene.sts_regions == [region]


def test_no_session_without_an_open_role(scene, refused, finish):
    scene.right = [refused()]
    with pytest.raises(AwsError, match="the role was not assumed"):
        finish(scene.facts().session())


EXTERNAL_ID = st.from_regex(re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII), fullmatch=True)


@given(EXTERNAL_ID)
def test_wrong_external_id_is_valid_and_wrong(right):
    wrong = _same_shape(right)
    assert wrong != right
    assert re.fullmatch(r"[\w+=,.@:/-]{2,1224}", wrong, re.ASCII)
    assert len(wrong) == len(right)


# An ExternalId, and patterns that a careless trust policy may have for it.
CARELESS = {
    "ours": ("3f9c27d1" * 6, ["*", "?*", "?" * 48]),
    "ours with a prefix": ("acme:" + "3f9c27d1" * 6, ["*", "acme:*", "acme:" + "?" * 48]),
    "uuid": (
        "123e4567-e89b-12d3-a456-426614174000",
        ["*-*-*-*-*", "123e4567-*", "????????-????-????-????-????????????"],
    ),
    "name and number": ("byoaws-Acme-17", ["byoaws-*", "byoaws-Acme-*", "byoaws-Acme-??"]),
    "word": ("secret", ["*", "??????"]),
}


@pytest.mark.parametrize(("right", "patterns"), CARELESS.values(), ids=CARELESS)
def test_wrong_external_id_fits_careless_patterns(right, patterns):
    wrong = _same_shape(right)
    assert [pattern for pattern in patterns if not matches(wild(pattern), wrong)] == []


def test_wrong_external_id_is_another_each_time(new_scene):
    seen = set()
    for _ in range(5):
        scene = new_scene()
        _ = scene.trial()
        seen |= {given for kind, given in scene.asked if kind == "wrong"}
    assert len(seen) == 5
