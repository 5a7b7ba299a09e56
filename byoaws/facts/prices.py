"""What AWS charges: the table of `prices.yaml`, or an operator's own of the same form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from byoaws import shipped
from byoaws.errors import PriceTableError
from byoaws.facts import reader
from byoaws.facts.reader import Reader
from byoaws.problem import Problem
from byoaws.vendors.document import Document, parse

NAMES = (
    "ses-outbound-essentials",
    "ses-outbound",
    "ses-data",
    "ses-inbound",
    "ses-inbound-chunk",
    "mail-manager-endpoint",
    "mail-manager-message",
    "mail-manager-message-essentials",
    "archive-ingestion",
    "archive-storage",
    "dedicated-ip",
    "s3-storage",
    "s3-put",
    "s3-get",
    "lambda-request",
    "lambda-gb-second",
    "secret-month",
    "secret-call",
    "sns-publish",
    "sns-https",
    "sqs-request",
    "alarm-month",
    "logs-ingestion",
)
"""Every price of a table; a table that left one out would make a month look cheaper."""

_LONGEST_LIST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A price up to an amount of use."""

    price: Decimal
    """Of `Price.per` units."""
    up_to: int | None
    """Units a month, counted from the first; None: no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one thing costs."""

    what: str
    unit: str
    """What is counted, in the singular."""
    per: int
    """How many units a price buys: 1, 10, 100, ..."""
    tiers: tuple[Tier, ...]
    """Rising; only the last one has no end."""
    free: Decimal
    """Units a month that cost nothing, for every account and for ever."""
    source: str
    read: date
    """When the source said so."""

    def of_one(self, tier: Tier) -> Decimal:
        """Return the price of one unit; exact, since `per` is a power of ten."""
        return tier.price.scaleb(1 - len(str(self.per)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """A price table."""

    currency: str
    """Three letters."""
    region: str
    as_of: date
    prices: Mapping[str, Price]

    def __getitem__(self, name: str) -> Price:
        return self.prices[name]


def shipped_prices() -> Prices:
    """Return the table that byoaws ships."""
    source = shipped.folder("byoaws.facts").joinpath("prices.yaml")
    return read_prices(source.read_text(encoding="utf-8"), source="byoaws/facts/prices.yaml")


def read_prices(text: str, *, source: str) -> Prices:
    """Check the text of a price table.

    Raises:
        PriceTableError: every mistake in it.
    """
    document = parse(text)
    found = _table(document) if () not in document.unusable else None
    if found is None or document.problems:
        raise PriceTableError(source, _ordered(document.problems))
    return found


def _table(document: Document) -> Prices:
    top = Reader(document)
    currency = top.get("currency", _currency, "")
    region = top.get("region", reader.text, "")
    as_of = top.get("as_of", reader.day, date.max)
    group = top.group("prices")
    prices = {name: _price(group.group(name), as_of) for name in NAMES}
    group.end()
    top.end()
    return Prices(currency=currency, region=region, as_of=as_of, prices=prices)


def _currency(text: str) -> str:
    if len(text) != 3 or not text.isascii() or not text.isupper():
        raise ValueError("is not a currency of three capital letters, such as USD")
    return text


def _price(group: Reader, as_of: date) -> Price:
    price = Price(
        what=group.get("what", reader.text, ""),
        unit=group.get("unit", reader.text, ""),
        per=group.get("per", reader.power_of_ten, 1),
        tiers=_tiers(group),
        free=group.maybe("free", reader.decimal) or Decimal(0),
        source=group.get("source", reader.url, ""),
        read=group.get("read", reader.day, date.min),
    )
    if price.read > as_of:
        group.refuse("read", f"is later than the table's as_of, {as_of.isoformat()}")
    group.end()
    return price


def _tiers(group: Reader) -> tuple[Tier, ...]:
    if not group.has("tiers"):
        return (Tier(price=group.get("price", reader.decimal, Decimal(0)), up_to=None),)
    if group.maybe("price", reader.decimal) is not None:
        group.refuse("price", "stands beside 'tiers'; give one of the two")
    tiers = []
    for item in group.groups("tiers"):
        tiers.append(Tier(price=item.get("price", reader.decimal, Decimal(0)), up_to=item.maybe("up_to", reader.whole)))
        item.end()
    ends = [tier.up_to for tier in tiers]
    bounds = [end for end in ends if end is not None]
    if len(tiers) > _LONGEST_LIST:
        group.refuse("tiers", f"has more than {_LONGEST_LIST} items")
    elif ends and (ends[-1] is not None or len(bounds) != len(ends) - 1 or sorted(set(bounds)) != bounds):
        group.refuse("tiers", "must rise by 'up_to', and only the last one has none")
    return tuple(tiers)


def _ordered(problems: list[Problem]) -> list[Problem]:
    most = 100
    ordered = sorted(problems, key=lambda problem: (problem.line is None, problem.line or 0))
    if len(ordered) <= most:
        return ordered
    return [*ordered[:most], Problem(where="", line=None, message=f"and {len(ordered) - most} more mistakes")]
