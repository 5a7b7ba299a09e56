"""`byoaws policy`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: dict[str, dict[str, Any]] = {
    "kind-unknown": {"args": "policy admin", "words": ("'admin' is not one of", "byoaws policy --help")},
    "account-id": {
        "args": "policy permissions --account-id 12",
        "words": ("'12' is not an AWS account id", "12 digits"),
    },
    "policy-pack-unknown": {"args": "policy permissions --pack nope", "words": ("no permission pack named 'nope'",)},
    "policy-pack-for-trust": {"args": "policy trust --pack ses-send", "words": ("concern permissions only",)},
    "policy-pack-wants-a-domain": {
        "args": "policy permissions --vendor selfmx --pack domain",
        "words": ("limited to one domain", "--domain"),
    },
    "policy-domain-for-no-pack": {
        "args": "policy permissions --vendor selfmx --domain example.com",
        "words": ("not limited to a domain",),
    },
    "policy-domain-is-none": {
        "args": "policy permissions --vendor selfmx --pack domain --domain *.com",
        "words": ("'*.com' is not a domain",),
    },
    "policy-trust-of-keys": {"args": "policy trust --vendor selfmx", "words": ("no role trusts it",)},
    "account-id-empty": {"args": "policy permissions --account-id ''", "words": ("--account-id", "empty")},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
