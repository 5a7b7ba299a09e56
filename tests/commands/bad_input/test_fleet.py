"""`byoaws recheck`, `schedule` and `worker`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: dict[str, dict[str, Any]] = {
    "recheck-all-and-some": {"args": "recheck --all --status failed", "words": ("--all leaves nothing to choose",)},
    "recheck-status": {"args": "recheck --status disconnected", "words": ("'disconnected' is not one of",)},
    **{
        f"recheck-older-than-{value}": {
            "args": f"recheck --older-than {value}",
            "words": ("is not a length of time", "such as 24h"),
        }
        for value in ("24", "-1h", "1.5h", "0h", "h", "\u0662h", "''", "1y")
    },
    "recheck-older-than-ages": {
        "args": "recheck --older-than 99999d",
        "words": ("too short or too long: from 1s to 366d",),
    },
    "recheck-rate-none": {"args": "recheck --rate 0", "words": ("--rate", "1<=x<=5000")},
    "recheck-rate-nan": {"args": "recheck --rate nan", "words": ("--rate",)},
    "recheck-concurrency": {"args": "recheck --concurrency 0", "words": ("--concurrency",)},
    "recheck-hold": {"args": "recheck --hold 0", "words": ("--hold",)},
    "schedule-period": {"args": "schedule --period 30s", "words": ("too short or too long: from 1m to 366d",)},
    "schedule-soon": {"args": "schedule --soon 1s", "words": ("too short or too long: from 10s to 366d",)},
    "schedule-soon-late": {"args": "schedule --soon 2d --period 1d", "words": ("--soon is longer than --period",)},
    "notify-webhook-http": {
        "args": "recheck --notify-webhook http://example.com/?token=geheim",
        "words": ("cannot be posted to", "https://"),
        "never": ("geheim",),
    },
    "notify-webhook-no-secret": {
        "args": "recheck --notify-webhook https://example.com/",
        "words": ("no secret to sign", "BYOAWS_NOTIFY_SECRET"),
    },
    "notify-webhook-bad-secret": {
        "args": "recheck --notify-webhook https://example.com/",
        "env": {"BYOAWS_NOTIFY_SECRET": "geheim"},
        "words": ("not a Standard Webhooks key", "whsec_"),
        "never": ("geheim",),
    },
    "notify-mail-alone": {"args": "schedule --notify-mail a@example.com", "words": ("--notify-from",)},
    "notify-from-alone": {"args": "schedule --notify-from a@example.com", "words": ("--notify-mail",)},
    **{
        f"notify-mail-{name}": {
            "args": f"recheck --notify-mail {address} --notify-from a@example.com",
            "words": ("--notify-mail", "not one address, such as ops@example.com"),
        }
        for name, address in {
            "name": "ops",
            "two": "a@b.example,c@d.example",
            "twice": "a@b@c",
            "open": "<a@b",
            "shut": "a@b>",
        }.items()
    },
    "notify-from-domain": {"args": "worker --notify-from example.com", "words": ("--notify-from", "not one address")},
    "notify-mail-empty": {"args": "schedule --notify-mail ''", "words": ("it is empty",)},
    "notify-command-none": {"args": "recheck --notify-command ./tell", "words": ("'./tell' is no program", "PATH")},
    "notify-command-empty": {"args": "recheck --notify-command ''", "words": ("it is empty",)},
    "recheck-queue-watch": {"args": "recheck --queue --watch", "words": ("--queue does not wait", "leave out one")},
    "recheck-queue-in-vain": {
        "args": "recheck --queue --rate 5 --notify-mail Ops<a@example.com>",
        "words": ("for the workers to say, and is not heeded with --queue: --notify-mail, --rate",),
    },
    "recheck-queue-sqlite": {"args": "recheck --queue", "words": ("a store on PostgreSQL", "byoaws schedule")},
    "worker-sqlite": {
        "args": "worker",
        "words": ("a store on PostgreSQL", "run byoaws schedule", "--store postgresql:"),
    },
    "worker-batch": {"args": "worker --batch 0", "words": ("--batch", "1<=x<=1000")},
    "worker-rate": {"args": "worker --rate 0", "words": ("--rate", "1<=x<=5000")},
    "metrics-port": {"args": "schedule --metrics-port 70000", "words": ("--metrics-port", "1<=x<=65535")},
    "metrics-host-alone": {"args": "schedule --metrics-host ::1", "words": ("--metrics-port listens: give that, too",)},
    "metrics-host-empty": {"args": "worker --metrics-host ''", "words": ("it is empty",)},
    "metrics-file-empty": {"args": "recheck --metrics-file ''", "words": ("it is empty",)},
    "metrics-file-folder": {"args": "recheck --metrics-file /", "words": ("--metrics-file", "is a directory")},
    "notify-command-quote": {"args": "recheck --notify-command it's", "words": ("cannot be read", "quote")},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
