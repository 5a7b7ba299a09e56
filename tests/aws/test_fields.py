"""Fields of an answer: what is there and of its kind is read, what is missing told apart, anything else refused."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from byoaws.aws import fields
from byoaws.errors import Unreachable


def read(reader: Callable[..., Any], value: object, *kind: type) -> Any:
    return reader({"Name": value} if value is not ... else {}, "Name", *kind, "ses:GetAccount")


READ = {
    "text": (fields.required, "a", (), "a"),
    "structure": (fields.structure, {"a": 1}, (), {"a": 1}),
    "no structure": (fields.structure, ..., (), {}),
    "nothing": (fields.optional, None, (str,), None),
    "false": (fields.optional, False, (bool,), False),
    "texts": (fields.texts, ["a", ""], (), ["a", ""]),
    "no texts": (fields.texts, ..., (), []),
}


@pytest.mark.parametrize(("reader", "value", "kind", "found"), READ.values(), ids=READ)
def test_what_is_there(reader: Callable[..., Any], value: object, kind: tuple[type, ...], found: object) -> None:
    assert read(reader, value, *kind) == found


ODD = {
    "no text": (fields.required, ..., (), "Name is missing"),
    "empty text": (fields.required, "", (), "Name is missing"),
    "a number for a text": (fields.required, 1, (), "Name is not of type str"),
    "true for a number": (fields.optional, True, (int,), "Name is not of type int"),
    "not a number": (fields.optional, math.nan, (float,), "Name is not a number"),
    "a list for a structure": (fields.structure, [], (), "Name is not of type dict"),
    "a text for texts": (fields.texts, "ab", (), "Name is not of type list"),
    "a number among texts": (fields.texts, ["a", 1], (), "Name holds something else than names"),
    "none of what is always sent": (fields.present, ..., (), "Name is missing"),
}


@pytest.mark.parametrize(("reader", "value", "kind", "why"), ODD.values(), ids=ODD)
def test_attack_what_is_not_as_documented_is_no_answer(
    reader: Callable[..., Any], value: object, kind: tuple[type, ...], why: str
) -> None:
    with pytest.raises(Unreachable, match="no usable answer") as refused:
        read(reader, value, *kind)
    assert str(refused.value) == f"ses:GetAccount: no usable answer ({why})"
    assert refused.value.operation == "ses:GetAccount"


def test_items() -> None:
    assert list(read(fields.items, [{"a": 1}, {}])) == [{"a": 1}, {}]
    assert list(read(fields.items, ...)) == []
    for odd in ("ab", ["ab"], [{}, None]):
        with pytest.raises(Unreachable):
            list(read(fields.items, odd))


def test_a_value_is_never_shown() -> None:
    """It may be a credential."""
    with pytest.raises(Unreachable) as refused:
        read(fields.optional, "hunter2", dict)
    assert "hunter2" not in f"{refused.value!r} {refused.value.hint}"
