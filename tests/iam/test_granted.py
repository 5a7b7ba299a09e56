"""Actions that policies grant, against those declared."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.iam.documents import parse
from byoaws.iam.granted import Granted, granted

ROLE = "arn:aws:iam::444455556666:role/r"
NAMES = ("ses:SendEmail", "ses:GetAccount", "s3:GetObject", "iam:GetRole")


def policy(*statements: dict[str, Any]) -> Any:
    return parse({"Version": "2012-10-17", "Statement": list(statements)})


def says(effect: str, *names: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": effect, "Action": list(names), "Resource": resource}


@given(st.sets(st.sampled_from(NAMES), min_size=1), st.sets(st.sampled_from(NAMES), min_size=1))
def test_plain_lists_are_sets(declared: set[str], allowed: set[str]) -> None:
    found = granted(sorted(declared), [policy(says("Allow", *sorted(allowed), resource="arn:aws:s3:::b/*"))], ROLE)
    assert found == Granted(missing=tuple(sorted(declared - allowed)), more=tuple(sorted(allowed - declared)))


@pytest.mark.parametrize(
    ("statements", "missing", "more"),
    [
        ([says("Allow", "ses:*")], (), ("ses:*",)),
        ([says("Allow", "SES:sendemail")], (), ()),
        ([says("Allow", "ses:Send????l")], (), ("ses:Send????l",)),
        ([says("Allow", "ses:SendEmail"), says("Deny", "*")], ("ses:SendEmail",), ()),
        ([says("Allow", "ses:SendEmail"), says("Deny", "ses:*", resource="arn:aws:ses:::identity/x")], (), ()),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], (), ("everything but s3:*",)),
        ([{"Effect": "Allow", "NotAction": "ses:*", "Resource": "*"}], ("ses:SendEmail",), ("everything but ses:*",)),
        ([says("Deny", "s3:*")], ("ses:SendEmail",), ()),
    ],
    ids=["service", "case", "pattern", "denied", "denied for one", "all but", "all but it", "no allow"],
)
def test_one_action(statements: list[dict[str, Any]], missing: tuple[str, ...], more: tuple[str, ...]) -> None:
    assert granted(["ses:SendEmail"], [policy(*statements)], ROLE) == Granted(missing=missing, more=more)


def test_a_deny_of_one_policy_counts_for_all() -> None:
    policies = [policy(says("Allow", "ses:SendEmail")), policy(says("Deny", "ses:Send*"))]
    assert granted(["ses:SendEmail"], policies, ROLE).missing == ("ses:SendEmail",)


def test_no_policy_allows_nothing() -> None:
    assert granted(["ses:SendEmail"], [], ROLE) == Granted(missing=("ses:SendEmail",), more=())
