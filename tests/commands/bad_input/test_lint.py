"""`byoaws lint`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: dict[str, dict[str, Any]] = {
    "lint-missing": {"args": "lint none.yaml", "words": ("no such template: 'none.yaml'",)},
    "lint-nothing": {"args": "lint", "words": ("missing argument 'PATHS...'", "byoaws lint --help")},
    "lint-empty-directory": {
        "args": "lint d",
        "files": {"d": None},
        "words": ("'d' holds no CloudFormation template",),
    },
    "lint-format": {"args": "lint t --format xml", "files": {"t": b""}, "words": ("'xml'", "sarif")},
    "lint-jobs": {"args": "lint t --jobs 0", "files": {"t": b""}, "words": ("'--jobs'", "0")},
    "lint-link-empty": {"args": "lint t --link ''", "files": {"t": b""}, "words": ("'--link'", "empty")},
    "lint-explain-unknown": {"args": "lint --explain W9101", "words": ("no rule 'W9101'", "near: E9101")},
    "lint-explain-nothing": {"args": "lint --explain ''", "words": ("'--explain'", "empty")},
    "lint-explain-and-lint": {
        "args": "lint t --explain E9101",
        "files": {"t": b""},
        "words": ("--explain lints nothing", "'t'"),
    },
    "lint-settings": {"args": "lint t", "files": {"t": b"", ".cfnlintrc": b"a: 1"}, "words": (".cfnlintrc", "'a'")},
    "lint-vendor-unknown": {
        "args": "lint t --vendor nobody",
        "files": {"t": b""},
        "words": ("no vendor named 'nobody'",),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
