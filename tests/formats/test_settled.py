"""What became of the claims of stacks, for people: ids whole, what to do below, nothing taken for markup."""

import pytest

from byoaws.formats.interface import Look
from byoaws.formats.settled import as_json, table

ROLE = "arn:aws:iam::444455556666:role/byoaws/acme/r"
ROW = {
    "connection_id": "con_abcdefghij0123456789",
    "alias": "Production",
    "role_arn": ROLE,
    "outcome": "verified",
    "message": "",
    "todo": "",
}
FAILED = {**ROW, "alias": "[red]x[/red]", "outcome": "failed", "message": "AWS refused", "todo": "compare"}


def test_table() -> None:
    assert table([ROW, FAILED], Look(width=120, color=False)) == (
        "ID                        Alias         Account       Outcome\n"
        "con_abcdefghij0123456789  Production    444455556666  verified\n"
        "con_abcdefghij0123456789  [red]x[/red]  444455556666  failed\n"
        "\n"
        "con_abcdefghij0123456789\n"
        f"  role   {ROLE}\n"
        "  found  AWS refused\n"
        "  do     compare\n"
    )


@pytest.mark.parametrize("outcome", ["insecure", "failed", "unknown", "refused"])
def test_of_what_is_not_fine_the_reason_is_told(outcome: str) -> None:
    assert "found  AWS refused" in table([{**FAILED, "outcome": outcome}], Look(width=80, color=False))


@pytest.mark.parametrize("width", [80, 120])
def test_on_a_narrow_terminal_nothing_is_cut_off(width: int) -> None:
    row = {**FAILED, "alias": "Größe " * 9, "message": "a" * 160, "outcome": "insecure"}
    lines = table([row], Look(width=width, color=False)).splitlines()
    assert max(map(len, lines)) <= width
    assert sum(line.count("Größe") for line in lines) == 9
    assert sum(line.count("a") for line in lines if set(line) <= set(" founda")) >= 160
    assert sum(ROW["connection_id"] in line for line in lines) == 2


def test_colour_only_where_asked_for() -> None:
    assert "\x1b" not in table([ROW, FAILED], Look(width=80, color=False))
    assert "\x1b[" in table([ROW], Look(width=80, color=True))


def test_json_has_the_report_or_none() -> None:
    assert as_json(ROW, None) == {**ROW, "report": None}
