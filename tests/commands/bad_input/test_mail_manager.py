"""`byoaws mail-manager`, asked wrongly, and a pipeline with mistakes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "data" / "bad_input"
BOMB = (DATA / "bomb.yaml").read_bytes()
_RULES = (
    b"# byoaws rule-set=rs-1 account=444455556666 region=us-east-1 fingerprint=sha256:"
    + b"0" * 64
    + b"\nRuleSetName: a\n"
)
_IMPORT = "mail-manager import-list f.csv --list l --region us-east-1"
_BY_MAIL_MANAGER = b"""\
name: acme
title: Acme Mail
aws: {account_id: "111122223333"}
packs: [self-read]
stack: {name: acme, version: 1.0.0, blocks: [inbound, access]}
probes: [role-arn, vendor-identity, external-id-required, external-id-checked, assume-role, caller-identity]
inbound: mail-manager
mail_manager:
  ingress_points:
    public: {type: open, tls_policy: %s, traffic_policy: guard, rule_set: main}
  traffic_policies: {guard: {default_action: deny, statements: [{allow: [{recipient: inbound-recipients}]}]}}
  rule_sets:
    main:
      - {name: a, conditions: [{%s}], actions: [drop]}
"""
_TEMPLATE = "--template-url https://b.s3.amazonaws.com/t.yaml"

CASES: dict[str, dict[str, Any]] = {
    "driving-nobody": {"args": "mail-manager wait", "words": ("give --connection ID, or --region R",)},
    "driving-region": {
        "args": "mail-manager wait --region eusc-de-east-1",
        "words": ("no Mail Manager in region 'eusc-de-east-1'", "eu-west-1"),
    },
    "driving-pending": {
        "args": "mail-manager wait --connection {connection}",
        "words": ("has no role ARN yet", "byoaws verify"),
    },
    "driving-timeout": {"args": "mail-manager wait --timeout -1", "words": ("--timeout", "-1")},
    "driving-empty-id": {"args": "mail-manager wait --ingress-point ''", "words": ("--ingress-point", "empty")},
    "import-no-list": {"args": "mail-manager import-list f.csv", "words": ("missing option '--list'",)},
    "import-no-file": {"args": _IMPORT, "words": ("cannot read 'f.csv'",)},
    "import-directory": {"args": _IMPORT, "files": {"f.csv": None}, "words": ("is a directory",)},
    "import-no-format": {
        "args": _IMPORT.replace(".csv", ""),
        "files": {"f": b"address\n"},
        "words": ("CSV or JSON", "--data-format csv"),
    },
    "import-no-header": {
        "args": _IMPORT,
        "files": {"f.csv": b"a@example.com\n"},
        "words": ("f.csv:1:", "header 'address'"),
        "never": ("a@example",),
    },
    "import-utf-16": {"args": _IMPORT, "files": {"f.csv": "address\n".encode("utf-16")}, "words": ("UTF-16", "UTF-8")},
    "import-endless-lines": {
        "args": _IMPORT,
        "files": {"f.csv": b"address\n" + b"\n" * 600_000 + b"x"},
        "words": ("more than 500,000 rows",),
    },
    "import-too-large": {
        "args": _IMPORT,
        "files": {"f.csv": b"x" * 64_000_001},
        "words": ("larger than 64,000,000 bytes",),
    },
    "import-json-nested": {
        "args": _IMPORT.replace("csv", "json"),
        "files": {"f.json": b'{"items":' + b"[" * 100_000},
        "words": ("nested too deeply",),
    },
    "archive-no-time": {"args": "mail-manager archive search --region us-east-1", "words": ("give --since",)},
    "archive-moment": {
        "args": "mail-manager archive search --since soon\x1b[2J --region us-east-1",
        "words": ("--since 'soon?[2J' is no moment",),
        "never": ("\x1b",),
    },
    "archive-turned-round": {
        "args": "mail-manager archive search --since 1d --until 2d --region us-east-1",
        "words": ("not before",),
    },
    "archive-resume-and-more": {
        "args": "mail-manager archive search --resume x --sender a",
        "words": ("leave out --sender",),
    },
    "archive-resume-no-wait": {"args": "mail-manager archive search --resume x --no-wait", "words": ("--no-wait",)},
    "archive-unless": {
        "args": "mail-manager archive search --since 1d --unless body=x",
        "words": ("NAME=TEXT", "envelope-sender"),
    },
    "archive-many-texts": {
        "args": "mail-manager archive search --since 1d" + " --cc x" * 11,
        "words": ("'cc' is given 11 texts",),
    },
    "archive-limit": {"args": "mail-manager archive search --since 1d --limit 1001", "words": ("1001",)},
    "export-no-place": {"args": "mail-manager archive export --since 1d", "words": ("give --to s3://",)},
    "export-place": {
        "args": "mail-manager archive export --since 1d --to https://x/y",
        "words": ("is no place in S3", "s3://BUCKET"),
    },
    "rules-no-file": {"args": "mail-manager rules update r.yaml", "words": ("cannot read 'r.yaml'",)},
    "rules-no-header": {
        "args": "mail-manager rules update r.yaml",
        "files": {"r.yaml": b"Rules: []\n"},
        "words": ("whose rule set it is", "fetch"),
    },
    "rules-two-mistakes": {
        "args": "mail-manager rules diff r.yaml",
        "files": {"r.yaml": _RULES + b"Rules: [{Actions: [{Dorp: {}}]}, {Actions: []}]\n"},
        "words": ("has 2 mistakes", "r.yaml:3:21:", "r.yaml:3:35:"),
    },
    "rules-bomb": {
        "args": "mail-manager rules diff r.yaml",
        "files": {"r.yaml": _RULES + BOMB},
        "words": ("r.yaml:3:4:",),
    },
    "rules-nested": {
        "args": "mail-manager rules diff r.yaml",
        "files": {"r.yaml": _RULES + b"Rules: " + b"[" * 10_000},
        "words": ("r.yaml:3:", "nested more than 24"),
    },
    "rules-escape": {
        "args": "mail-manager rules diff r.yaml",
        "files": {"r.yaml": _RULES + b'"\\e[2J": 1\nRules: []\n'},
        "words": ("r.yaml:3:1",),
        "never": ("\x1b",),
    },
    "rules-large": {
        "args": "mail-manager rules diff r.yaml",
        "files": {"r.yaml": _RULES + b"#" * 1_000_001},
        "words": ("1,000,000 bytes",),
    },
    "rules-empty-without-yes": {
        "args": "mail-manager rules update r.yaml --allow-empty",
        "words": ("--allow-empty needs --yes",),
    },
    "rules-fetch-over-another-file": {
        "args": "mail-manager rules fetch r.yaml --region us-east-1",
        "files": {"r.yaml": b"mine"},
        "words": ("--force",),
    },
    **{
        f"mail-manager-{name}": {
            "args": f"{command} --vendor v.yaml",
            "files": {"v.yaml": _BY_MAIL_MANAGER % (b"required", wrong)},
            "words": words,
        }
        for command in ("generate", "vendor check", "cost --emails 1")
        for name, wrong, words in (
            (f"{command}-unknown", b"weather: {equals: [rain]}", ("v.yaml:14:33:", "unknown condition", "spf")),
            (
                f"{command}-two-in-one",
                b"spf: {equals: [fail]}, dkim: {equals: [fail]}",
                ("v.yaml:14:56:", "stands beside"),
            ),
            (f"{command}-misspelt", b"spf: {equals: [fial]}", ("v.yaml:14:48:", "'fial'", "did you mean 'fail'?")),
        )
    },
    "mail-manager-region": {
        "args": f"link --vendor v.yaml --region us-gov-west-1 {_TEMPLATE}",
        "files": {"v.yaml": _BY_MAIL_MANAGER % (b"required", b"tls: is-true")},
        "words": ("no Mail Manager in region 'us-gov-west-1'", "eu-west-1"),
    },
    "mail-manager-fips": {
        "args": f"connect --alias A --vendor v.yaml --region eu-west-1 {_TEMPLATE}",
        "files": {"v.yaml": _BY_MAIL_MANAGER % (b"fips", b"tls: is-true")},
        "words": ("tls_policy: fips", "US and Canada", "tls_policy: required"),
    },
    "receipt-rules-region": {
        "args": f"connect --alias A --region eu-central-2 {_TEMPLATE}",
        "env": {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"},
        "words": ("cannot receive mail in region 'eu-central-2'", "set inbound: mail-manager"),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
