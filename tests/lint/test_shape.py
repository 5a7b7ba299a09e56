"""Sections of the wrong form: where, in place of what crashed over them."""

from collections.abc import Callable

import pytest

from byoaws.lint.shape import misshapen
from byoaws.model import Finding

TOPIC = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
WRONG = {
    "Metadata": ("Metadata: []\n" + TOPIC, "Metadata is not a mapping", 1, 11),
    "no Metadata": ("Metadata:\n" + TOPIC, "Metadata is not a mapping", 1, 1),
    "cfn-lint": ("Metadata: {cfn-lint: 3}\n" + TOPIC, "Metadata/cfn-lint is not a mapping", 1, 12),
    "ignored": (
        "Metadata: {cfn-lint: {config: {ignore_checks: [1]}}}\n" + TOPIC,
        "Metadata/cfn-lint/config/ignore_checks is not a list of rule ids",
        1,
        47,
    ),
    "of a resource": (TOPIC + "    Metadata: [1]\n", "Resources/Topic/Metadata is not a mapping", 4, 15),
    "config of a resource": (
        TOPIC + "    Metadata: {cfn-lint: {config: x}}\n",
        "Resources/Topic/Metadata/cfn-lint/config is not a mapping",
        4,
        35,
    ),
    "ignored by a resource": (
        TOPIC + "    Metadata: {cfn-lint: {config: {ignore_checks: 3}}}\n",
        "Resources/Topic/Metadata/cfn-lint/config/ignore_checks is not a list of rule ids",
        4,
        36,
    ),
    "Parameters": ("Parameters: []\n" + TOPIC, "Parameters is not a mapping", 1, 13),
    "a resource": ("Resources: {A: 1}\n", "Resources/A is not a mapping", 1, 13),
}


@pytest.mark.parametrize(("text", "message", "line", "column"), WRONG.values(), ids=WRONG)
def test_the_place_in_place_of_a_crash(
    text: str, message: str, line: int, column: int, lint_text: Callable[..., list[Finding]]
) -> None:
    found = lint_text(text, stock=True)
    assert "E0002" not in {one.code for one in found}
    (ours,) = [one for one in found if one.code == "E0000"]
    assert (ours.message, ours.line, ours.column, ours.severity) == (message, line, column, "error")
    assert ours.fix


@pytest.mark.parametrize("template", [None, [], "text", {}, {"Resources": {"A": {"Metadata": {"cfn-lint": {}}}}}])
def test_nothing_to_say(template: object) -> None:
    assert misshapen(template) == []


def test_without_marks_the_place_is_the_beginning() -> None:
    (only,) = misshapen({"Resources": 4})
    assert (only.line, only.column) == (1, 1)
