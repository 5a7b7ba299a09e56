"""Files of addresses: what AWS's guide shows is taken, everything else is told by its line, and nothing is echoed."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UsageError
from byoaws.mail_manager import address_list_file
from byoaws.mail_manager.address_entries import mistake, same
from byoaws.mail_manager.address_list_file import (
    MOST_ADDRESSES,
    Rejected,
    read,
    rejected_as_csv,
    written,
)

# The examples of Mail Manager's guide, "Address Lists".
OF_THE_GUIDE = [
    *("user1@domain.com", "user2@*.domain.com", "*@domain.com", "123*@domain.com", "1234567890123456789*@domain.com"),
    *("*.domain1.com", "*.domain8.domain7.domain6.domain5.domain4.domain3.domain2.domain1.com"),
    *("local@*.domain1.com", "local@*.domain8.domain7.domain6.domain5.domain4.domain3.domain2.domain1.com"),
]


@pytest.mark.parametrize(
    "entry", [*OF_THE_GUIDE, "domain.com", "first.last+tag@sub.example.co.uk", "o'neil@xn--bcher-kva.example"]
)
def test_an_entry_that_is_taken(entry: str) -> None:
    assert mistake(entry) == ""


WRONG = {
    "": "empty",
    "a@": "2 characters",
    "x" * 310 + "@example.com": "322 characters",
    "bücher@example.com": "ASCII",
    "a b@example.com": "space",
    "a\x1b[31m@example.com": "control",
    "*@*.example.com": "more than one '*'",
    "a*b@example.com": "elsewhere",
    "12*@example.com": "2 characters before",
    "12345678901234567890*@example.com": "20 characters before",
    "a@b@example.com": "more than one '@'",
    "@example.com": "nothing before",
    "user@": "no domain",
    "user@localhost": "no domain",
    "user@example..com": "no domain",
    "user@-example.com": "no domain",
    "user@192.0.2.1": "no domain",
    "user@ex*.com": "elsewhere",
    "*.com": "1 levels",
    "*.a.b.c.d.e.f.g.h.i.com": "10 levels",
    ".dot@example.com": "before the '@'",
    f"{'x' * 65}@example.com": "before the '@'",
    "=cmd()@example.com": "before the '@'",
}


@pytest.mark.parametrize(("entry", "said"), WRONG.items())
def test_an_entry_that_is_refused(entry: str, said: str) -> None:
    assert said in mistake(entry)


def test_a_domain_has_no_case_and_a_local_part_may() -> None:
    assert same("Ann@EXAMPLE.com") == same("Ann@example.COM") != same("ann@example.com")


def rows(text: str | bytes, form: str = "csv") -> list[tuple[int, str]]:
    data = text.encode() if isinstance(text, str) else text
    return [(row.line, row.reason) for row in read(data, form, source="list").rejected]


def test_every_bad_row_is_told_by_its_line() -> None:
    text = (
        b'address\r\na@example.com\r\n\r\n"b@example.com"\nc@example.com,1\n"d@example.com\na@EXAMPLE.com\n\xff@x.com\n'
    )
    found = read(text + b"e" * 2001 + b"\n*@f.example\n", "csv", source="list")
    assert found.addresses == ("a@example.com", "b@example.com", "*@f.example")
    assert {row.line: row.reason for row in found.rejected} == {
        3: "is empty",
        5: "has 2 columns; AWS takes one, the address",
        6: "has a quote that is not closed",
        7: "is on line 2 as well",
        8: "is not UTF-8",
        9: "is longer than 2,000 bytes",
    }


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert read(b"\xef\xbb\xbfaddress\na@example.com\n", "csv", source="list").addresses == ("a@example.com",)


def test_json_is_read_item_by_item_with_the_line_of_each() -> None:
    text = """{"items": [
        {"address": "a@example.com"},
        {"address": "a@example.com"}, "b@example.com",

        {"address": 1}, {"address": "c@example.com", "note": "x"},
        {"adress": "d@example.com"}, {"address": "b@example.com"}
    ]}"""
    found = read(text.encode(), "json", source="list")
    assert found.addresses == ("a@example.com", "b@example.com")
    assert [(row.line, row.column) for row in found.rejected] == [(3, 9), (3, 39), (5, 9), (5, 25), (6, 9)]


def test_on_one_line_each_item_is_told_by_its_column() -> None:
    found = read(b'{"items": [{"address": "a@x.example"}, 5,{"address":"a@x.example"}]}', "json", source="list")
    assert [(row.line, row.column, row.reason) for row in found.rejected] == [
        (1, 40, "is no object with a text 'address'"),
        (1, 42, "is on line 1, column 12, as well"),
    ]
    assert rejected_as_csv(found.rejected).splitlines()[1].startswith("1,40,")


@pytest.mark.parametrize(
    ("form", "data", "said"),
    [
        ("csv", b"a@example.com\nb@example.com\n", "list:1: the first line is not the header"),
        ("csv", b"Address\na@example.com\n", "not the header 'address'"),
        ("csv", b"address,name\na@example.com,Ann\n", "not the header"),
        ("csv", "address\na@example.com\n".encode("utf-16"), "UTF-16"),
        ("csv", b"", "holds no address"),
        ("csv", b"address\n", "holds no address"),
        ("csv", b"address\n" + b"\n" * 600_000 + b"x", "more than 500,000 rows"),
        ("json", b'[{"address": "a@example.com"}]', "list:1:1: '{' is missing"),
        ("json", b'{"addresses": []}', "the first key is not 'items'"),
        ("json", b'{"items": [\n  {"address": "a@example.com"}\n  {"address": "b@example.com"}]}', "list:3:3: ','"),
        ("json", b'{"items": [{"address": "a@example.com"', "list:1:39: not JSON"),
        ("json", b'{"items": []} x', "something stands behind"),
        ("json", b'{"items": [{"address": "a", "address": "b"}]}', "a key is given twice"),
        ("json", b'{"items": [NaN]}', "NaN is no JSON"),
        ("json", b'{"items": [\n\xff]}', "list:2: the file is not UTF-8"),
        ("json", b'{"items":' + b"[" * 200_000, "nested too deeply"),
        ("json", b'{"items": []}', "holds no address"),
    ],
)
def test_what_is_no_such_file(form: str, data: bytes, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(data, form, source="list")
    assert said in str(refused.value)


def test_rows_are_counted_to_the_last_before_any_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(address_list_file, "_MOST_ROWS", 3)
    monkeypatch.setattr(address_list_file, "mistake", lambda text: looked_at.append(text) or "")
    most = b"address\r\na@x.example\r\n\r\nb@x.example"
    assert len(read(most + b"\r\n\r\n", "csv", source="list").addresses) == 3
    looked_at.clear()
    with pytest.raises(UsageError, match="more than 3 rows"):
        read(most + b"\r\nc@x.example", "csv", source="list")
    assert looked_at == []


def test_more_addresses_than_a_list_may_hold() -> None:
    lines = "\n".join(f"u{number}@example.com" for number in range(MOST_ADDRESSES + 1))
    with pytest.raises(UsageError, match="at most 100,000"):
        read(f"address\n{lines}\n".encode(), "csv", source="list")


def test_no_message_holds_an_address() -> None:
    secret = "someone-secret"
    bad = f"address\n{secret}@nowhere\n{secret} x@example.com\n{secret}@example.com\n{secret}@example.com\n"
    found = read(bad.encode(), "csv", source="list")
    assert len(found.rejected) == 3
    assert not any(secret in text for row in found.rejected for text in (row.reason, repr(row), str(row)))
    assert secret not in repr(found)
    for data in (f"{secret}@example.com\n", f'{{"items": ["{secret}"'):
        for form in ("csv", "json"):
            with pytest.raises(UsageError) as refused:
                read(data.encode(), form, source="list")
            assert secret not in f"{refused.value}{refused.value.hint}"


def test_the_list_of_refused_rows_has_no_formula_and_no_escape() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", 'a"b', "\x1b[31mred\x1b[0m", "x" * 320]
    table = rejected_as_csv([Rejected(line=n, reason="is wrong", text=text) for n, text in enumerate(texts)])
    assert "\x1b" not in table
    cells = [row[3] for row in csv.reader(io.StringIO(table))][1:]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)
    assert cells[5] == 'a"b'


ADDRESSES = st.lists(
    st.from_regex(r"[a-z0-9]{1,10}([.+][a-z0-9]{1,5})?@[a-z]{1,8}\.(com|example)", fullmatch=True),
    min_size=1,
    max_size=20,
    unique=True,
)


@given(ADDRESSES, st.sampled_from(["csv", "json"]))
def test_what_is_written_is_read_back(addresses: list[str], form: str) -> None:
    found = read(written(addresses, form), form, source="list")
    assert (found.addresses, found.rejected) == (tuple(addresses), ())


def test_what_is_written_has_the_form_of_the_guide() -> None:
    assert written(["user1@domain.com", "*@domain.com"], "csv") == b"address\nuser1@domain.com\n*@domain.com\n"
    assert json.loads(written(["*@domain.com"], "json")) == {"items": [{"address": "*@domain.com"}]}


@given(st.binary(max_size=300), st.sampled_from(["csv", "json"]))
def test_any_bytes_are_read_or_refused(data: bytes, form: str) -> None:
    for candidate in (data, b"address\n" + data, b'{"items": [' + data):
        try:
            found = read(candidate, form, source="list")
        except UsageError:
            continue
        assert not any(mistake(address) for address in found.addresses)
        rejected_as_csv(found.rejected)
