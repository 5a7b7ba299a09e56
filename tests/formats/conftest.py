"""What came of a lint, made up."""

from collections.abc import Callable

import pytest

from byoaws.lint.interface import Linted
from byoaws.model import Finding

# What a template could hold to be obeyed by a terminal, a log, a CI system or an XML reader.
HOSTILE = "\x1b]0;owned\x07\r\n::set-env name=PATH::/tmp\n<b>&amp;]]>%0A,:\u202e\x9b2J\ud800\0"


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def finding() -> Callable[..., Finding]:
    def make(severity: str = "error", **changes: object) -> Finding:
        values = {
            "code": "E9101",
            "message": "no ExternalId",
            "fix": "add one",
            "path": "t.yaml",
            "line": 3,
            "column": 7,
        }
        return Finding(severity=severity, **{**values, **changes})

    return make


@pytest.fixture
def linted() -> Callable[..., Linted]:
    """A lint in `/repo`; by default of the files that something was found in."""

    def make(*findings: Finding, files: tuple[str, ...] | None = None) -> Linted:
        named = tuple(dict.fromkeys(item.path for item in findings)) or ("t.yaml",)
        return Linted(folder="/repo", files=named if files is None else files, findings=findings)

    return make
