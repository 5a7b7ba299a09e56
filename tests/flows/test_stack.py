"""Differences between a file and what would be generated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.flows.stack import difference

HEAD = "--- t.yaml\n+++ as generated now\n"


@pytest.mark.parametrize(
    ("wanted", "found", "shown"),
    [
        ("a\nb\n", "a\nb\n", ""),
        ("a\nb\n", "a\nc\n", "@@ -1,2 +1,2 @@\n a\n-c\n+b\n"),
        ("a\nb\n", "a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"),
        ("a\n", "", "@@ -0,0 +1 @@\n+a\n"),
        ("a\n", "\n", "@@ -1 +1 @@\n-\n+a\n"),
        ("a\n", "\ufeffa\n", "@@ -1 +1 @@\n-\ufeffa\n+a\n"),
        ("a\u2028b\n", "a\u2028c\n", "@@ -1 +1 @@\n-a\u2028c\n+a\u2028b\n"),
    ],
    ids=["same", "changed", "no-last-newline", "empty", "blank", "byte-order-mark", "line-separator"],
)
def test_difference(wanted: str, found: str, shown: str) -> None:
    assert difference(wanted, found, "t.yaml") == (HEAD + shown if shown else "")


@given(st.text(st.sampled_from("ab\n\u2028")), st.text(st.sampled_from("ab\n\u2028")))
def test_empty_only_for_the_same_text(wanted: str, found: str) -> None:
    shown = difference(wanted, found, "t")
    assert (shown == "") == (wanted == found)
    assert shown == "" or shown.endswith("\n")
