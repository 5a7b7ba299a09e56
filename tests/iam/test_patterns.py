"""Wildcards: against a plain definition, and against the slow way."""

import fnmatch
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.iam.patterns import alike, as_text, has_wildcard, literal, matches, matches_arn, wild

ALPHABET = st.text(alphabet="ab:", max_size=8)
PATTERNS = st.text(alphabet="ab:*?", max_size=8)


@given(PATTERNS, ALPHABET)
def test_agrees_with_a_regular_expression(pattern, text):
    expected = re.compile(fnmatch.translate(pattern)).match(text) is not None
    assert matches(wild(pattern), text) is expected
    assert alike(pattern, text) is expected


@given(PATTERNS, st.text(alphabet="ab:*?", max_size=8))
def test_a_literal_matches_only_itself(pattern, text):
    assert matches(literal(pattern), text) is (pattern == text)


def _by_parts(pattern, text):
    parts, found = pattern.split(":", 5), text.split(":", 5)
    if len(parts) != 6:
        return None
    return len(found) == 6 and all(matches(wild(part), value) for part, value in zip(parts, found, strict=True))


@given(
    st.lists(PATTERNS, min_size=4, max_size=7).map(":".join), st.lists(ALPHABET, min_size=4, max_size=7).map(":".join)
)
def test_an_arn_matches_part_by_part(pattern, text):
    assert matches_arn(wild(pattern), text) is _by_parts(pattern, text)


@given(PATTERNS)
def test_as_text_gives_the_text_back(pattern):
    assert as_text(wild(pattern)) == pattern
    assert has_wildcard(wild(pattern)) is (not {"*", "?"}.isdisjoint(pattern))


def test_a_star_of_an_arn_does_not_reach_over_colons():
    """The example of AWS's page on ARN operators."""
    pattern, text = "arn:aws:s:*:111122223333:f/*", "arn:aws:s:us-east-2:999999999999:store/abc:111122223333:f/d.txt"
    assert matches(wild(pattern), text)
    assert matches_arn(wild(pattern), text) is False


@pytest.mark.parametrize("pattern", ["*a" * 200 + "b", "a*" * 200 + "b", "*?" * 200 + "b"])
def test_no_pattern_takes_long(pattern):
    started = time.perf_counter()
    assert not matches(wild(pattern), "a" * 5_000)
    assert not alike(pattern, "a" * 5_000)
    assert time.perf_counter() - started < 5  # a backtracking matcher would not end
