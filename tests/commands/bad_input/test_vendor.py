"""A vendor that is not there or whose file is full of mistakes, and `byoaws vendor`, asked wrongly."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "data" / "bad_input"
FIVE_MISTAKES = (DATA / "five_mistakes.yaml").read_bytes()
BOMB = (DATA / "bomb.yaml").read_bytes()
_PACK = b"title: T\nstatements: [{sid: S, actions: [{action: 's3:*', reason: R}], resources: ['*']}]\n"
_OWN = FIVE_MISTAKES.replace(b"[ses-send]", b"[./own.yaml]")

CASES: dict[str, dict[str, Any]] = {
    "vendor-unknown": {
        "args": "link --vendor nobody",
        "words": ("no vendor named 'nobody'", "mailmark", "byoaws.yaml"),
    },
    "vendor-unknown-env": {"args": "link", "env": {"BYOAWS_VENDOR": "nobody"}, "words": ("no vendor named 'nobody'",)},
    "vendor-empty": {"args": "link --vendor ''", "words": ("--vendor", "empty")},
    "vendor-missing": {
        "args": "generate --vendor ./none.yaml",
        "words": ("'./none.yaml' cannot be read", "no such file"),
    },
    "vendor-five-mistakes": {
        "args": "generate",
        "files": {"byoaws.yaml": FIVE_MISTAKES},
        "words": (
            "./byoaws.yaml' has 5 mistakes",
            "./byoaws.yaml:1:1: name:",
            "./byoaws.yaml:2:1: title:",
            "./byoaws.yaml:4:3: aws.account_id:",
            "./byoaws.yaml:5:1: webhook_secret:",
            "./byoaws.yaml:7:3: session.duration:",
            "docs/vendor-file.md",
        ),
    },
    "vendor-latin-1": {
        "args": "generate --vendor v.yaml",
        "files": {"v.yaml": b"name: acme\ntitle: Gr\xfc\xdfe\n"},
        "words": ("v.yaml:2", "UTF-8"),
    },
    "vendor-directory": {"args": "generate", "files": {"byoaws.yaml": None}, "words": ("is a directory",)},
    "vendor-50-megabytes": {
        "args": "generate --vendor v.yaml",
        "files": {"v.yaml": b"\0" * 50_000_000},
        "words": ("larger than 256 KiB",),
    },
    "vendor-yaml-bomb": {"args": "generate --vendor v.yaml", "files": {"v.yaml": BOMB}, "words": ("alias", "mistakes")},
    "vendor-empty-file": {
        "args": "generate --vendor v.yaml",
        "files": {"v.yaml": b""},
        "words": ("the file is empty",),
    },
    "vendor-with-escape": {"args": "generate --vendor \x1b[2J", "words": ("no vendor named",), "never": ("\x1b",)},
    "vendor-nothing": {"args": "vendor nothing", "words": ("no such command 'nothing'",)},
    "vendor-show-unknown": {"args": "vendor show --vendor nobody", "words": ("no vendor named 'nobody'", "mailmark")},
    "vendor-check-unknown-code": {"args": "vendor check --ignore W9", "words": ("'W9' is not the code", "W101")},
    "vendor-check-mistakes": {
        "args": "vendor check",
        "files": {"byoaws.yaml": FIVE_MISTAKES},
        "words": ("./byoaws.yaml' has 5 mistakes",),
    },
    "vendor-own-pack-mistakes": {
        "args": "vendor show",
        "files": {"byoaws.yaml": _OWN, "own.yaml": _PACK},
        "words": (
            "./byoaws.yaml' has 6 mistakes",
            "./own.yaml:2:34: statements[0].actions[0].action: 's3:*' has a wildcard",
        ),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
