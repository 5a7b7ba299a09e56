"""`byoaws publish`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

_NO_AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1", "NO_PROXY": "127.0.0.1"}
_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2hunter2"}

CASES: dict[str, dict[str, Any]] = {
    "publish-without-bucket": {"args": "publish", "words": ("--bucket", "byoaws publish --help")},
    "publish-bucket-empty": {"args": "publish --bucket ''", "words": ("--bucket", "empty")},
    "publish-bucket-upper-case": {"args": "publish --bucket Acme", "words": ("'Acme' is not the name of a bucket",)},
    "publish-bucket-url": {"args": "publish --bucket s3://acme", "words": ("is not the name of a bucket", "hyphens")},
    "publish-bucket-arn": {"args": "publish --bucket arn:aws:s3:::acme", "words": ("is not the name of a bucket",)},
    "publish-bucket-long": {"args": f"publish --bucket {'x' * 64}", "words": ("is not the name of a bucket",)},
    "publish-region-unknown": {"args": "publish --bucket acme --region moon-1", "words": ("'moon-1' is not an AWS",)},
    "publish-region-env": {
        "args": "publish --bucket acme",
        "env": {"AWS_REGION": "moon-1"},
        "words": ("'moon-1' is not",),
    },
    "publish-format": {"args": "publish --bucket acme --format yaml", "words": ("--format", "'yaml'")},
    "publish-vendor": {"args": "publish --bucket acme --vendor nobody", "words": ("no vendor named 'nobody'",)},
    "publish-no-credentials": {"args": "publish --bucket acme", "code": 3, "words": ("credentials", "AWS_PROFILE")},
    "publish-unreachable": {
        "args": "publish --bucket acme",
        "code": 3,
        "env": _NO_AWS | _KEYS,
        "words": ("check the network",),
        "never": ("hunter2",),
    },
    "publish-no-profile": {"args": "publish --bucket acme --profile nobody", "code": 3, "words": ("'nobody'",)},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
