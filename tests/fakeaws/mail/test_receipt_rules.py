"""Which rules mean which recipients."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.fakeaws.mail.receipt_rules import domain_of, matching, names, with_parents


@pytest.mark.parametrize(
    ("condition", "address", "meant"),
    [
        ("a@x.example", "a@x.example", True),
        ("a@x.example", "A@X.Example", True),
        ("a@x.example", "b@x.example", False),
        ("a@x.example", "a+label@x.example", False),
        ("a@x.example", "a@sub.x.example", False),
        ("x.example", "a@x.example", True),
        ("x.example", "a@X.EXAMPLE", True),
        ("x.example", "a@sub.x.example", False),
        ("x.example", "a@notx.example", False),
        (".x.example", "a@sub.x.example", True),
        (".x.example", "a@deep.sub.x.example", True),
        (".x.example", "a@x.example", False),
        (".x.example", "a@notx.example", False),
        ("x.example", "no-domain", False),
    ],
)
def test_recipient_conditions(condition: str, address: str, meant: bool) -> None:
    assert names(condition, address) is meant


def rule(name: str, *recipients: str, enabled: bool = True) -> dict[str, Any]:
    return {"Name": name, "Enabled": enabled, "Recipients": list(recipients)}


RULES = [
    rule("one", "a@x.example"),
    rule("off", "x.example", enabled=False),
    rule("domain", "x.example", "y.example"),
    rule("all"),
    {"Name": "silently dead", "Recipients": ["x.example"]},
]


@pytest.mark.parametrize(
    ("recipients", "found"),
    [
        (["a@x.example"], {"one": ["a@x.example"], "domain": ["a@x.example"], "all": ["a@x.example"]}),
        (["b@x.example", "c@y.example"], {name: ["b@x.example", "c@y.example"] for name in ("domain", "all")}),
        (["a@z.example"], {"all": ["a@z.example"]}),
        (["a@unverified.example"], {}),
        (["a@unverified.example", "a@x.example"], {name: ["a@x.example"] for name in ("one", "domain", "all")}),
        ([], {}),
    ],
)
def test_rules_in_their_order(recipients: list[str], found: dict[str, list[str]]) -> None:
    matched = matching(RULES, recipients, lambda domain: domain != "unverified.example")
    assert {entry["Name"]: meant for entry, meant in matched} == found


def test_without_rules_nobody_is_meant() -> None:
    assert list(matching([], ["a@x.example"], lambda _: True)) == []


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("a.b.x.example", ["a.b.x.example", "b.x.example", "x.example"]),
        ("x.example", ["x.example"]),
        ("localhost", ["localhost"]),
    ],
)
def test_domains_above(domain: str, expected: list[str]) -> None:
    assert with_parents(domain) == expected


@given(st.text())
def test_any_recipient_has_a_domain_or_none(address: str) -> None:
    assert domain_of(address) == (address.rpartition("@")[2].lower() if "@" in address else "")
    assert not names("x.example", address.replace("x.example", ""))
