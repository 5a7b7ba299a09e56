"""`byoaws verify`, asked wrongly."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from click.testing import Result

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"
EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"
VERIFY = f"verify {ROLE} --external-id {EXTERNAL_ID}"
TO = "--external-id " + EXTERNAL_ID

CASES: dict[str, dict[str, Any]] = {
    "arn-malformed": {"args": f"verify nonsense {TO}", "words": ("'nonsense' is not an ARN", "RoleArn")},
    "arn-empty": {"args": f"verify '' {TO}", "words": ("not an ARN",)},
    "arn-of-user": {
        "args": f"verify arn:aws:iam::444455556666:user/bob {TO}",
        "words": ("not the ARN of an IAM role", "Outputs tab"),
    },
    "arn-of-bucket": {"args": f"verify arn:aws:s3:::bucket {TO}", "words": ("not the ARN of an IAM role",)},
    "arn-of-session": {
        "args": f"verify arn:aws:sts::444455556666:assumed-role/r/s {TO}",
        "words": ("session of a role, not the role",),
    },
    "arn-short-account": {"args": f"verify arn:aws:iam::4444:role/r {TO}", "words": ("'4444' is not 12 digits",)},
    "arn-unknown-partition": {"args": f"verify arn:moon:iam::444455556666:role/r {TO}", "words": ("'moon'", "aws-cn")},
    "arn-with-escape": {"args": f"verify \x1b[31mred {TO}", "words": ("is not an ARN",)},
    "own-account": {
        "args": f"verify arn:aws:iam::111122223333:role/r {TO}",
        "words": ("own account 111122223333", "customer's account"),
    },
    "connection-unknown-verify": {
        "args": f"verify {ROLE} --connection con_none",
        "words": ("no connection 'con_none'",),
    },
    "connection-without-role": {
        "args": "verify --connection {connection}",
        "words": ("has no role ARN yet", "byoaws verify ROLE_ARN --connection"),
    },
    "connection-other-external-id": {
        "args": f"verify {ROLE} --connection {{connection}} {TO}",
        "words": ("another ExternalId", "leave --external-id out"),
    },
    "role-not-stored": {
        "args": f"verify {ROLE}",
        "words": ("no stored connection", "give --external-id", "--connection ID"),
    },
    "verify-secret-arn-of-nobody": {
        "args": f"{VERIFY} --secret-arn arn:aws:secretsmanager:us-east-1:444455556666:secret:s",
        "words": ("--secret-arn is of a stored connection", "--connection ID"),
    },
    "verify-secret-arn-empty": {"args": f"{VERIFY} --secret-arn ''", "words": ("--secret-arn", "empty")},
    "option-unknown": {"args": "verify --bogus", "words": ("no such option '--bogus'", "byoaws verify --help")},
    "verify-nothing": {"args": "verify", "words": ("no role to verify", "give a ROLE_ARN, or --connection ID")},
    "verify-wait": {"args": f"{VERIFY} --wait forever", "words": ("'forever' is not a valid float",)},
    "verify-wait-too-long": {"args": f"{VERIFY} --wait 601", "words": ("601",)},
    "verify-wait-nan": {"args": f"{VERIFY} --wait nan", "words": ("--wait",)},
    "verify-send-without-events": {
        "args": f"{VERIFY} --send",
        "words": ("--send needs --events FILE", "docs/webhooks.md"),
    },
    "verify-events-without-send": {"args": f"{VERIFY} --events e.jsonl", "words": ("--events is for --send",)},
    "verify-send-from-without-send": {
        "args": f"{VERIFY} --send-from a@b.example",
        "words": ("--send-from is for --send",),
    },
    "verify-send-wait-without-send": {"args": f"{VERIFY} --send-wait 5", "words": ("--send-wait is for --send",)},
    "verify-send-events-empty": {"args": f"{VERIFY} --send --events ''", "words": ("--events", "empty")},
    "verify-send-events-is-a-folder": {
        "args": f"{VERIFY} --send --events there",
        "files": {"there": None},
        "words": ("'there' cannot be read", "ordinary file"),
    },
    "verify-send-events-in-no-folder": {
        "args": f"{VERIFY} --send --events none/e.jsonl",
        "words": ("its folder is not there",),
    },
    "verify-send-events-with-escape": {
        "args": f"{VERIFY} --send --events \x1b[31m/e",
        "words": ("its folder is not there",),
        "never": ("\x1b[31m",),
    },
    "verify-send-wait-too-long": {"args": f"{VERIFY} --send --events e --send-wait 601", "words": ("601",)},
    "verify-send-wait-nan": {"args": f"{VERIFY} --send --events e --send-wait nan", "words": ("--send-wait",)},
    "verify-send-wait-negative": {"args": f"{VERIFY} --send --events e --send-wait -1", "words": ("--send-wait", "-1")},
    "verify-send-from-nobody": {
        "args": f"{VERIFY} --send --events e --send-from customer.example",
        "words": ("is not a mail address", "verified"),
    },
    "verify-send-from-two": {
        "args": f"{VERIFY} --send --events e --send-from a@b.example,c@d.example",
        "words": ("is not a mail address",),
    },
    "verify-send-from-with-escape": {
        "args": f"{VERIFY} --send --events e --send-from \x1b[31m@b.example",
        "words": ("is not a mail address",),
        "never": ("\x1b[31m",),
    },
    "verify-send-of-keys": {
        "args": "verify --vendor selfmx --send --events e",
        "words": ("no block 'notifications'", "leave --send out"),
    },
    "verify-empty-connection": {
        "args": "verify --connection ''",
        "words": (
            "--connection",
            "empty",
        ),
    },
    "verify-bucket-without-connection": {"args": f"{VERIFY} --bucket mail", "words": ("--connection ID",)},
    "verify-role-of-keys": {
        "args": "verify arn:aws:iam::444455556666:role/x --vendor selfmx --external-id 0123456789abcdef",
        "words": ("has no role in the customer's account", "--profile"),
    },
    "verify-keys-with-external-id": {
        "args": "verify --vendor selfmx --external-id 0123456789abcdef",
        "words": ("there is no ExternalId",),
    },
    "verify-keys-unknown-region": {"args": "verify --vendor selfmx --region mars-1", "words": ("mars-1",)},
    "verify-bucket-is-none": {
        "args": "verify arn:aws:iam::444455556666:role/x --bucket A_b --external-id 0123456789abcdef",
        "words": ("is not the name of a bucket",),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)


def test_no_credentials_is_the_operators_fault(run: Callable[..., Result], vendor_env: Mapping[str, str]) -> None:
    done = run("verify", ROLE, "--external-id", EXTERNAL_ID, "--wait", "0")
    assert done.exit_code == 3
    assert "UNKNOWN" in done.stdout
    assert "our own credentials do not work" in done.stdout
    assert "the operator's to mend" in done.stdout
    assert "FAIL" not in done.stdout
