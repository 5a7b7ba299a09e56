"""AllowedPatterns of anybody's template: what they mean, and that none of them can hold us up."""

import contextlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import LinkError
from byoaws.quickcreate import patterns
from byoaws.quickcreate.check import check_parameters
from byoaws.quickcreate.patterns import LONGEST, SECONDS, Unmatchable, fits


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("a", "a\n", False),
        ("^a$", "a", True),
        (r"\w+", "ä", False),
        (r"\d+", "٣", False),
        ("[[a]", "[", True),
        ("(?:a|b){2,3}", "aba", True),
        ("", "", True),
    ],
)
def test_what_a_pattern_means(pattern: str, value: str, matches: bool) -> None:
    assert fits(pattern, value) is matches is bool(re.fullmatch(pattern, value, re.ASCII))


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a|a)*b", "(x+x+)+y", "([a-z]+)*=", "(.*)*x(.*)*y", "(?:a?){60}a{60}"]
)
def test_no_pattern_takes_long(pattern: str) -> None:
    began = time.process_time()
    with contextlib.suppress(Unmatchable):
        assert not fits(pattern, "a" * 59 + "!")
    assert time.process_time() - began < 10 * SECONDS  # for ever, unbounded


def test_one_that_would_take_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", SECONDS / 10)
    began = time.process_time()
    with pytest.raises(Unmatchable, match="too long"):
        fits("(a|aa)+$", "a" * 59 + "!")
    assert SECONDS / 20 < time.process_time() - began < SECONDS


@pytest.mark.parametrize("pattern", ["a" * (LONGEST + 1), "(" * 1_500 + ")" * 1_500], ids=["long", "deep"])
def test_a_pattern_that_is_too_large_is_not_tried(pattern: str) -> None:
    with pytest.raises(Unmatchable):
        fits(pattern, "a")


@pytest.mark.parametrize("pattern", ["(", "[", "(?R)", "(?e)a", "a{2,1}"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(re.error):
        fits(pattern, "a")


def test_a_link_that_cannot_be_held_against_its_template_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", SECONDS / 10)
    template = {"Parameters": {"P": {"Type": "String", "AllowedPattern": "(a|aa)+$"}}}
    with pytest.raises(LinkError, match="cannot be told"):
        check_parameters({"P": "a" * 60 + "!"}, template)


HOSTILE = [
    "(a+)+b",
    "(a|aa)(a|aa)b",
    "a?" * 30 + "a" * 30,
    "a*a*a*b",
    r"(a)\1*",
    "(?=a)a",
    "a{1,9}" * 9,
    "(a{1,50}){2}b",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_pattern_with_many_ways_to_match_has_a_clock(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(patterns, "_within_time", lambda pattern, value: bool(asked.append(value)))
    patterns.fits(pattern, "a" * 20)
    assert asked == ["a" * 20]


def test_a_long_value_has_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(patterns, "_within_time", lambda pattern, value: bool(asked.append(value)))
    patterns.fits("[a-z]*", "a" * 1_001)
    assert len(asked) == 1


OURS = [
    r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s#]*)?",
    "whsec_[A-Za-z0-9+/]{32,86}={0,2}",
    r"[\w+=,.@:/-]+",
    "[0-9]{12}",
    "[]*+?|(]*[^]|)*]{1,64}",
]


@pytest.mark.parametrize("pattern", OURS)
@given(value=st.text(alphabet="https://a.b:1#+=*|()]", max_size=60))
def test_a_plain_pattern_means_the_same_without_the_clock(pattern: str, value: str) -> None:
    assert patterns._is_plain(pattern)
    assert patterns.fits(pattern, value) is patterns._within_time(pattern, value)
