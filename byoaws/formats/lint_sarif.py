"""Findings as SARIF 2.1.0, which code scanning on GitHub and many editors read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import json
from collections.abc import Mapping
from typing import Any

from byoaws import __version__
from byoaws.formats.interface import Look
from byoaws.formats.lint_places import uri
from byoaws.lint.interface import COULD_NOT_TELL, Linted
from byoaws.model import Finding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_BASE = "%SRCROOT%"
"""Name of the folder that relative places start from, as code scanning calls the root of the repository."""


def render(linted: Linted, look: Look) -> str:
    """Return the findings as one run of a SARIF log."""
    rules = {item.code: _rule(item) for item in reversed(linted.findings)}
    number = {code: index for index, code in enumerate(sorted(rules))}
    run = {
        "tool": {"driver": {"name": "byoaws", "version": __version__, "rules": [rules[code] for code in number]}},
        "invocations": [{"executionSuccessful": COULD_NOT_TELL not in rules}],
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _location(path, linted.folder)} for path in linted.files],
        "results": [_result(item, number[item.code], linted.folder) for item in linted.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(item: Finding) -> Mapping[str, Any]:
    rule: dict[str, Any] = {
        "id": item.code,
        "shortDescription": {"text": item.title or item.code},
        "defaultConfiguration": {"level": _LEVELS[item.severity]},
    }
    if item.source.startswith("https://"):
        rule["helpUri"] = item.source
    return rule


def _result(item: Finding, number: int, folder: str) -> Mapping[str, Any]:
    return {
        "ruleId": item.code,
        "ruleIndex": number,
        "level": _LEVELS[item.severity],
        "message": {"text": item.message + (f"\nFix: {item.fix}" if item.fix else "")},
        "locations": [
            {"physicalLocation": {"artifactLocation": _location(item.path, folder), "region": _region(item)}}
        ],
    }


def _region(item: Finding) -> Mapping[str, int]:
    region = {"startLine": item.line, "startColumn": item.column}
    return region | {"endLine": item.end_line, "endColumn": item.end_column} if item.end_line else region


def _location(path: str, folder: str) -> Mapping[str, str]:
    place = uri(path, folder)
    return {"uri": place} if place.startswith("file:") else {"uri": place, "uriBaseId": _BASE}
