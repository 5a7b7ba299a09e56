"""SPF as receivers read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.dns.spf import Spf, judge


@pytest.mark.parametrize(
    ("records", "wanted"),
    [
        ([], Spf.NONE),
        (["google-site-verification=1"], Spf.NONE),
        (["v=spf1 include:amazonses.com ~all"], Spf.ALLOWS),
        (["V=SPF1 INCLUDE:amazonses.com -ALL", "other"], Spf.ALLOWS),
        (["v=spf1 mx +include:amazonses.com. -all"], Spf.ALLOWS),
        (["v=spf1 include:amazonses.com"], Spf.ALLOWS),
        (["v=spf1 include:_spf.example.net ~all"], Spf.SILENT),
        (["v=spf1 -all"], Spf.SILENT),
        (["v=spf1"], Spf.SILENT),
        (["v=spf1 -include:amazonses.com ~all"], Spf.SILENT),
        (["v=spf1 ~include:amazonses.com ~all"], Spf.SILENT),
        (["v=spf1 -all include:amazonses.com"], Spf.SILENT),
        (["v=spf1 include:amazonses.com.evil.example ~all"], Spf.SILENT),
        (["v=spf1 include:notamazonses.com ~all"], Spf.SILENT),
        (["v=spf10 include:amazonses.com ~all"], Spf.NONE),
        ([" v=spf1 include:amazonses.com ~all"], Spf.NONE),
        (["v=spf1 include:amazonses.com ~all", "v=spf1 mx ~all"], Spf.SEVERAL),
    ],
)
def test_what_records_say(records: list[str], wanted: Spf) -> None:
    assert judge(records) is wanted


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_records_are_judged(records: list[str]) -> None:
    assert judge(records) in Spf
