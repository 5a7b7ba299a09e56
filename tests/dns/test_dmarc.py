"""DMARC as receivers read it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.dns.dmarc import MOST_NAMES, NotOneRecordError, names, policy


@pytest.mark.parametrize(
    ("domain", "asked"),
    [
        ("example.com", ["_dmarc.example.com"]),
        ("mail.example.com.", ["_dmarc.mail.example.com", "_dmarc.example.com"]),
        ("a.b.example.com", ["_dmarc.a.b.example.com", "_dmarc.b.example.com", "_dmarc.example.com"]),
        ("localhost", ["_dmarc.localhost"]),
    ],
)
def test_where_a_policy_may_stand(domain: str, asked: list[str]) -> None:
    assert list(names(domain)) == asked


def test_a_long_name_does_not_ask_for_ever() -> None:
    assert len(list(names(".".join("abcdefghijklmnopqrstuvwxyz")))) == MOST_NAMES


@pytest.mark.parametrize(
    ("records", "wanted"),
    [
        ([], None),
        (["v=spf1 -all"], None),
        (["v=DMARC1; p=none"], "none"),
        (["v=DMARC1;p=quarantine; rua=mailto:a@example.com"], "quarantine"),
        (["v = DMARC1 ; p = Reject", "something else"], "reject"),
        (["v=DMARC10; p=none"], None),
        (["v=dmarc1; p=none"], None),
        (["p=none; v=DMARC1"], None),
    ],
)
def test_what_records_say(records: list[str], wanted: str | None) -> None:
    assert policy(records) == wanted


@pytest.mark.parametrize(
    "records",
    [["v=DMARC1"], ["v=DMARC1; p="], ["v=DMARC1; p=maybe"], ["v=DMARC1; sp=none"], ["v=DMARC1; p=none"] * 2],
    ids=["nothing", "empty", "unknown", "only-subdomains", "two"],
)
def test_what_holds_for_nobody(records: list[str]) -> None:
    with pytest.raises(NotOneRecordError):
        policy(records)


@given(st.text(max_size=80))
def test_any_record_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(NotOneRecordError):
        assert policy([f"v=DMARC1;{text}"]) in ("none", "quarantine", "reject")
