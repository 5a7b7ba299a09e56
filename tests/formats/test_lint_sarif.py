"""Findings as SARIF 2.1.0: what the standard demands of each object that is used, and nothing that it does not know."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from byoaws.formats.interface import Look
from byoaws.formats.lint_sarif import render
from byoaws.lint.interface import Linted
from byoaws.model import Finding

LOOK = Look(width=80, color=True)
Make = Callable[..., Finding]
Lint = Callable[..., Linted]

# Per object: what it must have, and what else of it is used here. Source: SARIF 2.1.0, sections 3.13 to 3.50.
OBJECTS = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "invocations", "columnKind", "artifacts"}),
    "driver": ({"name"}, {"version", "rules"}),
    "rule": ({"id"}, {"shortDescription", "helpUri", "defaultConfiguration"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations"}),
    "artifactLocation": (set(), {"uri", "uriBaseId"}),
    "region": (set(), {"startLine", "startColumn", "endLine", "endColumn"}),
}
LEVELS = {"none", "note", "warning", "error"}
# RFC 3986: what a reference is written with; and a first segment without a colon, which would be a scheme.
URI = re.compile(r"(file:///)?[\w.~!$&'()*+,;=@/%-]+", re.ASCII)


def held(kind: str, found: dict[str, Any]) -> dict[str, Any]:
    needed, allowed = OBJECTS[kind]
    assert needed <= set(found) <= needed | allowed, kind
    return found


def read(text: str) -> dict[str, Any]:
    """Parse, and hold against the standard; returns the run."""
    log = held("log", json.loads(text))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = held("driver", held("run", run)["tool"]["driver"])["rules"]
    assert len({held("rule", rule)["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[held("result", result)["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert URI.fullmatch(held("artifactLocation", place["artifactLocation"])["uri"])
        region = held("region", place["region"])
        assert all(number >= 1 for number in region.values())
        start = (region["startLine"], region["startColumn"])
        assert start < (region.get("endLine", start[0] + 1), region.get("endColumn", 1))
    return run


def test_a_finding_has_rule_place_and_level(finding: Make, linted: Lint) -> None:
    item = finding(title="Role opens", source="https://docs.aws.amazon.com/x.html", end_line=4, end_column=2)
    run = read(render(linted(item), LOOK))
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "E9101",
            "shortDescription": {"text": "Role opens"},
            "defaultConfiguration": {"level": "error"},
            "helpUri": "https://docs.aws.amazon.com/x.html",
        }
    ]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("E9101", "error")
    assert result["message"] == {"text": "no ExternalId\nFix: add one"}
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "t.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 7, "endLine": 4, "endColumn": 2},
    }


@pytest.mark.parametrize(("severity", "level"), [("error", "error"), ("warning", "warning"), ("info", "note")])
def test_levels(severity: str, level: str, finding: Make, linted: Lint) -> None:
    assert read(render(linted(finding(severity)), LOOK))["results"][0]["level"] == level


def test_every_rule_once_in_the_order_of_their_ids(finding: Make, linted: Lint) -> None:
    run = read(render(linted(*(finding(code=code) for code in ("W2", "E1", "W2", "E1"))), LOOK))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E1", "W2"]
    assert [result["ruleIndex"] for result in run["results"]] == [1, 0, 1, 0]


@pytest.mark.parametrize(("code", "successful"), [("E9101", True), ("E0002", False)])
def test_a_crash_is_told_of_the_whole_run(code: str, successful: bool, finding: Make, linted: Lint) -> None:
    assert read(render(linted(finding(code=code)), LOOK))["invocations"] == [{"executionSuccessful": successful}]


def test_a_file_elsewhere_is_absolute(finding: Make, linted: Lint) -> None:
    (result,) = read(render(linted(finding(path="/else where/t.yaml")), LOOK))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///else%20where/t.yaml"}


def test_a_clean_lint_names_what_was_looked_at(linted: Lint) -> None:
    run = read(render(linted(files=("a.yaml", "b c.yaml")), LOOK))
    assert run["results"] == []
    assert [one["location"]["uri"] for one in run["artifacts"]] == ["a.yaml", "b%20c.yaml"]


@pytest.mark.parametrize("field", ["message", "fix", "path", "title", "source", "code"])
def test_what_a_template_says_is_text(field: str, hostile: str, finding: Make, linted: Lint) -> None:
    # No file can have these two in its name.
    value = hostile.replace("\ud800", "").replace("\0", "") if field == "path" else hostile
    text = render(linted(finding(**{field: value})), LOOK)
    assert text.isascii()
    assert "helpUri" not in read(text)["tool"]["driver"]["rules"][0]
