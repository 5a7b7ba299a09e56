"""What any command refuses: a region that is none, or of no use, and what is no ExternalId."""

from collections.abc import Callable
from typing import Any

import pytest

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"
EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"
VERIFY = f"verify {ROLE} --external-id {EXTERNAL_ID}"
TO = "--external-id " + EXTERNAL_ID

CASES: dict[str, dict[str, Any]] = {
    "region-unknown": {"args": "link --region moon-1", "words": ("'moon-1' is not an AWS region", "us-east-1")},
    "region-unknown-verify": {"args": f"{VERIFY} --region moon-1", "words": ("'moon-1' is not an AWS region",)},
    "region-unknown-env": {"args": "connect --alias A", "env": {"AWS_REGION": "moon-1"}, "words": ("'moon-1' is not",)},
    "region-unknown-env-verify": {"args": VERIFY, "env": {"AWS_REGION": "moon-1"}, "words": ("'moon-1' is not",)},
    "region-unknown-policy": {"args": "policy trust --region moon-1", "words": ("'moon-1' is not an AWS region",)},
    "region-without-ses": {"args": "link --region mx-central-1", "words": ("has no SES", "regions with SES")},
    "region-without-receiving": {"args": "link --region eu-central-2", "words": ("cannot receive", "eu-central-1")},
    "region-empty": {"args": "link --region ''", "words": ("--region", "empty", "shell variable")},
    "region-of-other-partition": {
        "args": f"verify arn:aws-us-gov:iam::444455556666:role/r {TO} --region us-east-1",
        "words": ("us-gov", "us-east-1"),
    },
    "region-of-other-partition-link": {"args": "link --region us-gov-west-1", "words": ("SES cannot receive",)},
    "region-not-the-connection's": {
        "args": f"verify {ROLE} --connection {{connection}} --region us-east-1",
        "words": ("eu-west-1", "--region"),
    },
    **{
        f"external-id-{what}-{command.split()[0]}": {
            "args": f"{command} --external-id {value}",
            "words": (word, "2 to 1224"),
        }
        for command in ("link", f"verify {ROLE}", "policy trust")
        for what, value, word in (
            ("empty", "''", "'' is not an ExternalId"),
            ("too-short", "x", "'x' is not an ExternalId"),
            ("too-long", "x" * 1225, "is not an ExternalId"),
            ("bad-characters", "a*b", "'a*b' is not an ExternalId"),
        )
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
