"""Whether what AWS has is what the template says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.lifecycle.comparison import NotKnown, differences, policy_differences, shown

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
        }
    ],
}


def statement(**changes: Any) -> dict[str, Any]:
    return {**TRUST, "Statement": [{**TRUST["Statement"][0], **changes}]}


@pytest.mark.parametrize(
    "found",
    [
        TRUST,
        json.dumps(TRUST),
        statement(Action=["sts:AssumeRole"], Sid="Any"),
        {**TRUST, "Statement": TRUST["Statement"][0]},
        statement(Condition={"StringEquals": {"sts:ExternalId": ["x"]}}),
    ],
)
def test_two_ways_of_writing_one_policy_are_the_same(found: Any) -> None:
    assert policy_differences(TRUST, found) == []


@pytest.mark.parametrize(
    "found",
    [
        statement(Condition={}),
        statement(Principal="*"),
        statement(Principal={"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::999999999999:root"]}),
        statement(Condition={"StringLike": {"sts:ExternalId": "x"}}),
        statement(Action=["sts:AssumeRole", "sts:TagSession"]),
        {"Statement": [*TRUST["Statement"], {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]},
        {},
        None,
        "no json",
        "[" * 100_000,
    ],
    ids=str,
)
def test_any_other_policy_differs(found: Any) -> None:
    assert policy_differences(TRUST, found)


def test_a_statement_by_the_same_name_is_told_by_its_elements() -> None:
    wanted, found = statement(Sid="In", Action=["a:B", "a:C"]), statement(Sid="In", Action=["a:B", "a:*"])
    assert policy_differences(wanted, found) == [
        "statement 'In': Action has also a:*",
        "statement 'In': Action lacks a:C",
    ]


def test_what_cannot_be_worked_out_is_neither_same_nor_different() -> None:
    with pytest.raises(NotKnown):
        policy_differences(statement(Action={"Ref": "Nobody"}), TRUST)
    with pytest.raises(NotKnown):
        differences({"Timeout": {"Ref": "Nobody"}}, {"Timeout": 60})


def test_values() -> None:
    assert differences({"Timeout": 60, "On": True}, {"Timeout": "60", "On": "true", "More": 1}) == []
    assert differences({"Timeout": 60}, {}) == ["Timeout is not set, not 60"]


@given(text=st.text())
def test_what_is_shown_fits_a_line(text: str) -> None:
    assert shown(text).isprintable()


@given(
    document=st.recursive(
        st.none() | st.text() | st.booleans(),
        lambda x: (
            st.lists(x) | st.dictionaries(st.sampled_from(["Statement", "Sid", "Action", "Condition", "Principal"]), x)
        ),
    )
)
def test_no_document_of_a_customer_is_a_fault_of_ours(document: Any) -> None:
    policy_differences(TRUST, document)
