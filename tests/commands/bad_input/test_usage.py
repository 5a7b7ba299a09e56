"""What is no command, and commands of which little can be asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: dict[str, dict[str, Any]] = {
    "preflight-no-region": {"args": "preflight --region mars-1", "words": ("region 'mars-1' is not an AWS region",)},
    "preflight-stack-name": {
        "args": "preflight --region us-east-1 --stack-name 1_x",
        "words": ("no name for a stack",),
    },
    "command-unknown": {"args": "verfy", "words": ("no such command 'verfy'", "byoaws --help")},
    "port-taken-range": {"args": "fake-aws --port 70000", "words": ("70000", "65535")},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
