"""Findings as JSON: the shape that docs/commands.md promises, whatever a template says."""

import json
from collections.abc import Callable
from dataclasses import asdict

from byoaws.formats.interface import Look
from byoaws.formats.lint_json import render
from byoaws.lint.interface import Linted
from byoaws.model import Finding

LOOK = Look(width=80, color=True)


def test_every_field_of_every_finding(finding: Callable[..., Finding], linted: Callable[..., Linted]) -> None:
    found = [finding(), finding("info", title="t", source="https://x.example/", end_line=4, end_column=2)]
    assert json.loads(render(linted(*found), LOOK)) == {"findings": [asdict(item) for item in found]}


def test_no_findings(linted: Callable[..., Linted]) -> None:
    assert json.loads(render(linted(), LOOK)) == {"findings": []}


def test_what_a_template_says_stays_a_string(
    hostile: str, finding: Callable[..., Finding], linted: Callable[..., Linted]
) -> None:
    text = render(linted(finding(message=hostile)), LOOK)
    assert text.isascii()
    assert json.loads(text)["findings"][0]["message"] == hostile
