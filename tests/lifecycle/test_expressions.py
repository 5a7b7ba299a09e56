"""What a template's expressions come to, and that what is not known stays what it was."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.lifecycle.expressions import Known, call_of, is_plain, lacking

KNOWN = Known(
    conditions={
        "East": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
        "NotEast": {"Fn::Not": [{"Condition": "East"}]},
        "Either": {"Fn::Or": [{"Condition": "NotEast"}, {"Condition": "East"}]},
        "Both": {"Fn::And": [{"Condition": "NotEast"}, {"Condition": "Unknown"}]},
        "Unknown": {"Fn::Equals": [{"Ref": "Nobody"}, "x"]},
        "Circle": {"Condition": "Circle"},
        "Odd": {"Fn::Equals": "text"},
    },
    values={"AWS::Region": "us-east-1", "Topic": "arn:topic", "Id": "a/b/c-d", "On": True},
    attributes={"Bucket.Arn": "arn:bucket"},
)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("East", True),
        ("NotEast", False),
        ("Either", True),
        ("Both", False),
        ("Unknown", None),
        ("Circle", None),
        ("Odd", None),
        ("Nowhere", None),
    ],
)
def test_conditions(name: str, holds: bool | None) -> None:
    assert KNOWN.holds(name) is holds


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"Ref": "Topic"}, "arn:topic"),
        ({"Ref": "Nobody"}, {"Ref": "Nobody"}),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:bucket"),
        ({"Fn::GetAtt": "Bucket.Arn"}, "arn:bucket"),
        ({"Fn::Sub": "${Bucket.Arn}/${!Literal}"}, "arn:bucket/${Literal}"),
        ({"Fn::Sub": ["${Mine}-${AWS::Region}", {"Mine": {"Ref": "Topic"}}]}, "arn:topic-us-east-1"),
        ({"Fn::Sub": "${Nobody}"}, {"Fn::Sub": "${Nobody}"}),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}]]}, "a-us-east-1"),
        ({"Fn::Select": [0, {"Fn::Split": ["-", {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "Id"}]}]}]}]}, "c"),
        ({"Fn::Select": [9, ["a"]]}, {"Fn::Select": [9, ["a"]]}),
        ({"Fn::If": ["East", 1, 2]}, 1),
        ({"Fn::If": ["Unknown", {"Ref": "Topic"}, 2]}, {"Fn::If": ["Unknown", "arn:topic", 2]}),
        ({"a": {"Fn::If": ["NotEast", 1, {"Ref": "AWS::NoValue"}]}, "b": 2}, {"b": 2}),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        ({"Fn::ImportValue": "x"}, {"Fn::ImportValue": "x"}),
    ],
)
def test_values(value: Any, wanted: Any) -> None:
    assert KNOWN.evaluate(value) == wanted


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"a": ["x", {"Ref": "Nobody"}]}, "Nobody"),
        ({"Fn::GetAtt": ["Bucket", "Name"]}, "Bucket.Name"),
        ({"Fn::GetAtt": "Bucket.Name"}, "Bucket.Name"),
        ({"Fn::Sub": "${Topic}/${Bucket.Arn}/${Nobody}/${!Literal}"}, "Nobody"),
        ({"Fn::Sub": ["${Mine}", {"Mine": {"Ref": "Nobody"}}]}, "Nobody"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Nobody"}]]}, "Nobody"),
        ({"Fn::If": ["Unknown", 1, 2]}, "condition Unknown"),
        ({"a": ["x", 5, None]}, None),
    ],
    ids=str,
)
def test_what_a_value_waits_for(value: Any, name: str | None) -> None:
    assert lacking(KNOWN, KNOWN.evaluate(value)) == name


def test_settling_decides_branches_and_leaves_all_else() -> None:
    assert KNOWN.settle({"a": {"Fn::If": ["East", {"Ref": "Topic"}, 2]}}) == {"a": {"Ref": "Topic"}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::If", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::GetAtt", "Condition", "a"]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=12,
)


@given(value=JSON)
def test_whatever_a_customer_wrote_is_no_fault_of_ours(value: Any) -> None:
    known = Known(conditions={"C": value}, values={"Topic": "x"})
    known.evaluate(value)
    known.settle(value)
    known.holds("C")
    call_of(value)
    # Whatever is not plain waits for something that can be named, or is no expression of AWS's.
    assert lacking(known, value) is None or not is_plain(value)


def test_a_text_that_would_grow_without_end_is_left_alone() -> None:
    known = Known(values={"Big": "x" * 900_000})
    twice = {"Fn::Sub": "${Big}${Big}"}
    assert known.evaluate(twice) == twice
    assert known.evaluate({"Fn::Join": ["", [{"Ref": "Big"}] * 3]}) == {"Fn::Join": ["", [{"Ref": "Big"}] * 3]}
