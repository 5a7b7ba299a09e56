"""Every condition operator, with every prefix and suffix, on keys that are there, absent, and not known.

Expectations are from AWS's pages "Condition operators", "Conditions with multiple context keys or values" and
"Single-valued vs. multivalued context keys".
"""

import pytest

from byoaws.iam.conditions import holds
from byoaws.iam.context import context
from byoaws.iam.elements import Condition

T, F, U = True, False, None


def ask(operator, wanted, found, *, variables=True, others=None):
    """`found`: a value, a list of values, `absent`, or `not known`."""
    values = [wanted] if isinstance(wanted, str) else wanted
    given = {} if found in ("absent", "not known") else {"k": found}
    known = context({**given, **(others or {})}, may_have=("k",) if found == "not known" else ())
    condition = Condition(operator=operator, key="K", values=tuple(values))
    return holds(condition, known, variables=variables).value


# operator, policy value(s), request value(s), holds
TABLE = [
    ("StringEquals", "abc", "abc", T),
    ("StringEquals", "abc", "ABC", F),
    ("StringEquals", "a*", "abc", F),
    ("StringEquals", "a*", "a*", T),
    ("StringEquals", ["x", "abc"], "abc", T),
    ("StringEquals", "abc", "absent", F),
    ("StringEquals", "", "absent", F),
    ("StringEquals", "", "", T),
    ("StringNotEquals", "abc", "abc", F),
    ("StringNotEquals", "abc", "abd", T),
    ("StringNotEquals", ["abc", "abd"], "abd", F),
    ("StringNotEquals", ["abc", "abd"], "x", T),
    ("StringNotEquals", "abc", "absent", T),
    ("StringEqualsIgnoreCase", "aBc", "AbC", T),
    ("StringEqualsIgnoreCase", "abc", "abd", F),
    ("StringNotEqualsIgnoreCase", "aBc", "AbC", F),
    ("StringNotEqualsIgnoreCase", "abc", "absent", T),
    ("StringLike", "a*", "abc", T),
    ("StringLike", "a?c", "abc", T),
    ("StringLike", "a?c", "ac", F),
    ("StringLike", "A*", "abc", F),
    ("StringLike", "*", "absent", F),
    ("StringNotLike", "a*", "abc", F),
    ("StringNotLike", ["x*", "y*"], "abc", T),
    ("StringNotLike", "*", "absent", T),
    ("NumericEquals", "10", "10.0", T),
    ("NumericEquals", "10", "010", T),
    ("NumericEquals", "10", "ten", F),
    ("NumericEquals", "ten", "10", U),
    ("NumericEquals", "1_0", "10", U),
    ("NumericEquals", "Infinity", "10", U),
    ("NumericNotEquals", "10", "11", T),
    ("NumericNotEquals", "10", "ten", U),
    ("NumericNotEquals", "10", "absent", T),
    ("NumericLessThan", "10", "9.99", T),
    ("NumericLessThan", "10", "10", F),
    ("NumericLessThan", "10", "absent", F),
    ("NumericLessThanEquals", "10", "10", T),
    ("NumericGreaterThan", "10", "10", F),
    ("NumericGreaterThan", ["100", "10"], "11", T),
    ("NumericGreaterThanEquals", "10", "10", T),
    ("DateEquals", "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", T),
    ("DateEquals", "2024-01-01T00:00:00Z", "1704067200", T),
    ("DateEquals", "soon", "2024-01-01T00:00:00Z", U),
    ("DateEquals", "9" * 30, "2024-01-01T00:00:00Z", U),
    ("DateEquals", "2024-01-01T00:00:00Z", "soon", F),
    ("DateNotEquals", "2024-01-01T00:00:00Z", "soon", U),
    ("DateNotEquals", "2024-01-01T00:00:00Z", "2024-01-02", T),
    ("DateLessThan", "2024-01-01T00:00:00Z", "2023-12-31", T),
    ("DateLessThanEquals", "2024-01-01", "2024-01-01T00:00:00", T),
    ("DateGreaterThan", "2024-01-01", "2024-01-01", F),
    ("DateGreaterThanEquals", "2024-01-01", "2024-01-01", T),
    ("Bool", "true", "True", T),
    ("Bool", "true", "false", F),
    ("Bool", "yes", "true", U),
    ("Bool", "true", "absent", F),
    ("Bool", "false", "absent", F),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", T),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", F),
    ("BinaryEquals", "not base64", "QmluYXJ5", U),
    ("BinaryEquals", "QmluYXJ5", "not base64", F),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", T),
    ("IpAddress", "203.0.113.0/24", "203.0.114.9", F),
    ("IpAddress", "203.0.113.9", "203.0.113.9", T),
    ("IpAddress", "0.0.0.0/0", "203.0.113.9", T),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8::/32"], "2001:db8:1::1", T),
    ("IpAddress", "203.0.113.0/24", "2001:db8::1", F),
    ("IpAddress", "203.0.113.0/33", "203.0.113.9", U),
    ("IpAddress", "203.0.113.0/24", "here", F),
    ("IpAddress", "203.0.113.0/24", "203.0.113.0/25", F),
    ("IpAddress", "203.0.113.0/24", "absent", F),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", F),
    ("NotIpAddress", ["203.0.113.0/24", "198.51.100.0/24"], "198.51.100.1", F),
    ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", T),
    ("NotIpAddress", "203.0.113.0/24", "here", U),
    ("NotIpAddress", "203.0.113.0/24", "absent", T),
    ("ArnEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/x", T),
    ("ArnLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", T),
    ("ArnLike", "arn:aws:iam::1:role/X", "arn:aws:iam::1:role/x", F),
    ("ArnLike", "arn:aws:iam::*", "arn:aws:iam::1:role/x", U),
    ("ArnLike", "arn:aws:iam::1:role/*", "no arn", F),
    ("ArnNotEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::2:role/x", T),
    ("ArnNotLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/x", F),
    ("ArnNotLike", "arn:aws:iam::1:role/*", "no arn", U),
    ("ArnNotLike", "arn:aws:iam::1:role/*", "absent", T),
    ("Null", "true", "absent", T),
    ("Null", "true", "abc", F),
    ("Null", "TRUE", "absent", T),
    ("Null", "false", "absent", F),
    ("Null", "false", "abc", T),
    ("Null", ["true", "false"], "abc", T),
    ("Null", "maybe", "abc", U),
    ("Null", "true", [], T),
    # A key that is not known decides nothing, whatever the operator.
    ("StringEquals", "abc", "not known", U),
    ("StringNotEquals", "abc", "not known", U),
    ("StringLike", "*", "not known", U),
    ("StringEqualsIfExists", "abc", "not known", U),
    ("ForAllValues:StringEquals", "abc", "not known", U),
    ("ForAnyValue:StringEquals", "abc", "not known", U),
    ("Null", "true", "not known", U),
    # IfExists
    ("StringEqualsIfExists", "abc", "absent", T),
    ("StringEqualsIfExists", "abc", "abc", T),
    ("StringEqualsIfExists", "abc", "x", F),
    ("StringLikeIfExists", "a*", "absent", T),
    ("StringNotEqualsIfExists", "abc", "absent", T),
    ("StringNotEqualsIfExists", "abc", "abc", F),
    ("BoolIfExists", "true", "absent", T),
    ("NumericLessThanIfExists", "10", "absent", T),
    ("DateLessThanIfExists", "2024-01-01", "absent", T),
    ("IpAddressIfExists", "203.0.113.0/24", "absent", T),
    ("ArnLikeIfExists", "arn:aws:iam::1:role/*", "absent", T),
    ("BinaryEqualsIfExists", "QmluYXJ5", "absent", T),
    ("NullIfExists", "true", "absent", U),
    # Set operators
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], T),
    ("ForAllValues:StringEquals", ["a", "b", "c"], ["a"], T),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], F),
    ("ForAllValues:StringEquals", "a", "absent", T),
    ("ForAllValues:StringEquals", "a", [], T),
    ("ForAllValues:StringEquals", "a", "", T),
    ("ForAllValues:StringNotEquals", "a", ["b", "c"], T),
    ("ForAllValues:StringNotEquals", "a", ["a", "c"], F),
    ("ForAllValues:StringNotEquals", "a", "absent", T),
    ("ForAllValues:StringLikeIfExists", "a*", "absent", T),
    ("ForAnyValue:StringEquals", ["a", "b"], ["b", "c"], T),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c"], F),
    ("ForAnyValue:StringEquals", "a", "absent", F),
    ("ForAnyValue:StringEquals", "a", [], F),
    ("ForAnyValue:StringEquals", "", "", F),
    ("ForAnyValue:StringNotEquals", "a", ["a", "b"], T),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], F),
    ("ForAnyValue:StringNotEquals", "a", "absent", F),
    ("ForAnyValue:StringLike", "o-a/*", ["o-b/x", "o-a/y"], T),
    ("ForAnyValue:StringEqualsIfExists", "a", "absent", U),
    ("ForAnyValue:StringEqualsIfExists", "a", "a", T),
    ("ForAnyValue:Null", "true", "absent", U),
    # Several values need a set operator.
    ("StringEquals", "a", ["a", "b"], U),
    ("StringNotEquals", "a", ["b", "c"], U),
    # What AWS has no operator for.
    ("stringEquals", "abc", "abc", U),
    ("STRINGEQUALS", "abc", "abc", U),
    ("StringEqualsifexists", "abc", "absent", U),
    ("forAnyValue:StringEquals", "abc", "abc", U),
    ("StringEqual", "abc", "abc", U),
    ("StringMatches", "abc", "abc", U),
    ("", "abc", "abc", U),
    ("ForAllValues:", "abc", "absent", U),
    ("IfExists", "abc", "absent", U),
    ("StringEquals", [], "abc", U),
    ("ForAllValues:StringEquals", [], "absent", U),
    # One value in doubt does not hide one that matches.
    ("NumericEquals", ["ten", "10"], "10", T),
    ("NumericEquals", ["ten", "10"], "11", U),
    ("NumericNotEquals", ["ten", "10"], "10", F),
]


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "expected"), TABLE, ids=[f"{row[0]} {row[1]} / {row[2]}" for row in TABLE]
)
def test_operator(operator, wanted, found, expected):
    assert ask(operator, wanted, found) is expected


VARIABLES = [
    ("StringEquals", "${aws:username}", "eve", T),
    ("StringEquals", "x-${AWS:UserName}-y", "x-eve-y", T),
    ("StringEquals", "${aws:username}", "bob", F),
    ("StringNotEquals", "${aws:username}", "eve", F),
    ("StringLike", "home/${aws:username}/*", "home/eve/x", T),
    ("StringLike", "${starred}", "anything", F),
    ("StringLike", "${starred}", "*", T),
    ("StringEquals", "${*}${?}${$}", "*?$", T),
    ("StringLike", "a${*}", "abc", F),
    ("StringLike", "a${*}", "a*", T),
    ("StringLike", "a${?}", "ab", F),
    ("ArnLike", "arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/eve", T),
    ("StringEquals", "${missing, 'default'}", "default", T),
    ("StringEquals", "${missing,'default'}", "default", T),
    ("StringEquals", "${missing, ''}", "", T),
    ("StringEquals", "${aws:username, 'default'}", "eve", T),
    ("StringEquals", "${missing}", "", F),
    ("StringEquals", "${missing}", "${missing}", F),
    ("StringEquals", ["${missing}", "eve"], "eve", T),
    ("StringNotEquals", "${missing}", "eve", U),
    ("StringEquals", "${secret}", "eve", U),
    ("StringEquals", ["${secret}", "eve"], "eve", T),
    ("StringEquals", "${several}", "a", U),
    ("StringEquals", "${}", "${}", U),
    ("StringEquals", "${a b}", "x", U),
    ("StringEquals", "${unclosed", "${unclosed", T),
    # Only string and ARN operators have variables.
    ("NumericEquals", "${aws:username}", "1", U),
    ("Bool", "${aws:username}", "true", U),
]


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "expected"), VARIABLES, ids=[f"{row[0]} {row[1]} / {row[2]}" for row in VARIABLES]
)
def test_variable(operator, wanted, found, expected):
    values = [wanted] if isinstance(wanted, str) else wanted
    given = {"k": found, "aws:username": "eve", "starred": "*", "several": ["a", "b"]}
    known = context(given, may_have=("secret",))
    condition = Condition(operator=operator, key="k", values=tuple(values))
    assert holds(condition, known, variables=True).value is expected


@pytest.mark.parametrize(
    ("operator", "found", "expected"),
    [
        ("StringEquals", "${aws:username}", T),
        ("StringEquals", "eve", F),
        ("StringLike", "${aws:username}", T),
    ],
)
def test_a_document_of_2008_has_no_variables(operator, found, expected):
    assert ask(operator, "${aws:username}", found, variables=False, others={"aws:username": "eve"}) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "about_policy"),
    [("StringEquals", "x", False), ("NumericEquals", "x", True), ("Nonsense", "x", True), ("Null", "x", True)],
)
def test_a_doubt_says_whether_the_policy_is_its_reason(operator, wanted, about_policy):
    known = context({"k": "1"} if about_policy else {})
    doubts = holds(Condition(operator=operator, key="k", values=(wanted,)), known, variables=True).doubts
    assert [doubt.about_policy for doubt in doubts] == [about_policy]
