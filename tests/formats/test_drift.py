"""What was changed by hand, for people: what differs is not lost among what is as it should be."""

import pytest

from byoaws.formats.drift import render
from byoaws.formats.interface import Look
from byoaws.lifecycle.drift import Drift, Held, Row


def drift(*rows: Row) -> Drift:
    return Drift(connection_id="con_1", stack_name="mail", region="eu-west-1", version="1.0.0", rows=rows)


def row(resource: str, held: Held = Held.SAME, **more: object) -> Row:
    return Row(what="topic", resource=resource, held=held, **more)  # type: ignore[arg-type]


def lines(found: Drift, width: int = 100) -> list[str]:
    return [" ".join(line.split()) for line in render(found, Look(width=width, color=False)).splitlines()]


def test_what_is_the_same_shares_a_line_and_what_differs_has_its_own() -> None:
    found = lines(drift(row("A"), row("B", Held.DIFFERS, details=("it is gone",)), row("C")))
    start = found.index("✗ differs topic B")
    assert found[start : start + 3] == ["✗ differs topic B", "it is gone", "✓ same topic A, C"]


def test_what_could_not_be_told_says_what_is_lacking() -> None:
    found = " ".join(lines(drift(row("A", Held.UNKNOWN, permission="sns:GetTopicAttributes"))))
    assert "? unknown topic A" in found
    assert "lacks sns:GetTopicAttributes" in found
    assert "could not tell all of it" in found


def test_what_could_not_be_told_for_one_reason_shares_a_line() -> None:
    no = {"details": ("the role may not look",), "permission": "sns:GetTopicAttributes"}
    other = row("C", Held.UNKNOWN, details=("aws did not answer",))
    found = lines(drift(row("A", Held.UNKNOWN, **no), row("S"), other, row("B", Held.UNKNOWN, **no)))
    start = found.index("? unknown topic A, B")
    assert found[start + 1 : start + 5] == [
        "the role may not look",
        "? unknown topic C",
        "aws did not answer",
        "✓ same topic S",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_it_fits(width: int) -> None:
    text = render(drift(*(row(f"Resource{n}") for n in range(30))), Look(width=width, color=False))
    assert max(map(len, text.splitlines())) <= width
    assert "Resource29" in text


def test_names_cannot_move_the_terminal() -> None:
    assert "\x1b" not in render(
        drift(row("\x1b[2J"), row("B", Held.DIFFERS, details=("\x1b[1m",))), Look(width=80, color=False)
    )
