"""`byoaws production-access`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

SAID = (
    "--domain example.com --website https://www.example.com --mail-type marketing --volume 5 --mails thin "
    "--recipients thin --bounces thin --unsubscribe thin"
)

CASES: dict[str, dict[str, Any]] = {
    "production-nobody": {
        "args": "production-access status",
        "words": ("give --connection ID, or --region R", "status --help"),
    },
    "production-region": {
        "args": "production-access status --region moon-1",
        "words": ("'moon-1' is not an AWS region",),
    },
    "production-region-empty": {"args": "production-access status --region ''", "words": ("--region", "empty")},
    "production-both": {
        "args": "production-access status --connection {connection} --region us-east-1",
        "words": ("leave --region out",),
    },
    "production-pending": {
        "args": "production-access status --connection {connection}",
        "words": ("has no role ARN yet", "byoaws verify"),
    },
    "production-unknown": {"args": "production-access status --connection con_none", "words": ("no connection 'con_",)},
    "production-missing": {
        "args": "production-access request --region us-east-1",
        "words": ("missing: --domain, --website", "a terminal"),
    },
    "production-thin": {
        "args": f"production-access request --region us-east-1 {SAID}",
        "words": ("not ready", "--mails: 'thin' is too thin", "--unsubscribe: 'thin' is too thin"),
    },
    "production-domain-with-escape": {
        "args": f"production-access request --region us-east-1 {SAID.replace('example.com', chr(27) + '[2J', 1)}",
        "words": ("--domain",),
        "never": ("\x1b[2J",),
    },
    "production-dns-server-empty": {
        "args": f"production-access request --region us-east-1 {SAID} --dns-server ''",
        "words": ("--dns-server", "empty"),
    },
    "production-mail-type": {"args": "production-access request --mail-type spam", "words": ("'spam' is not one of",)},
    "production-volume": {
        "args": "production-access request --volume many",
        "words": ("'many' is not a valid integer",),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
