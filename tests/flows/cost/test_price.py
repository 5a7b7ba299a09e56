"""What a month costs: exact, rising with use, and counted by what the stack really holds."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UsageError
from byoaws.facts.estimate import Estimate
from byoaws.facts.prices import Price, Prices, Tier, shipped_prices
from byoaws.flows.cost.month import MOST, PLANS, Month
from byoaws.flows.cost.price import estimate
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

PRICES = shipped_prices()
MAILMARK = load_vendor("mailmark", {})
FIXED = {"Secrets Manager, secret", "CloudWatch, alarm on a metric"}
MONTHS = st.builds(
    Month,
    emails=st.integers(0, 10**9),
    inbound=st.integers(0, 10**9),
    average_kb=st.integers(0, 40_960),
    plan=st.sampled_from(sorted(PLANS)),
)


def month(**given: Any) -> Month:
    return Month(**{"emails": 0, "inbound": 0, "average_kb": 50, "plan": "essentials", **given})


def of(blocks: tuple[str, ...], packs: tuple[str, ...] = ("self-read",)) -> Vendor:
    return replace(MAILMARK, packs=packs, stack=replace(MAILMARK.stack, blocks=blocks))


def amounts(found: Estimate) -> dict[str, Decimal]:
    return {line.what: line.amount for line in found.lines}


@given(MONTHS, st.booleans())
def test_it_adds_up_to_the_last_digit(given: Month, free_tier: bool) -> None:
    found = estimate(MAILMARK, given, PRICES, free_tier=free_tier).as_json()
    lines = found["lines"]
    assert sum(Fraction(line["amount"]) for line in lines) == Fraction(found["total"])
    for line in lines:
        assert Fraction(line["quantity"]) * Fraction(line["unit_price"]) == Fraction(line["amount"]) >= 0


@given(MONTHS, st.sampled_from(["emails", "inbound", "average_kb"]), st.integers(1, 10**6), st.booleans())
def test_more_never_costs_less(less: Month, what: str, further: int, free_tier: bool) -> None:
    more = replace(less, **{what: min(getattr(less, what) + further, 40_960 if what == "average_kb" else MOST)})
    cheap, dear = (estimate(MAILMARK, given, PRICES, free_tier=free_tier).total for given in (less, more))
    assert dear >= cheap


@given(MONTHS)
def test_the_free_tier_never_costs_more(given: Month) -> None:
    free, full = (estimate(MAILMARK, given, PRICES, free_tier=free_tier) for free_tier in (True, False))
    assert 0 <= free.total <= full.total


@pytest.mark.parametrize("free_tier", [False, True])
@pytest.mark.parametrize("kb", [0, 50, 40_960])
def test_nothing_costs_nothing_but_what_is_paid_by_the_month(kb: int, free_tier: bool) -> None:
    found = amounts(estimate(MAILMARK, month(average_kb=kb), PRICES, free_tier=free_tier))
    assert {what for what, amount in found.items() if amount} == FIXED
    assert found["Secrets Manager, secret"] == Decimal("0.40")


def test_a_month_that_can_be_reckoned_by_hand() -> None:
    given = month(emails=100_000, inbound=10_000, average_kb=256, plan="a-la-carte")
    assert amounts(estimate(MAILMARK, given, PRICES, free_tier=False)) == {
        "SES, e-mail sent (a la carte)": Decimal(10),
        "SES, data of attachments sent": Decimal("2.929687560"),  # 24.4140625 GB, rounded up to six decimals
        "SNS, events published": Decimal("0.05"),
        "SNS, HTTPS notifications": Decimal("0.06"),
        "SES, e-mail received": Decimal(1),
        "SES, chunks of 256 KB received": Decimal("0.9"),
        "S3 Standard, PUT": Decimal("0.05"),
        "S3 Standard, storage": Decimal("0.056152361"),  # 2.44140625 GB
        "S3 Standard, GET": Decimal("0.004"),
        "Lambda, requests": Decimal("0.002"),
        "Lambda, duration (arm64)": Decimal("0.0333335"),
        "CloudWatch Logs, ingestion": Decimal("0.0047685"),
        "Secrets Manager, API calls": Decimal("0.04464"),  # 8928 at most: every five minutes of 31 days
        "Secrets Manager, secret": Decimal("0.4"),
        "CloudWatch, alarm on a metric": Decimal("0.1"),
    }


def test_tiers_are_filled_one_after_the_other() -> None:
    sent = [
        line
        for line in estimate(MAILMARK, month(emails=120_000_000), PRICES, free_tier=False).lines
        if line.what.startswith("SES, e-mail sent")
    ]
    assert [(line.quantity, line.unit_price) for line in sent] == [
        (Decimal(10_000_000), Decimal("0.00016")),
        (Decimal(90_000_000), Decimal("0.00014")),
        (Decimal(20_000_000), Decimal("0.00011")),
    ]


@pytest.mark.parametrize("emails", [9_999_999, 10_000_000, 10_000_001])
def test_a_tier_begins_where_the_last_one_ends(emails: int) -> None:
    lines = estimate(MAILMARK, month(emails=emails, average_kb=0), PRICES, free_tier=False).lines
    sent = [line for line in lines if line.what.startswith("SES, e-mail sent")]
    assert sum(line.quantity for line in sent) == emails
    assert len(sent) == (2 if emails > 10_000_000 else 1)


def test_the_free_tier_takes_off_what_it_says() -> None:
    found = estimate(MAILMARK, month(inbound=3_000_000), PRICES, free_tier=True)
    quantities = {line.what: line.quantity for line in found.lines}
    assert quantities["Lambda, requests"] == 2_000_000
    assert quantities["Lambda, duration (arm64)"] == 350_000
    assert quantities["SES, e-mail received"] == 3_000_000
    assert not any("free tiers" in item for item in found.not_counted)
    full = estimate(MAILMARK, month(inbound=1), PRICES, free_tier=False)
    assert any("1,000,000 requests (Lambda, requests); 400,000 GB-seconds" in item for item in full.not_counted)


# The stack -----------------------------------------------------------------------------------------------------------

# What is in the template, and the first word of the lines that it must have.
PAID = {
    "AWS::S3::Bucket": "S3 Standard",
    "AWS::SNS::Topic": "SNS",
    "AWS::SecretsManager::Secret": "Secrets Manager",
}
BLOCKS = ("sending", "notifications", "inbound", "forwarder", "access")
SOUND = [
    blocks
    for size in range(1, len(BLOCKS) + 1)
    for blocks in combinations(BLOCKS, size)
    if "forwarder" not in blocks or "inbound" in blocks
]


@pytest.mark.parametrize("blocks", SOUND, ids="+".join)
def test_there_is_a_line_for_what_the_stack_holds_and_none_for_what_it_does_not(blocks: tuple[str, ...]) -> None:
    vendor = of(blocks)
    types = {resource["Type"] for resource in build(vendor)["Resources"].values()}
    services = {line.what.split(",")[0] for line in estimate(vendor, month(), PRICES, free_tier=False).lines}
    for kind, service in PAID.items():
        # Topics that no configuration set publishes to stay empty.
        idle = service == "SNS" and "sending" not in blocks
        assert (service in services) == (kind in types and not idle)
    assert ("Lambda" in services) == ("forwarder" in blocks)
    assert ("CloudWatch Logs" in services) == ("forwarder" in blocks)


def test_the_forwarder_is_the_one_that_is_reckoned_with() -> None:
    (function,) = (
        resource["Properties"]
        for resource in build(MAILMARK)["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function" and "WEBHOOK_URL" in str(resource)
    )
    assert (function["MemorySize"], function["Architectures"]) == (256, ["arm64"])
    lines = {line.what: line for line in estimate(MAILMARK, month(inbound=1000), PRICES, free_tier=False).lines}
    assert lines["Lambda, duration (arm64)"].quantity == Decimal(1000) * function["MemorySize"] / 1024


def test_a_vendor_that_only_has_the_permission_sends_as_well() -> None:
    found = estimate(of(("access",), ("ses-send",)), month(emails=1000), PRICES, free_tier=False)
    assert [line.what for line in found.lines] == [
        "SES, e-mail sent (plan Essentials)",
        "SES, data of attachments sent",
    ]


def test_what_the_stack_cannot_do_is_named_and_not_dropped_in_silence() -> None:
    found = estimate(of(("access",)), month(emails=1000, inbound=2000), PRICES, free_tier=False)
    assert (found.lines, found.total) == ((), 0)
    told = " ".join(found.not_counted)
    assert "the 1,000 e-mails sent" in told
    assert "the 2,000 e-mails received" in told


def test_what_is_left_out_has_its_price_where_there_is_one() -> None:
    told = " ".join(estimate(MAILMARK, month(), PRICES, free_tier=False).not_counted)
    for part in ("dead-letter queues", "USD 0.40 per 1,000,000", "USD 24.95 a month", "USD 50 a month", "us-east-1"):
        assert part in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"emails": -1},
        {"inbound": -1},
        {"emails": MOST + 1},
        {"average_kb": 40_961},
        {"average_kb": -1},
        {"plan": "pro"},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as refused:
        estimate(MAILMARK, month(**wrong), PRICES, free_tier=False)
    assert refused.value.hint


# Mail Manager --------------------------------------------------------------------------------------------------------

VENDORS = Path(__file__).parents[2] / "data" / "vendors"
DEFAULT = load_vendor(str(VENDORS / "mail-manager-default.yaml"), {})
EVERY = load_vendor(str(VENDORS / "mail-manager.yaml"), {})


def test_a_month_of_mail_manager_reckoned_by_hand() -> None:
    given = month(inbound=10_000, average_kb=256)
    found = amounts(estimate(DEFAULT, given, PRICES, free_tier=False))
    assert found["SES Mail Manager, dedicated ingress endpoint"] == 50
    assert found["SES Mail Manager, message processed (plan Essentials)"] == Decimal("1.6")
    assert found["S3 Standard, storage"] == Decimal("0.056152361")
    assert found["Lambda, requests"] == Decimal("0.002")
    assert not [what for what in found if "received" in what or "archive" in what]


def test_archives_ingress_points_and_copies_are_counted_each() -> None:
    given = month(inbound=10_000, average_kb=256, plan="a-la-carte")
    found = {line.what: line.quantity for line in estimate(EVERY, given, PRICES, free_tier=False).lines}
    gigabytes = Decimal("4.882813")  # in two archives, rounded up to six decimals
    assert found["SES Mail Manager, dedicated ingress endpoint"] == 4
    assert found["SES Mail Manager, message processed (a la carte)"] == 10_000
    assert found["SES Mail Manager, data taken into archives"] == gigabytes
    assert found["SES Mail Manager, archive storage"] == gigabytes
    assert found["S3 Standard, PUT"] == 20_000  # two actions write to the stack's own bucket


def test_what_mail_manager_may_cost_besides_is_said() -> None:
    told = " ".join(estimate(EVERY, month(), PRICES, free_tier=False).not_counted)
    for part in ("relays to other servers", "SNS topics", "WorkMail", "Q Business", "other buckets", "dbl, scanner"):
        assert part in told
    assert "USD 50" not in told  # it is a line
    assert not [
        word for word in ("relays", "add-ons") if word in str(estimate(DEFAULT, month(), PRICES, free_tier=False))
    ]


@given(MONTHS, st.sampled_from([DEFAULT, EVERY]))
def test_mail_manager_adds_up(given: Month, vendor: Vendor) -> None:
    found = estimate(vendor, given, PRICES, free_tier=False).as_json()
    assert sum(Fraction(line["amount"]) for line in found["lines"]) == Fraction(found["total"])


# Any table -----------------------------------------------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn) -> Prices:
    """Tables with other prices and tiers, as an operator may have."""
    amount = st.decimals(0, 10**6, places=6)

    def price(old: Price) -> Price:
        ends = sorted(draw(st.sets(st.integers(1, 10**9), max_size=3)))
        tiers = [Tier(price=draw(amount), up_to=end) for end in [*ends, None]]
        return replace(old, tiers=tuple(tiers), per=10 ** draw(st.integers(0, 9)), free=draw(amount))

    return replace(PRICES, prices={name: price(old) for name, old in PRICES.prices.items()})


@given(tables(), MONTHS, st.booleans())
def test_any_table_adds_up(prices: Prices, given: Month, free_tier: bool) -> None:
    found = estimate(MAILMARK, given, prices, free_tier=free_tier).as_json()
    assert sum(Fraction(line["amount"]) for line in found["lines"]) == Fraction(found["total"])
