"""One finding per mistake: what ours stands for is left out, nothing else is; what is ignored stands for nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from byoaws.lint.engine import lint
from byoaws.lint.folding import folded
from byoaws.model import Finding


@dataclass(frozen=True)
class Rule:
    id: str


@dataclass(frozen=True)
class Match:
    rule: Rule
    path: Sequence[str | int] | None = None
    folds: Sequence[str | int] | None = None


OURS = Match(
    Rule("E9141"), ["Resources", "A", "Properties", "Rules", 0, "Conditions"], folds=["Resources", "A", "Properties"]
)


@pytest.mark.parametrize(
    ("other", "left_out"),
    [
        (Match(Rule("E3002"), ["Resources", "A", "Properties"]), True),
        (Match(Rule("E3017"), ["Resources", "A", "Properties", "Rules", 0]), True),
        (Match(Rule("E3002"), ["Resources", "A"]), False),
        (Match(Rule("E3002"), ["Resources", "AB", "Properties"]), False),
        (Match(Rule("E3002"), ["Resources", "B", "Properties"]), False),
        (Match(Rule("E3002"), None), False),
        (Match(Rule("E1010"), ["Resources", "A", "Properties", "Rules"]), False),
        (Match(Rule("W3002"), ["Resources", "A", "Properties", "Rules"]), False),
        (Match(Rule("E0002"), ["Resources", "A", "Properties"]), False),
        (Match(Rule("E9101"), ["Resources", "A", "Properties", "Rules"]), False),
    ],
    ids=["at it", "below it", "above it", "alike", "elsewhere", "no place", "E1", "W3", "crash", "ours"],
)
def test_only_what_the_schema_says_at_or_below_is_left_out(other: Match, left_out: bool) -> None:
    assert folded([other, OURS]) == ([OURS] if left_out else [other, OURS])


def test_a_stock_finding_folds_nothing_whatever_it_has() -> None:
    other = Match(Rule("E3002"), ["Resources", "A"])
    assert folded([Match(Rule("W1001"), folds=["Resources"]), other]) == [
        Match(Rule("W1001"), folds=["Resources"]),
        other,
    ]


def test_an_empty_path_folds_nothing() -> None:
    matches = [Match(Rule("E9141"), [], folds=[]), Match(Rule("E3002"), ["Resources"])]
    assert folded(matches) == matches


# Through cfn-lint, with a rule that a `.cfnlintrc` adds --------------------------------------------------------------

RULE = """
from byoaws.lint.rule import OurRule


class Fold(OurRule):
    id = "E9198"
    shortdesc = "Topic with a mistake"
    description = "made up"
    source_url = "https://docs.aws.amazon.com/sns/"
    fix = "mend it"

    def match(self, cfn):
        for name, topic in cfn.get_resources("AWS::SNS::Topic").items():
            path = ["Resources", name, "Properties"]
            if "Fifo" in topic.get("Properties", {}):
                yield self.mistake([*path, "Fifo"], "'Fifo' is not what it is called", folds=path)
"""
TEMPLATE = """Resources:
  A:
    Type: AWS::SNS::Topic
    {metadata}
    Properties: {{Fifo: 1, DisplayName: [a]}}
  B:
    Type: AWS::SNS::Topic
    Properties: {{Fifth: 1}}
"""


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, int]]]:
    """Lint the template with the rule; codes and lines."""
    (tmp_path / "own_rules").mkdir()
    (tmp_path / "own_rules" / "fold.py").write_text(RULE)
    monkeypatch.chdir(tmp_path)

    def run(settings: str = "", metadata: str = "DependsOn: B") -> list[tuple[str, int]]:
        (tmp_path / ".cfnlintrc").write_text(f"append_rules: [{tmp_path}/own_rules]\n{settings}")
        (tmp_path / "t.yaml").write_text(TEMPLATE.format(metadata=metadata))
        return [_of(item) for item in lint(["t.yaml"])]

    def _of(item: Finding) -> tuple[str, int]:
        return item.code, item.line

    return run


STOCK = [("E3002", 5), ("E3012", 5)]
ELSEWHERE = [("E3002", 8)]


def test_a_mistake_is_told_once(found: Callable[..., Any]) -> None:
    assert found() == [("E9198", 5), *ELSEWHERE]


def test_a_rule_that_is_ignored_stands_for_nothing(found: Callable[..., Any]) -> None:
    assert found("ignore_checks: [E9198]\n") == STOCK + ELSEWHERE


def test_a_rule_that_the_resource_ignores_stands_for_nothing(found: Callable[..., Any]) -> None:
    assert found(metadata="Metadata: {cfn-lint: {config: {ignore_checks: [E9198]}}}") == STOCK + ELSEWHERE


def test_a_finding_that_folds_is_not_folded_by_what_it_folds(found: Callable[..., Any]) -> None:
    assert found("ignore_checks: [E3]\n") == [("E9198", 5)]


TWICE = {
    "once more": ("R: 1\nR: 2\n", [(2, 1, "'R' is given twice, first on line 1")]),
    "and again": (
        "Resources:\n  A: {}\n  A: {}\n  A: {}\n",
        [(3, 3, "'A' is given twice, first on line 2"), (4, 3, "'A' is given twice, first on line 2")],
    ),
    "two keys": (
        "Resources:\n  A: {}\n  B: {}\n  A: {}\n  B: {}\n",
        [(4, 3, "'A' is given twice, first on line 2"), (5, 3, "'B' is given twice")],
    ),
    "on one line": ("Resources: {A: {x: 1, x: 2}}\n", [(1, 23, "'x' is given twice, first on line 1")]),
    "JSON": ('{"Resources": {},\n"Resources": {}}', [(2, 1, "'Resources' is given twice, first on line 1")]),
    "a key with a quote": ('"it\'s": 1\n"it\'s": 2\n', [(2, 1, "'it's' is given twice, first on line 1")]),
}


@pytest.mark.parametrize(("text", "told"), TWICE.values(), ids=TWICE)
def test_a_key_that_is_given_twice_is_told_where_it_is_given_again(
    text: str, told: list[tuple[int, int, str]], tmp_path: Path
) -> None:
    template = tmp_path / "t.yaml"
    template.write_text(text)
    found = lint([template])
    assert [(one.line, one.column, one.message) for one in found] == told
    assert all(one.code == "E0000" and "another name" in one.fix for one in found)
