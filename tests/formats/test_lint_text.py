"""Findings as text: place, severity, code, message and the way out; nothing that a terminal would obey."""

import pytest

from byoaws.formats.findings import render
from byoaws.model import Finding


def finding(severity: str = "error", **changes: object) -> Finding:
    values = {"code": "E9101", "message": "no ExternalId", "fix": "add one", "path": "t.yaml", "line": 3, "column": 7}
    return Finding(severity=severity, **{**values, **changes})


def test_no_findings() -> None:
    assert render([], color=False) == "no findings\n"


def test_one_finding_has_place_and_fix() -> None:
    assert render([finding()], color=False) == "t.yaml:3:7: error E9101: no ExternalId\n    fix: add one\n1 error\n"


def test_no_fix_no_line() -> None:
    assert render([finding(fix="")], color=False).splitlines() == ["t.yaml:3:7: error E9101: no ExternalId", "1 error"]


@pytest.mark.parametrize(
    ("severities", "counts"),
    [
        (["error"], "1 error"),
        (["info", "error", "error"], "2 errors, 1 info"),
        (["warning", "info", "warning", "info"], "2 warnings, 2 infos"),
    ],
)
def test_counts_worst_first(severities: list[str], counts: str) -> None:
    assert render([finding(one) for one in severities], color=False).splitlines()[-1] == counts


@pytest.mark.parametrize(("severity", "number"), [("error", "31"), ("warning", "33"), ("info", "34")])
def test_colour_of_the_severity_only(severity: str, number: str) -> None:
    text = render([finding(severity)], color=True)
    assert text.startswith(f"t.yaml:3:7: \x1b[{number}m{severity}\x1b[0m E9101")
    assert text.count("\x1b") == 2


@pytest.mark.parametrize("field", ["message", "fix", "path"])
def test_a_template_cannot_command_the_terminal(field: str) -> None:
    text = render([finding(**{field: "\x1b]0;owned\x07\r\nnext\u202e\x9b2J"})], color=False)
    assert len(text.splitlines()) == 3
    assert all(char.isprintable() or char == "\n" for char in text)
