"""A file of addresses for an address list: read row by row, checked, and written as AWS's import takes it.

Source of both forms: Mail Manager guide, "Address Lists", "For bulk upload": CSV whose header `address` is required, or
JSON `{"items": [{"address": "..."}]}`; and its limit of 100,000 addresses in a list. The guide is silent on encoding
(UTF-8 here), on further columns or keys (refused here), and on the size of the file.

Addresses are personal data: no message holds one.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from byoaws.errors import UsageError
from byoaws.mail_manager.address_entries import LONGEST, mistake, same
from byoaws.mail_manager.address_list_json import items_of

MOST_BYTES = 64_000_000
MOST_ADDRESSES = 100_000
_MOST_ROWS = 500_000
"""Rows that are looked at, sound or not: a file of nothing but line breaks ends there."""
_LONGEST_LINE = 2_000
"""Characters; a longer line is not taken apart."""
_HEADER = "address"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_Row: TypeAlias = tuple[tuple[int, int], str, str]
"""Its line and column, its text, and what is wrong beside the address itself."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A row that would not be imported."""

    line: int
    """1-based."""
    column: int = 1
    """1-based; where the entry begins."""
    reason: str
    """A predicate."""
    text: str = field(repr=False)
    """As it stands, at most as long as an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressListFile:
    """What a file holds."""

    addresses: tuple[str, ...] = field(repr=False)
    """Sound and each once, in the file's order."""
    rejected: tuple[Rejected, ...]


def read(data: bytes, data_format: str, *, source: str) -> AddressListFile:
    """Take a file apart.

    Args:
        data: At most `MOST_BYTES`.
        data_format: `csv` or `json`.
        source: The file's name, for messages.

    Raises:
        UsageError: it is no such file at all, or holds more than a list may.
    """
    if data.startswith(_UTF_16):
        raise UsageError(f"'{source}' is UTF-16", hint="save it as UTF-8; a spreadsheet calls that 'CSV UTF-8'")
    body = data.removeprefix(b"\xef\xbb\xbf")
    rows = _csv_rows(body, source) if data_format == "csv" else _json_rows(body, source)
    found = _sorted_out(rows, source)
    if len(found.addresses) > MOST_ADDRESSES:
        raise UsageError(
            f"'{source}' holds {len(found.addresses):,} addresses, and an address list at most {MOST_ADDRESSES:,}",
            hint="split it among several lists",
        )
    if not found.addresses and not found.rejected:
        raise UsageError(f"'{source}' holds no address", hint="the form of the file is in docs/mail-manager.md")
    return found


def written(addresses: Sequence[str], data_format: str) -> bytes:
    """Return the file that is uploaded. A sound address has no character that CSV would need quotes for."""
    if data_format == "csv":
        return "\n".join([_HEADER, *addresses, ""]).encode("ascii")
    return json.dumps({"items": [{"address": address} for address in addresses]}).encode("ascii")


def rejected_as_csv(rejected: Iterable[Rejected]) -> str:
    """Return rejected rows as CSV for people, who open it in a spreadsheet: no cell begins as a formula does."""
    lines = ["line,column,reason,row"]
    lines += [f"{row.line},{row.column},{_cell(row.reason)},{_cell(row.text)}" for row in rejected]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    guarded = f"'{shown}" if text.startswith(_FORMULA) else shown
    return '"' + guarded.replace('"', '""') + '"'


def _sorted_out(rows: Iterator[_Row], source: str) -> AddressListFile:
    first: dict[str, str] = {}
    addresses: list[str] = []
    rejected: list[Rejected] = []
    for count, ((line, column), text, reason) in enumerate(rows, start=1):
        if count > _MOST_ROWS:
            raise _too_many_rows(source)
        why = reason or mistake(text) or (f"is {first[same(text)]} as well" if same(text) in first else "")
        if why:
            rejected.append(Rejected(line=line, column=column, reason=why, text=text[:LONGEST]))
        else:
            first[same(text)] = f"on line {line}" if column == 1 else f"on line {line}, column {column},"
            addresses.append(text)
    return AddressListFile(addresses=tuple(addresses), rejected=tuple(rejected))


def _too_many_rows(source: str) -> UsageError:
    return UsageError(f"'{source}' has more than {_MOST_ROWS:,} rows", hint="split it")


def _csv_rows(body: bytes, source: str) -> Iterator[_Row]:
    """Place, text, and what is wrong beside the address itself."""
    if not body.strip():
        return
    header, _, rest = body.rstrip(b"\r\n").partition(b"\n")
    if _cells(header) != (_HEADER, ""):
        raise UsageError(
            f"{source}:1: the first line is not the header '{_HEADER}'",
            hint=f"AWS takes one column with the header '{_HEADER}', and one address a line",
        )
    # A row is a line, so they can be counted before any is taken apart.
    if rest.count(b"\n") >= _MOST_ROWS:
        raise _too_many_rows(source)
    for number, line in enumerate(rest.split(b"\n") if rest else (), start=2):
        yield ((number, 1), *_cells(line))


def _cells(line: bytes) -> tuple[str, str]:
    """The only cell of a line, and why there is none."""
    raw = line.rstrip(b"\r")
    if len(raw) > _LONGEST_LINE:
        return raw[:LONGEST].decode("utf-8", "replace"), f"is longer than {_LONGEST_LINE:,} bytes"
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace"), "is not UTF-8"
    if '"' not in text and "," not in text:
        return text.strip(), ""
    try:
        cells = next(csv.reader([text], strict=True, skipinitialspace=True))
    except csv.Error:
        return text, "has a quote that is not closed"
    if len(cells) != 1:
        return text, f"has {len(cells)} columns; AWS takes one, the address"
    return cells[0].strip(), ""


def _json_rows(body: bytes, source: str) -> Iterator[_Row]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{source}:{line}: the file is not UTF-8", hint="save it as UTF-8") from None
    for line, column, item in items_of(text, source):
        if not isinstance(item, dict) or not isinstance(item.get("address"), str):
            yield (line, column), "", "is no object with a text 'address'"
        elif extra := sorted(item.keys() - {"address"}):
            yield (line, column), item["address"], f"has {len(extra)} keys beside 'address'; AWS takes none"
        else:
            yield (line, column), item["address"].strip(), ""
