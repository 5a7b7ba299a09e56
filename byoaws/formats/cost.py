"""An estimate of a month's cost for people: a table, what it assumes, and what it leaves out."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from byoaws.facts.estimate import Estimate, units
from byoaws.formats.interface import Look
from byoaws.formats.text import to_text

_WIDEST = 110


def as_text(estimate: Estimate, look: Look) -> str:
    """Return the estimate as a table, what it assumes, and what it leaves out."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("What", overflow="fold")
    for title in ("Quantity", "Unit price", estimate.currency):
        table.add_column(title, justify="right", no_wrap=True)
    for line in estimate.lines:
        quantity = f"{_plain(line.quantity)} {units(line.unit, line.quantity)}"
        table.add_row(Text(line.what), Text(quantity), _plain(line.unit_price), _rounded(line.amount, "0.0001"))
    table.add_row("", "", "", "")
    total = _rounded(estimate.total, "0.01")
    table.add_row(Text("A month", style="bold"), "", "", Text(total, style="bold"))
    parts: list[RenderableType] = [Text(), table]
    for title, items in (("Assumed", estimate.assumed), ("Not counted", estimate.not_counted)):
        if items:
            parts += [Text(), Text(title, style="bold"), *(Padding(_item(item), (0, 0, 0, 2)) for item in items)]
    origin = f"Prices of {estimate.region} as of {estimate.as_of}. Amounts are rounded here; --format json is exact."
    parts += [Text(), Text(origin, style="dim")]
    return to_text(Group(*parts), replace(look, width=min(look.width, _WIDEST)))


def _item(text: str) -> Table:
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row("-", Text(text))
    return row


def _plain(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(number: Decimal, to: str) -> str:
    return f"{number.quantize(Decimal(to), rounding=ROUND_HALF_UP):,f}"
