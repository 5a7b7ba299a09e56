"""What a vendor's stack costs the customer in a month: counted by block, exactly, and never silently less.

Quantities are rounded up to six decimals, so that quantity times unit price is an exact number, the amounts add up to
the total to the last digit, and more mail never costs less. Where a quantity is not known it is an upper bound.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from byoaws.errors import UsageError
from byoaws.facts.estimate import EXACT, Estimate, Line
from byoaws.facts.prices import Price, Prices
from byoaws.flows.cost.month import MOST, MOST_KB, PLANS, Month, assumed, not_counted, used
from byoaws.vendor_model import Vendor

_SMALLEST = Decimal("0.000001")


def estimate(vendor: Vendor, month: Month, prices: Prices, *, free_tier: bool) -> Estimate:
    """Count a month of `vendor`'s stack.

    Raises:
        UsageError: a number that cannot be meant.
        UnknownName, PolicyError: the vendor's packs, as `iam.compose.actions`.
    """
    _check(month)
    lines = tuple(line for name, size in used(vendor, month) for line in _lines(prices[name], size, free_tier))
    return Estimate(
        currency=prices.currency,
        region=prices.region,
        as_of=prices.as_of.isoformat(),
        total=_sum(line.amount for line in lines),
        lines=lines,
        assumed=tuple(assumed(vendor, month)),
        not_counted=tuple(not_counted(vendor, month, prices, free_tier=free_tier)),
    )


def _check(month: Month) -> None:
    for what, given, most in (
        ("e-mails sent", month.emails, MOST),
        ("e-mails received", month.inbound, MOST),
        ("KB of a message", month.average_kb, MOST_KB),
    ):
        if not 0 <= given <= most:
            raise UsageError(f"{given} {what} cannot be meant", hint=f"give a number from 0 to {most:,}")
    if month.plan not in PLANS:
        raise UsageError(f"no plan of SES named '{month.plan[:40]}'", hint=f"known: {', '.join(PLANS)}")


def _lines(price: Price, used: Decimal, free_tier: bool) -> Iterator[Line]:
    """One line per tier that is reached; the first one even where nothing is used."""
    left = max(EXACT.subtract(used, price.free), Decimal(0)) if free_tier else used
    begin = Decimal(0)
    for tier in price.tiers:
        size = left if tier.up_to is None else min(left, tier.up_to - begin)
        if size > 0 or not begin:
            yield _line(price, price.of_one(tier), size)
        left = EXACT.subtract(left, size)
        begin = Decimal(tier.up_to or 0)
        if left <= 0:
            return


def _line(price: Price, unit_price: Decimal, size: Decimal) -> Line:
    quantity = size.quantize(_SMALLEST, rounding=ROUND_CEILING, context=EXACT)
    return Line(
        what=price.what,
        unit=price.unit,
        quantity=quantity,
        unit_price=unit_price,
        amount=EXACT.multiply(quantity, unit_price),
    )


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
