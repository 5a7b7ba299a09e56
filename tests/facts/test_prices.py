"""The price table: ours is sourced line by line, and anybody's is refused with every mistake in it."""

from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import PriceTableError
from byoaws.facts.prices import NAMES, Prices, read_prices, shipped_prices

SHIPPED = resources.files("byoaws.facts").joinpath("prices.yaml").read_text(encoding="utf-8")


def mistakes(text: str) -> list[str]:
    with pytest.raises(PriceTableError) as refused:
        read_prices(text, source="p.yaml")
    return [f"{item.line}: {item.where}: {item.message}" for item in refused.value.problems]


def changed(old: str, new: str) -> str:
    assert old in SHIPPED
    return SHIPPED.replace(old, new, 1)


def test_ours_holds_every_price_with_source_and_date() -> None:
    prices = shipped_prices()
    assert (prices.currency, prices.region) == ("USD", "us-east-1")
    assert tuple(prices.prices) == NAMES
    for name in NAMES:
        assert prices[name].source.startswith("https://"), name
        assert date(2026, 1, 1) <= prices[name].read <= prices.as_of, name
    assert prices.as_of == max(prices[name].read for name in NAMES)


def test_ours_says_what_became_of_the_free_62000() -> None:
    assert "62,000" in SHIPPED
    assert "is outdated" in " ".join(SHIPPED.replace("#", " ").split())
    assert not any(shipped_prices()[name].free for name in NAMES if name.startswith("ses-"))


@pytest.mark.parametrize(
    ("name", "of_one"),
    [
        ("ses-outbound", "0.0001"),
        ("ses-outbound-essentials", "0.00016"),
        ("ses-inbound-chunk", "0.00009"),
        ("lambda-request", "0.0000002"),
        ("lambda-gb-second", "0.0000133334"),
        ("secret-call", "0.000005"),
        ("secret-month", "0.40"),
        ("alarm-month", "0.10"),
    ],
)
def test_the_price_of_one_is_exact(name: str, of_one: str) -> None:
    price = shipped_prices()[name]
    assert price.of_one(price.tiers[0]) == Decimal(of_one)


@given(st.decimals(min_value=0, max_value=10**6, places=6), st.integers(min_value=0, max_value=9))
def test_the_price_of_one_times_how_many_is_the_price(amount: Decimal, zeros: int) -> None:
    text = changed("per: 1000\n    price: 0.10", f"per: {10**zeros}\n    price: {amount:f}")
    price = read_prices(text, source="p")["ses-outbound"]
    assert price.of_one(price.tiers[0]) * price.per == amount


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("currency: USD", "currency: usd", "currency: 'usd' is not a currency"),
        ("currency: USD", "", "'currency' is missing"),
        ("as_of: 2026-09-20", "as_of: 2026-9-20", "as_of: '2026-9-20' is not a date"),
        ("as_of: 2026-09-20", "as_of: 20260920", "is not a date"),
        ("as_of: 2026-09-20", "as_of: 2026-02-30", "is not a date"),
        ("as_of: 2026-09-20", "as_of: 2026-09-19", "is later than the table's as_of, 2026-09-19"),
        ("region: us-east-1", "region: ''", "is not printable text"),
        ("price: 0.12", "price: -0.12", "'-0.12' is not an amount"),
        ("price: 0.12", "price: 1e-3", "'1e-3' is not an amount"),
        ("price: 0.12", "price: NaN", "'NaN' is not an amount"),
        ("price: 0.12", "price: .12", "'.12' is not an amount"),
        ("price: 0.12", "price: ٣", "is not an amount"),
        ("price: 0.12", "price: 0.1234567890123", "is not an amount"),
        ("price: 0.12", "price:", "has no value"),
        ("price: 0.12", "price: [1]", "expected one value"),
        ("price: 0.12", "pric: 0.12", "unknown key; did you mean 'price'?"),
        ("price: 0.12", "price: 0.12\n    price: 0.13", "given twice"),
        ("per: 1000\n    price: 0.10", "per: 999\n    price: 0.10", "'999' is not 1, 10, 100"),
        ("per: 1000\n    price: 0.10", "per: 0\n    price: 0.10", "'0' is not 1, 10, 100"),
        ("  ses-data:", "  ses-dat:", "'ses-data' is missing"),
        ("  ses-data:", "  ses-dat:", "prices.ses-dat: unknown key"),
        ("free: 400000", "free: some", "'some' is not an amount"),
        ("up_to: 100000000", "up_to: 5", "must rise by 'up_to'"),
        ("up_to: 10000000\n", "up_to: 0\n", "is not a whole number"),
        ("      - price: 0.11\n", "", "only the last one has none"),
        ("    tiers:\n", "    price: 1\n    tiers:\n", "stands beside 'tiers'"),
        ("read: 2026-06-13", "read: yesterday", "is not a date"),
        ("source: https://cloudburn.io", "source: http://cloudburn.io", "is not an https URL"),
        ("prices:\n", "colour: red\nprices:\n", "colour: unknown key"),
        ("unit: GB\n", "unit: &a GB\n", "anchor"),
        ("what: SQS", "what: !!python/object:os.system SQS", "YAML tag"),
    ],
)
def test_a_mistake_is_named(old: str, new: str, wanted: str) -> None:
    found = mistakes(changed(old, new))
    assert any(wanted in line for line in found), found


def test_every_mistake_is_listed_with_its_line() -> None:
    text = changed("currency: USD", "currency: $").replace("price: 0.12", "price: cheap").replace("free: 5", "free: -5")
    found = mistakes(text)
    assert len(found) == 3
    assert [int(line.split(":")[0]) for line in found] == sorted(
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() in ("currency: $", "price: cheap", "free: -5")
    )


@pytest.mark.parametrize("text", ["", "[]", "word", "{", "a: &a [*a]", "\x00", "prices: 3", "prices:\n  - 1"])
def test_what_is_no_table_is_refused(text: str) -> None:
    assert mistakes(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(PriceTableError):
        read_prices(text, source="p")


def test_a_huge_list_of_mistakes_ends() -> None:
    found = mistakes("".join(f"key{number}: 1\n" for number in range(500)))
    assert len(found) == 101
    assert "more mistakes" in found[-1]


def test_the_error_points_to_a_table_without_mistakes() -> None:
    with pytest.raises(PriceTableError) as refused:
        read_prices("x: 1", source="my.yaml")
    assert str(refused.value).startswith("price table 'my.yaml' has ")
    named = refused.value.hint.split()[0]
    assert (Path(resources.files("byoaws")).parent / named).is_file()
    assert isinstance(read_prices(SHIPPED, source=named), Prices)
