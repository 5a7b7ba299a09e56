"""`byoaws cost`, asked wrongly."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "data" / "bad_input"
BOMB = (DATA / "bomb.yaml").read_bytes()

CASES: dict[str, dict[str, Any]] = {
    "cost-nothing": {"args": "cost", "words": ("missing option '--emails'", "byoaws cost --help")},
    "cost-negative": {"args": "cost --emails -1", "words": ("-1",)},
    "cost-words": {"args": "cost --emails many", "words": ("'many' is not a valid integer",)},
    "cost-too-many": {"args": f"cost --emails {10**13}", "words": ("cannot be meant", "1,000,000,000,000")},
    "cost-too-large": {"args": "cost --emails 1 --average-kb 40961", "words": ("40961 KB of a message", "40,960")},
    "cost-plan": {"args": "cost --emails 1 --plan pro", "words": ("'pro' is not one of",)},
    "cost-prices-missing": {"args": "cost --emails 1 --prices none.yaml", "words": ("cannot read 'none.yaml'",)},
    "cost-prices-empty-name": {"args": "cost --emails 1 --prices ''", "words": ("--prices", "empty")},
    "cost-prices-directory": {"args": "cost --emails 1 --prices d", "files": {"d": None}, "words": ("is a directory",)},
    "cost-prices-latin-1": {
        "args": "cost --emails 1 --prices p",
        "files": {"p": b"\xff"},
        "words": ("not UTF-8", "name a price table"),
    },
    "cost-prices-mistakes": {
        "args": "cost --emails 1 --prices p",
        "files": {"p": b"currency: usd\nregion: us-east-1\nas_of: today\nprices: []\n"},
        "words": (
            "price table 'p' has",
            "p:1:1: currency: 'usd'",
            "p:3:1: as_of: 'today'",
            "p:4:1: prices:",
            "prices.yaml",
        ),
    },
    "cost-prices-bomb": {"args": "cost --emails 1 --prices p", "files": {"p": BOMB}, "words": ("alias",)},
    "cost-prices-with-escape": {
        "args": "cost --emails 1 --prices p",
        "files": {"p": b'currency: "\\e[2J"\n'},
        "words": ("currency",),
        "never": ("\x1b",),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
