"""`byoaws runbook`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: dict[str, dict[str, Any]] = {
    "runbook-nothing": {"args": "runbook", "words": ("give the NAME of a runbook, or --list", "byoaws runbook --help")},
    "runbook-unknown": {
        "args": "runbook conect",
        "words": ("no runbook named 'conect'", "known: aws-errors, connect,"),
    },
    "runbook-list-and-name": {"args": "runbook connect --list", "words": ("--list stands alone",)},
    "runbook-list-as-html": {"args": "runbook --list --format html", "words": ("'html' is for a runbook",)},
    "runbook-as-json": {"args": "runbook connect --format json", "words": ("'json' is for --list",)},
    "runbook-format": {"args": "runbook connect --format pdf", "words": ("'pdf' is not one of",)},
    "runbook-connection-unknown": {
        "args": "runbook connect --connection con_none",
        "words": ("no connection 'con_none'",),
    },
    "runbook-connection-empty": {"args": "runbook connect --connection ''", "words": ("--connection", "empty")},
    "runbook-region": {"args": "runbook connect --region moon-1", "words": ("'moon-1' is not an AWS region",)},
    "runbook-other-region": {
        "args": "runbook connect --connection {connection} --region us-east-1",
        "words": ("is in region eu-west-1",),
    },
    "runbook-vendor-unknown": {"args": "runbook connect --vendor nobody", "words": ("no vendor named 'nobody'",)},
    "runbook-output-missing-directory": {
        "args": "runbook connect -o none/x.md",
        "words": ("cannot write 'none/x.md'", "no such file"),
    },
    "runbook-output-directory": {
        "args": "runbook connect -o d",
        "files": {"d": None},
        "words": ("'d' is a directory",),
    },
    "runbook-output-below-a-file": {
        "args": "runbook connect -o f/x.md",
        "files": {"f": b""},
        "words": ("cannot write 'f/x.md'",),
    },
    "runbook-store": {
        "args": "runbook connect --connection con_1 --store sqlite:///{cwd}",
        "code": 3,
        "words": ("cannot open store",),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
