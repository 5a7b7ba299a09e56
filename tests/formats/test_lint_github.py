"""Workflow commands: what a template says can be no command, and no property, of its own."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.formats.interface import Look
from byoaws.formats.lint_github import render
from byoaws.lint.interface import Linted
from byoaws.model import Finding

LOOK = Look(width=80, color=True)
COMMAND = re.compile(r"::(?P<command>error|warning|notice) (?P<properties>[^:]*)::(?P<text>.*)")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Read one line as actions/runner does. Source: `src/Runner.Common/ActionCommand.cs`, TryParseV2."""
    found = COMMAND.fullmatch(line)
    assert found, line
    properties = dict(one.split("=", 1) for one in found["properties"].split(","))
    for sign, code in ((":", "%3A"), (",", "%2C")):
        properties = {name: value.replace(code, sign) for name, value in properties.items()}
    clear = {name: _unescape(value) for name, value in properties.items()}
    return found["command"], clear, _unescape(found["text"])


def _unescape(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


@pytest.mark.parametrize(("severity", "command"), [("error", "error"), ("warning", "warning"), ("info", "notice")])
def test_one_command_per_finding(
    severity: str, command: str, finding: Callable[..., Finding], linted: Callable[..., Linted]
) -> None:
    item = finding(severity, path="/repo/infra/t.yaml", title="Role opens", end_line=3, end_column=12)
    lines = render(linted(item), LOOK).splitlines()
    properties = {"file": "infra/t.yaml", "line": "3", "col": "7", "endColumn": "12", "title": "E9101 Role opens"}
    assert read(lines[0]) == (command, properties, "no ExternalId\nfix: add one")
    assert lines[1:] == [f"1 {severity}"]


def test_an_end_on_another_line_has_no_column(finding: Callable[..., Finding], linted: Callable[..., Linted]) -> None:
    _, properties, _ = read(render(linted(finding(end_line=5, end_column=2)), LOOK).splitlines()[0])
    assert properties["endLine"] == "5"
    assert "endColumn" not in properties


@pytest.mark.parametrize("field", ["message", "fix", "title", "path", "code"])
def test_an_attack_stays_within_its_command(
    field: str, hostile: str, finding: Callable[..., Finding], linted: Callable[..., Linted]
) -> None:
    lines = render(linted(finding(**{field: hostile})), LOOK).split("\n")
    assert len(lines) == 3
    command, properties, _ = read(lines[0])
    assert command == "error"
    assert set(properties) == {"file", "line", "col", "title"}
    assert all(char.isprintable() for char in lines[0])


@given(text=st.text())
def test_any_text_is_read_back_but_for_what_a_log_would_obey(text: str) -> None:
    item = Finding(
        code="E1", severity="error", message=text, fix="", path="a,b:c%.yaml", line=1, column=1, title=f"[{text}]"
    )
    line, counts, end = render(Linted(folder="/repo", files=("a",), findings=(item,)), LOOK).split("\n")
    _, properties, message = read(line)
    shown = "\n".join("".join(c if c.isprintable() else "\ufffd" for c in part) for part in text.split("\n"))
    assert message == shown
    assert properties["title"] == f"E1 [{shown}]"
    assert properties["file"] == "a,b:c%.yaml"
    assert (counts, end) == ("1 error", "")
