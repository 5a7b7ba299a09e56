"""What cfn-lint is spared: the same comes of it, and it is spared."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.jsonschema import validators
from cfnlint.jsonschema._filter import FunctionFilter

from byoaws.lint import once
from byoaws.lint.stock import Configuration, load_rules
from byoaws.model import Finding

TOPIC = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"


def of_type(*_: object) -> list[object]:
    return []


@pytest.fixture
def made() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def create(made: list[dict[str, Any]]) -> Callable[..., type]:
    def create(**parts: Any) -> type:
        made.append(parts)
        return type("Validator", (), parts)

    return once._once(create)


def test_equal_parts_make_one_class(create: Callable[..., type], made: list[dict[str, Any]]) -> None:
    first, second = (
        create(validators={"type": of_type, "not": None}, function_filter=FunctionFilter(), fn_resolvers={})
        for _ in range(2)
    )
    assert first is second
    assert len(made) == 1


class Rule:
    def type(self) -> None: ...


PARTS: dict[str, dict[str, Any]] = {
    "plain": {"validators": {"type": of_type}, "function_filter": FunctionFilter()},
    "another function": {"validators": {"type": test_equal_parts_make_one_class}, "function_filter": FunctionFilter()},
    "another keyword": {"validators": {"not": of_type}, "function_filter": FunctionFilter()},
    "a rule's method": {"validators": {"type": Rule().type}, "function_filter": FunctionFilter()},
    "another rule's method": {"validators": {"type": Rule().type}, "function_filter": FunctionFilter()},
    "a switch": {"validators": {"type": of_type}, "function_filter": FunctionFilter(add_cfn_lint_keyword=False)},
    "another switch": {
        "validators": {"type": of_type},
        "function_filter": FunctionFilter(validate_dynamic_references=False),
    },
    "resolvers": {
        "validators": {"type": of_type},
        "function_filter": FunctionFilter(),
        "fn_resolvers": {"Ref": of_type},
    },
}


def test_other_parts_make_other_classes(create: Callable[..., type]) -> None:
    assert len({create(**parts) for parts in PARTS.values()}) == len(PARTS)


def test_parts_without_a_hash_make_a_class_each_time(create: Callable[..., type], made: list[dict[str, Any]]) -> None:
    for _ in range(2):
        create(validators={"type": []})
    assert len(made) == 2


def test_what_is_kept_is_bounded(
    create: Callable[..., type], made: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "_MOST", 2)
    for keyword in "abcab":
        create(validators={keyword: of_type})
    assert [list(parts["validators"]) for parts in made] == [["a"], ["b"], ["c"], ["a"], ["b"]]


def test_cfn_lint_makes_no_class_that_it_has_made(
    lint_text: Callable[..., list[Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lint_text(TOPIC, stock=True)
    made: list[object] = []
    monkeypatch.setattr(validators, "dataclass", lambda made_now: made.append(made_now) or pytest.fail("made again"))
    assert lint_text(TOPIC, stock=True) == first
    assert made == []


def test_children_are_those_that_cfn_lint_finds() -> None:
    rules = load_rules(Configuration())
    children = [(code, child) for rule in rules.values() for code, child in rule.child_rules.items()]
    assert len(children) > 100
    assert [code for code, child in children if code in rules and child is not rules[code]] == []
    assert [code for rule in rules.values() for code in rule.child_rules.keys()] == []  # noqa: SIM118


def test_a_setting_of_a_template_holds_for_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cfnlintrc").write_text("ignore_checks: [W1]\nmandatory_checks: [E1]\n")
    configuration = Configuration()
    asked = []
    for config in ({}, {"ignore_checks": ["E2"], "include_checks": ["I"], "configure_rules": {"E3012": {"strict": 1}}}):
        configuration.set_template_args({"Metadata": {"cfn-lint": {"config": config}}})
        asked.append((configuration.ignore_checks, configuration.include_checks, configuration.configure_rules))
        assert configuration.mandatory_checks == ["E1"]
        assert configuration.ignore_checks is configuration.ignore_checks
    configuration.set_template_args({})
    assert asked[0] == (configuration.ignore_checks, configuration.include_checks, configuration.configure_rules)
    assert asked == [
        (["W1"], ["W", "E", "I91"], {}),
        (["E2"], ["W", "E", "I", "I91"], {"E3012": {"strict": 1}}),
    ]
