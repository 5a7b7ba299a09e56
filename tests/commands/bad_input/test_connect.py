"""`byoaws connect`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"
_OTHER = "https://acme.s3.us-east-1.amazonaws.com/templates/{}/0.9.0-0123456789ab/template.yaml?versionId=1"
_NO_AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1", "NO_PROXY": "127.0.0.1"}

CASES: dict[str, dict[str, Any]] = {
    "alias-missing": {"args": "connect", "words": ("missing option '--alias'", "byoaws connect --help")},
    "alias-empty": {"args": "connect --alias ''", "words": ("'' is not an alias", "printable")},
    "alias-with-escape": {"args": "connect --alias \x1b[2J", "words": ("is not an alias",), "never": ("\x1b",)},
    "alias-too-long": {"args": f"connect --alias {'x' * 101}", "words": ("is not an alias", "100")},
    "customer-with-escape": {
        "args": "connect --alias A --customer \x1b[2J",
        "words": ("is not a customer",),
        "never": ("\x1b",),
    },
    "connect-takes-no-external-id": {
        "args": f"connect --alias A --external-id {EXTERNAL_ID}",
        "words": ("no such option", "--external-id"),
    },
    "connect-older-unread": {
        "args": f"connect --alias A --template-url {_OTHER.format('mailmark')}",
        "env": _NO_AWS,
        "words": ("0.9.0-0123456789ab",),
    },
    "connect-registration-hours": {
        "args": "connect --alias a --registration-hours 0",
        "words": ("'--registration-hours'", "1<=x<=168"),
    },
    "connect-of-keys": {"args": "connect --vendor selfmx --alias A", "words": ("no connection to keep", "byoaws link")},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
