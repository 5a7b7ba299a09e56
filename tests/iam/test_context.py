"""Present, absent, not known."""

import pytest

from byoaws.iam.context import Lookup, context


@pytest.mark.parametrize(
    ("known", "key", "expected"),
    [
        (context({"aws:SourceIp": "1.2.3.4"}), "AWS:sourceIP", ("1.2.3.4",)),
        (context({"aws:TagKeys": ["a", "b"]}), "aws:TagKeys", ("a", "b")),
        (context({"aws:TagKeys": []}), "aws:TagKeys", Lookup.ABSENT),
        (context({"a": ""}), "a", ("",)),
        (context({}), "a", Lookup.NOT_KNOWN),
        (context({}, absent=["A"]), "a", Lookup.ABSENT),
        (context({"a": "1"}, absent=["a"]), "a", ("1",)),
        (context({}, may_have=()), "a", Lookup.ABSENT),
        (context({}, may_have=["A"]), "a", Lookup.NOT_KNOWN),
        (context({}, may_have=["A"]), "b", Lookup.ABSENT),
        (context({}, may_have=["aws:RequestTag/*"]), "aws:requesttag/Team", Lookup.NOT_KNOWN),
        (context({}, may_have=["aws:RequestTag/*"]), "aws:requesttags", Lookup.ABSENT),
        (context({}, may_have=["a"], absent=["a"]), "a", Lookup.ABSENT),
    ],
    ids=str,
)
def test_lookup(known, key, expected):
    assert known[key] == expected
