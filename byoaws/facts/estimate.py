"""What a month costs, as data: made by `flows.cost` from a price table."""

from dataclasses import dataclass
from decimal import Context, Decimal

from byoaws.model import Json

EXACT = Context(prec=60)
"""More digits than any product of quantities and prices has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that is paid for; `amount` is `quantity` times `unit_price`, exactly."""

    what: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    """Of one unit."""
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A month's cost; `total` is the sum of the lines, exactly."""

    currency: str
    region: str
    """Whose prices these are."""
    as_of: str
    """YYYY-MM-DD."""
    total: Decimal
    lines: tuple[Line, ...]
    assumed: tuple[str, ...]
    """What the quantities rest on."""
    not_counted: tuple[str, ...]
    """What may be on the bill as well, or may make it smaller."""

    def as_json(self) -> dict[str, Json]:
        """Return it as plain data. Numbers are text, since binary fractions would not add up."""
        return {
            "currency": self.currency,
            "as_of": self.as_of,
            "total": _plain(self.total),
            "lines": [
                {
                    "what": line.what,
                    "quantity": _plain(line.quantity),
                    "unit_price": _plain(line.unit_price),
                    "amount": _plain(line.amount),
                }
                for line in self.lines
            ],
            "region": self.region,
            "assumed": list(self.assumed),
            "not_counted": list(self.not_counted),
        }


def _plain(number: Decimal) -> str:
    """Digits without an exponent, and without zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def units(unit: str, count: Decimal | int) -> str:
    """Return a unit as it stands behind a number: `request`, `requests`, `GB`."""
    return unit if count == 1 or unit.isupper() else f"{unit}s"
