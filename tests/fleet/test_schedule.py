"""When is checked next, and what is told: pure, and so by tables and properties."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.fleet.schedule import Policy, next_check, step
from byoaws.model import ConnectionStatus, Verdict
from byoaws.store.interface import Standing

POLICY = Policy()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
VERDICTS = {"v": Verdict.VERIFIED, "i": Verdict.INSECURE, "f": Verdict.FAILED, "?": Verdict.UNKNOWN}


def told(history, *, hold=2, worked_before=True):
    """What is told over a history of verdicts, as `checks:state`."""
    standing, found = Standing(), []
    for number, letter in enumerate(history, start=1):
        standing, change = step(standing, VERDICTS[letter], Policy(hold=hold), worked_before=worked_before)
        worked_before = worked_before or letter == "v"
        if change:
            assert change.after is standing.told
            found.append(f"{number}:{change.after.value}")
    return found


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("vvvv", []),
        ("vvf", []),
        ("vvff", ["4:failed"]),
        ("ff", ["2:failed"]),
        ("vvfff", ["4:failed"]),
        ("vvfvfvfvfv", []),
        ("vvf?f", ["5:failed"]),
        ("vv????", []),
        ("vvi", ["3:insecure"]),
        ("i", ["1:insecure"]),
        ("vviii", ["3:insecure"]),
        ("vviv", ["3:insecure"]),
        ("vvivv", ["3:insecure", "5:verified"]),
        ("vvffvv", ["4:failed", "6:verified"]),
        ("vvffvff", ["4:failed"]),
        ("vvffivv", ["4:failed", "5:insecure", "7:verified"]),
        ("viviv", ["2:insecure"]),
    ],
)
def test_a_change_is_told_once_and_only_when_it_holds(history, expected):
    assert told(history) == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [("ffff", []), ("ffvv", []), ("ffvvff", ["6:failed"]), ("i", ["1:insecure"]), ("iff", ["1:insecure", "3:failed"])],
)
def test_what_never_worked_cannot_stop_working(history, expected):
    assert told(history, worked_before=False) == expected


def test_one_check_is_enough_where_that_is_asked_for():
    assert told("vfvf", hold=1) == ["2:failed", "3:verified", "4:failed"]


HISTORIES = st.text("vif?", max_size=40)


@given(HISTORIES, st.integers(1, 4), st.booleans())
def test_nothing_is_told_twice_in_a_row_and_never_what_was_not_found(history, hold, worked):
    found = [item.partition(":") for item in told(history, hold=hold, worked_before=worked)]
    states = [state for _, _, state in found]
    assert all(one != other for one, other in itertools.pairwise(states))
    assert all(VERDICTS[history[int(number) - 1]].value == state for number, _, state in found)


@given(HISTORIES)
def test_could_not_tell_changes_nothing_that_is_told(history):
    def states(text):
        return [item.partition(":")[2] for item in told(text)]

    assert states(history) == states(history.replace("?", ""))


def standing(result="verified", count=1, unknown=0):
    return Standing(same_result=ConnectionStatus(result), same_result_count=count, unknown_count=unknown)


NAMES = st.integers(0, 10**9).map("con_{}".format)
TIMES = st.integers(0, 2 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(NAMES, TIMES)
def test_what_is_well_is_checked_at_its_own_time_of_the_period(name, at):
    first = next_check(name, standing(), at, POLICY)
    assert timedelta(hours=12) < first - at <= timedelta(hours=36)
    assert next_check(name, standing(), first, POLICY) - first == POLICY.period


def test_a_fleet_that_was_checked_in_one_go_spreads_over_the_whole_period():
    hours = Counter(next_check(f"con_{number}", standing(), NOW, POLICY).hour for number in range(24_000))
    assert set(hours) == set(range(24))
    assert max(hours.values()) < 1.15 * 1000
    assert min(hours.values()) > 0.85 * 1000


@pytest.mark.parametrize(
    ("state", "minutes"),
    [
        (standing("failed", 1), 15),
        (standing("failed", 2), 30),
        (standing("failed", 4), 120),
        (standing("failed", 500), 24 * 60),
        (standing("insecure", 1), 15),
        (standing("verified", 9, unknown=1), 15),
        (standing("verified", 9, unknown=3), 60),
        (Standing(unknown_count=1), 15),
    ],
)
def test_what_is_not_is_checked_sooner_and_ever_more_seldom(state, minutes):
    wait = next_check("con_1", state, NOW, POLICY) - NOW
    assert 0.9 * minutes <= wait / timedelta(minutes=1) <= 1.1 * minutes


def test_what_failed_together_does_not_come_back_together():
    times = {next_check(f"con_{number}", standing("failed"), NOW, POLICY) for number in range(100)}
    assert max(times) - min(times) > timedelta(minutes=2)
