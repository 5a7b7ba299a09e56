from collections.abc import Iterator
from typing import Any

import pytest

from byoaws.lint.worlds.expand import World
from byoaws.lint.worlds.expressions import Undecidable
from byoaws.lint.worlds.walk import Mistake, Spot, has_macros, made, mistakes_in, named, properties

NO_VALUE = {"Ref": "AWS::NoValue"}
KIND = "AWS::SNS::Topic"


def _template(written: Any, **sections: Any) -> dict[str, Any]:
    return {"Resources": {"One": {"Type": KIND, "Properties": written}}, **sections}


def _spot(written: Any, **sections: Any) -> Spot:
    spot = properties(World(_template(written, **sections), {}), "One")
    assert spot is not None
    return spot


def test_a_spot_knows_where_it_is() -> None:
    spot = _spot({"A": {"Fn::If": ["X", {"B": [1, {"C": 2}]}, NO_VALUE]}})
    item = spot.at("A", "B").items()[1]
    assert item.path == ("Resources", "One", "Properties", "A", "Fn::If", 1, "B", 1)
    assert item.at("C").value() == "2"


@pytest.mark.parametrize("written", [{}, {"A": None}, {"A": NO_VALUE}, NO_VALUE, {"A": {"Fn::If": ["X", NO_VALUE, 1]}}])
def test_what_is_not_there_is_absent_all_the_way_down(written: Any) -> None:
    spot = _spot(written)
    assert spot.at("A").is_absent
    assert spot.at("A", "B").is_absent
    assert spot.at("A").items() == []
    assert spot.at("A").entries() == {}


@pytest.mark.parametrize("written", ["text", [1], {"Ref": "Given"}, {"Fn::Transform": {"Name": "Any"}}])
def test_what_cannot_be_read_is_neither_there_nor_absent(written: Any) -> None:
    below = _spot({"A": written}).at("A", "B")
    assert (below.is_absent, below.is_object) == (False, False)
    assert below.items() == []
    assert below.text() is None
    assert below.whole() is not None


def test_entries_leave_out_what_is_not_there() -> None:
    assert list(_spot({"A": 1, "B": NO_VALUE, "C": {"Fn::If": ["X", NO_VALUE, 1]}}).entries()) == ["A"]


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        (["a", NO_VALUE, "b"], ["a", "b"]),
        ("a", ["a"]),
        ({"Ref": "List"}, ["a", "b"]),
        ({"Ref": "Given"}, [None]),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ([], []),
    ],
)
def test_items_of_a_list(written: Any, texts: list[str | None]) -> None:
    # The first world takes an AllowedValue, and a stand-in for what has none.
    parameters = {"List": {"Type": "CommaDelimitedList", "AllowedValues": ["a, b"]}, "Given": {"Type": "String"}}
    spot = _spot({"A": written}, Parameters=parameters)
    assert [item.text() for item in spot.at("A").items()] == texts


def test_a_mistake_is_told_once_in_whatever_worlds_it_occurs() -> None:
    def look(name: str, spot: Spot) -> Iterator[Mistake]:
        if spot.at("A").text() == "bad":
            yield Mistake(path=spot.at("A").path, message=name)

    template = _template(
        {"A": {"Ref": "P"}, "B": {"Ref": "Q"}},
        Parameters={"P": {"AllowedValues": ["good", "bad"]}, "Q": {"AllowedValues": ["x", "y"]}},
    )
    assert mistakes_in(template, [KIND], look) == [Mistake(path=("Resources", "One", "Properties", "A"), message="One")]


def test_a_resource_that_is_not_made_is_not_looked_at() -> None:
    template = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"One": {"Type": KIND, "Condition": "Never"}, "Two": {"Type": KIND}},
    }
    seen = []
    mistakes_in(template, [KIND], lambda name, spot: iter(seen.append(name) or ()))  # type: ignore[func-returns-value]
    assert seen == ["Two"]
    assert made(World(template, {}), KIND) == ["Two"]


def test_what_cannot_be_decided_is_silent_and_spares_the_others() -> None:
    template = {"Resources": {"One": {"Type": KIND, "Properties": {"A": {"Fn::Transform": {}}}}, "Two": {"Type": KIND}}}

    def look(name: str, spot: Spot) -> Iterator[Mistake]:
        spot.at("A").value()
        yield Mistake(path=spot.path, message=name)

    assert [one.message for one in mistakes_in(template, [KIND], look)] == ["Two"]
    with pytest.raises(Undecidable):
        _spot({"A": {"Fn::Transform": {}}}).at("A").value()


@pytest.mark.parametrize(
    ("template", "hides"),
    [
        ({}, False),
        ({"Transform": "AWS::Serverless-2016-10-31"}, False),
        ({"Transform": ["AWS::LanguageExtensions"]}, False),
        ({"Transform": ["AWS::LanguageExtensions", "Ours"]}, True),
        ({"Transform": {"Name": "AWS::Include"}}, True),
        ({"Resources": {"Fn::Transform": {"Name": "AWS::Include"}}}, True),
        ({"Resources": {"Fn::ForEach::Topics": []}}, True),
    ],
)
def test_macros_that_may_hide_something(template: dict[str, Any], hides: bool) -> None:
    assert has_macros(template) is hides


@pytest.mark.parametrize("template", [{}, {"Resources": []}, {"Resources": {"One": None, "Two": {"Type": [KIND]}}}])
def test_malformed_templates_have_no_resources(template: dict[str, Any]) -> None:
    assert named(template, KIND) == []
