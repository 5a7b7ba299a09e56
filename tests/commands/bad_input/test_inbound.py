"""`byoaws inbound`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

_REPLAY, _BACKFILL = "inbound redrive --connection {connection}", "inbound backfill --connection {connection}"

CASES: dict[str, dict[str, Any]] = {
    "redrive-nobody": {"args": "inbound redrive", "words": ("--connection",)},
    "redrive-unknown": {"args": "inbound redrive --connection con_none", "words": ("no connection 'con_none'",)},
    "redrive-pending": {"args": _REPLAY, "words": ("has no role ARN yet", "byoaws verify")},
    "redrive-empty": {"args": "inbound redrive --connection ''", "words": ("--connection", "empty")},
    "redrive-rate-none": {"args": f"{_REPLAY} --rate 0", "words": ("0 messages a second cannot be meant", "up to 100")},
    "redrive-rate-many": {"args": f"{_REPLAY} --rate 1000", "words": ("1000 messages a second cannot be meant",)},
    "redrive-rate-word": {"args": f"{_REPLAY} --rate fast", "words": ("'fast' is not a valid float",)},
    "backfill-no-since": {"args": _BACKFILL, "words": ("--since",)},
    "backfill-since-word": {"args": f"{_BACKFILL} --since yesterday", "words": ("'yesterday' is not a time", "6h")},
    "backfill-backwards": {"args": f"{_BACKFILL} --since 1h --until 2h", "words": ("before it begins",)},
    "backfill-until-empty": {"args": f"{_BACKFILL} --since 1h --until ''", "words": ("--until", "empty")},
    "backfill-prefix": {"args": f"{_BACKFILL} --since 1h --prefix other/", "words": ("is not below 'inbound/'",)},
    "backfill-pending": {"args": f"{_BACKFILL} --since 1h", "words": ("has no role ARN yet", "byoaws verify")},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
