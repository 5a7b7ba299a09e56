from typing import Any

import pytest

from byoaws.lint.worlds.order import Order, mentions


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ({"Ref": "A"}, ["A"]),
        ({"Fn::GetAtt": ["A", "Arn"]}, ["A"]),
        ({"Fn::GetAtt": "A.Outputs.B"}, ["A"]),
        ({"Fn::Sub": "x ${A} ${B.Arn} ${!C} ${ D }"}, ["A", "B", "D"]),
        ({"Fn::Sub": ["${A} ${B}", {"A": {"Ref": "C"}}]}, ["B", "C"]),
        ({"Fn::If": ["X", {"Ref": "A"}, [{"Ref": "B"}]]}, ["A", "B"]),
        ("A", []),
        ({"Ref": 5}, []),
        ({"Fn::GetAtt": 5}, []),
        ({"Fn::GetAtt": []}, []),
        ({"Fn::Sub": []}, []),
    ],
)
def test_names_that_an_expression_refers_to(expression: Any, names: list[str]) -> None:
    assert list(mentions(expression)) == names


def _template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def test_order_follows_depends_on_and_references_all_the_way() -> None:
    order = Order(
        _template(
            A={"DependsOn": "B"},
            B={"DependsOn": ["C"], "Properties": {"X": {"Ref": "D"}}},
            C={},
            D={"Metadata": {"X": {"Ref": "E"}}},
            E={},
            F={},
        )
    )
    assert order.before("A") == {"B", "C", "D", "E"}
    assert order.before("F") == set()
    assert order.before("Nothing") == set()
    assert not order.is_circular("A")


def test_a_circle_is_seen_and_ends() -> None:
    order = Order(_template(A={"DependsOn": "B"}, B={"Properties": {"X": {"Fn::Sub": "${A}"}}}, C={"DependsOn": "A"}))
    assert order.is_circular("A")
    assert order.is_circular("B")
    assert not order.is_circular("C")
    assert order.before("C") == {"A", "B"}


@pytest.mark.parametrize("template", [{}, {"Resources": None}, {"Resources": {"A": None, "B": {"DependsOn": 5}}}])
def test_malformed_templates_have_no_order(template: dict[str, Any]) -> None:
    assert Order(template).before("B") == set()
