"""Whatever is asked wrongly: one message with a way out, the documented exit code, nothing printed, nothing written."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.model import Connection

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"
EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"
OTHER_KEY = "b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktMTI="

# Everything that a good vendor file must not be, five times over.
FIVE_MISTAKES = b"""\
name: Acme Mail
title: ""
aws:
  account_id: "12345"
webhook_secret: sometimes
session:
  duration: 7
packs: [ses-send]
stack: {name: acme, version: 1.0.0, blocks: [sending, access]}
probes: [role-arn, vendor-identity, external-id-required, external-id-checked, assume-role, caller-identity]
"""
BOMB = b"a: &a [x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c]\n" % (after, after, before, before)
    for before, after in zip(b"abcdefghijklmnopqrstuvwxy", b"bcdefghijklmnopqrstuvwxyz", strict=True)
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One wrong command line. `{cwd}`, `{data}` and `{connection}` are filled in."""

    args: str
    """Words; `''` is an empty one."""
    words: tuple[str, ...]
    """What stderr must say."""
    code: int = 2
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    """In the working directory; None is a directory."""
    never: tuple[str, ...] = ()
    """What stderr must not say."""


VERIFY = f"verify {ROLE} --external-id {EXTERNAL_ID}"
TO = "--external-id " + EXTERNAL_ID

ARNS = {
    "arn-malformed": Case(args=f"verify nonsense {TO}", words=("'nonsense' is not an ARN", "RoleArn")),
    "arn-empty": Case(args=f"verify '' {TO}", words=("not an ARN",)),
    "arn-of-user": Case(
        args=f"verify arn:aws:iam::444455556666:user/bob {TO}", words=("not the ARN of an IAM role", "Outputs tab")
    ),
    "arn-of-bucket": Case(args=f"verify arn:aws:s3:::bucket {TO}", words=("not the ARN of an IAM role",)),
    "arn-of-session": Case(
        args=f"verify arn:aws:sts::444455556666:assumed-role/r/s {TO}", words=("session of a role, not the role",)
    ),
    "arn-short-account": Case(args=f"verify arn:aws:iam::4444:role/r {TO}", words=("'4444' is not 12 digits",)),
    "arn-unknown-partition": Case(args=f"verify arn:moon:iam::444455556666:role/r {TO}", words=("'moon'", "aws-cn")),
    "arn-with-escape": Case(args=f"verify \x1b[31mred {TO}", words=("is not an ARN",)),
    "own-account": Case(
        args=f"verify arn:aws:iam::111122223333:role/r {TO}", words=("own account 111122223333", "customer's account")
    ),
}
REGIONS = {
    "region-unknown": Case(args="link --region moon-1", words=("'moon-1' is not an AWS region", "us-east-1")),
    "region-unknown-verify": Case(args=f"{VERIFY} --region moon-1", words=("'moon-1' is not an AWS region",)),
    "region-unknown-env": Case(args="connect --alias A", env={"AWS_REGION": "moon-1"}, words=("'moon-1' is not",)),
    "region-unknown-env-verify": Case(args=VERIFY, env={"AWS_REGION": "moon-1"}, words=("'moon-1' is not",)),
    "region-unknown-policy": Case(args="policy trust --region moon-1", words=("'moon-1' is not an AWS region",)),
    "region-without-ses": Case(args="link --region mx-central-1", words=("has no SES", "regions with SES")),
    "region-without-receiving": Case(args="link --region eu-central-2", words=("cannot receive", "eu-central-1")),
    "region-empty": Case(args="link --region ''", words=("--region", "empty", "shell variable")),
    "region-of-other-partition": Case(
        args=f"verify arn:aws-us-gov:iam::444455556666:role/r {TO} --region us-east-1", words=("us-gov", "us-east-1")
    ),
    "region-of-other-partition-link": Case(args="link --region us-gov-west-1", words=("SES cannot receive",)),
    "region-not-the-connection's": Case(
        args=f"verify {ROLE} --connection {{connection}} --region us-east-1", words=("eu-west-1", "--region")
    ),
}
LINKS = {
    "template-not-s3": Case(
        args="link --template-url https://cdn.example/t.yaml", words=("'cdn.example' is not S3", "upload")
    ),
    "template-http": Case(args="link --template-url http://b.s3.amazonaws.com/k", words=("https://",)),
    "template-presigned": Case(
        args="link --template-url https://x.example/k?X-Amz-Signature=hunter2",
        words=("not S3",),
        never=("hunter2",),
    ),
    "template-other-partition": Case(
        args="link --template-url https://templates.s3.eusc-de-east-1.amazonaws.eu/k", words=("another partition",)
    ),
    "template-nowhere": Case(
        args="link", env={"MAILMARK_CFN_TEMPLATE_URL": ""}, words=("published nowhere", "MAILMARK_CFN_TEMPLATE_URL")
    ),
    "template-empty": Case(args="link --template-url ''", words=("--template-url", "empty")),
    "account-not-set": Case(args="link", env={"MAILMARK_AWS_ACCOUNT_ID": ""}, words=("MAILMARK_AWS_ACCOUNT_ID",)),
    "stack-name": Case(args="link --stack-name 1st", words=("'1st' is not a stack name", "letter")),
    "stack-name-empty": Case(args="link --stack-name ''", words=("--stack-name", "empty")),
    "param-unknown": Case(args="link --param Nonsense=1", words=("'Nonsense' is not in the template",)),
    "param-miscased": Case(
        args="link --param inboundwebhookurl=https://x.example/", words=("'InboundWebhookUrl'", "letter case")
    ),
    "param-without-equals": Case(
        args="link --param hunter2", words=("is not K=V", "byoaws link --help"), never=("hunter2",)
    ),
    "param-without-name": Case(args="link --param =x", words=("is not K=V",)),
    "param-twice": Case(args="link --param A=1 --param A=2", words=("'A' is given twice",)),
    "param-secret": Case(
        args="link --param WebhookSecret=hunter2hunter2", words=("cannot be set by --param",), never=("hunter2",)
    ),
    "param-external-id": Case(args=f"link --param ExternalId={EXTERNAL_ID}", words=("use --external-id",)),
    "param-bad-value": Case(
        args="link --param InboundWebhookUrl=hunter2", words=("'InboundWebhookUrl' does not match",), never=("hunter2",)
    ),
    "alias-missing": Case(args="connect", words=("missing option '--alias'", "byoaws connect --help")),
    "alias-empty": Case(args="connect --alias ''", words=("'' is not an alias", "printable")),
    "alias-with-escape": Case(args="connect --alias \x1b[2J", words=("is not an alias",), never=("\x1b",)),
    "alias-too-long": Case(args=f"connect --alias {'x' * 101}", words=("is not an alias", "100")),
    "customer-with-escape": Case(
        args="connect --alias A --customer \x1b[2J", words=("is not a customer",), never=("\x1b",)
    ),
    "connect-takes-no-external-id": Case(
        args=f"connect --alias A --external-id {EXTERNAL_ID}", words=("no such option", "--external-id")
    ),
}
_OTHER = "https://acme.s3.us-east-1.amazonaws.com/templates/{}/0.9.0-0123456789ab/template.yaml?versionId=1"
_NO_AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1", "NO_PROXY": "127.0.0.1"}
_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2hunter2"}
PUBLISH = {
    "publish-without-bucket": Case(args="publish", words=("--bucket", "byoaws publish --help")),
    "publish-bucket-empty": Case(args="publish --bucket ''", words=("--bucket", "empty")),
    "publish-bucket-upper-case": Case(args="publish --bucket Acme", words=("'Acme' is not the name of a bucket",)),
    "publish-bucket-url": Case(args="publish --bucket s3://acme", words=("is not the name of a bucket", "hyphens")),
    "publish-bucket-arn": Case(args="publish --bucket arn:aws:s3:::acme", words=("is not the name of a bucket",)),
    "publish-bucket-long": Case(args=f"publish --bucket {'x' * 64}", words=("is not the name of a bucket",)),
    "publish-region-unknown": Case(args="publish --bucket acme --region moon-1", words=("'moon-1' is not an AWS",)),
    "publish-region-env": Case(args="publish --bucket acme", env={"AWS_REGION": "moon-1"}, words=("'moon-1' is not",)),
    "publish-format": Case(args="publish --bucket acme --format yaml", words=("--format", "'yaml'")),
    "publish-vendor": Case(args="publish --bucket acme --vendor nobody", words=("no vendor named 'nobody'",)),
    "publish-no-credentials": Case(args="publish --bucket acme", code=3, words=("credentials", "AWS_PROFILE")),
    "publish-unreachable": Case(
        args="publish --bucket acme", code=3, env=_NO_AWS | _KEYS, words=("check the network",), never=("hunter2",)
    ),
    "publish-no-profile": Case(args="publish --bucket acme --profile nobody", code=3, words=("'nobody'",)),
    "link-older-unread": Case(
        args=f"link --template-url {_OTHER.format('mailmark')}",
        env=_NO_AWS,
        words=("0.9.0-0123456789ab", "we would generate 1.0.0-", "cannot be read", "byoaws publish"),
    ),
    "connect-older-unread": Case(
        args=f"connect --alias A --template-url {_OTHER.format('mailmark')}", env=_NO_AWS, words=("0.9.0-0123456789ab",)
    ),
    "link-another-vendor's": Case(
        args=f"link --template-url {_OTHER.format('acme')}", words=("of vendor 'acme'", "link of 'mailmark'")
    ),
}
EXTERNAL_IDS = {
    f"external-id-{what}-{command.split()[0]}": Case(args=f"{command} --external-id {value}", words=(word, "2 to 1224"))
    for command in ("link", f"verify {ROLE}", "policy trust")
    for what, value, word in (
        ("empty", "''", "'' is not an ExternalId"),
        ("too-short", "x", "'x' is not an ExternalId"),
        ("too-long", "x" * 1225, "is not an ExternalId"),
        ("bad-characters", "a*b", "'a*b' is not an ExternalId"),
    )
}
VENDORS = {
    "vendor-unknown": Case(args="link --vendor nobody", words=("no vendor named 'nobody'", "mailmark", "byoaws.yaml")),
    "vendor-unknown-env": Case(args="link", env={"BYOAWS_VENDOR": "nobody"}, words=("no vendor named 'nobody'",)),
    "vendor-empty": Case(args="link --vendor ''", words=("--vendor", "empty")),
    "vendor-missing": Case(
        args="generate --vendor ./none.yaml", words=("'./none.yaml' cannot be read", "no such file")
    ),
    "vendor-five-mistakes": Case(
        args="generate",
        files={"byoaws.yaml": FIVE_MISTAKES},
        words=(
            "./byoaws.yaml' has 5 mistakes",
            "./byoaws.yaml:1: name:",
            "./byoaws.yaml:2: title:",
            "./byoaws.yaml:4: aws.account_id:",
            "./byoaws.yaml:5: webhook_secret:",
            "./byoaws.yaml:7: session.duration:",
            "docs/vendor-file.md",
        ),
    ),
    "vendor-latin-1": Case(
        args="generate --vendor v.yaml",
        files={"v.yaml": b"name: acme\ntitle: Gr\xfc\xdfe\n"},
        words=("v.yaml:2", "UTF-8"),
    ),
    "vendor-directory": Case(args="generate", files={"byoaws.yaml": None}, words=("is a directory",)),
    "vendor-50-megabytes": Case(
        args="generate --vendor v.yaml", files={"v.yaml": b"\0" * 50_000_000}, words=("larger than 256 KiB",)
    ),
    "vendor-yaml-bomb": Case(args="generate --vendor v.yaml", files={"v.yaml": BOMB}, words=("alias", "mistakes")),
    "vendor-empty-file": Case(args="generate --vendor v.yaml", files={"v.yaml": b""}, words=("the file is empty",)),
    "vendor-with-escape": Case(args="generate --vendor \x1b[2J", words=("no vendor named",), never=("\x1b",)),
}
LIST = "connections list"
STORES = {
    "store-directory": Case(args=LIST, env={"BYOAWS_STORE": "sqlite:///{cwd}"}, code=3, words=("cannot open store",)),
    "store-below-a-file": Case(
        args=LIST, env={"BYOAWS_STORE": "sqlite:///{cwd}/f/s"}, files={"f": b""}, code=3, words=("cannot open store",)
    ),
    "store-no-database": Case(
        args=LIST,
        env={"BYOAWS_STORE": "sqlite:///{cwd}/f"},
        files={"f": b"hello"},
        code=3,
        words=("is not a SQLite database", "name another file"),
    ),
    "store-unknown-scheme": Case(
        args=f"{LIST} --store mysql://me:hunter2@host/db",
        words=("no store named 'mysql'", "sqlite"),
        never=("hunter2",),
    ),
    "store-no-scheme": Case(args=f"{LIST} --store store.db", words=("no store named", "sqlite")),
    "store-in-memory": Case(args=f"{LIST} --store sqlite://", code=3, words=("would forget", "sqlite:///PATH")),
    "store-empty": Case(args=f"{LIST} --store ''", words=("--store", "empty")),
    "store-unreachable": Case(
        args=f"{LIST} --store postgresql://me:hunter2@127.0.0.1:1/db",
        code=3,
        words=("cannot open store", "me:***@127.0.0.1"),
        never=("hunter2",),
    ),
    "store-for-connect": Case(
        args="connect --alias A", env={"BYOAWS_STORE": "sqlite:///{cwd}"}, code=3, words=("cannot open store",)
    ),
    "key-malformed": Case(args=LIST, env={"BYOAWS_KEY": "hunter2"}, code=3, words=("malformed",), never=("hunter2",)),
    "key-empty": Case(args=LIST, env={"BYOAWS_KEY": ""}, code=3, words=("BYOAWS_KEY is empty", "make a key with")),
    "key-wrong": Case(
        args="connections show {connection}",
        env={"BYOAWS_KEY": OTHER_KEY},
        code=3,
        words=("not the key that sealed it", "set BYOAWS_KEY"),
        never=(OTHER_KEY,),
    ),
    "connection-unknown": Case(args="connections show con_none", words=("no connection 'con_none'", "connections")),
    "connection-unknown-disconnect": Case(args="connections disconnect con_none --yes", words=("no connection 'con_",)),
    "connection-unknown-upgrade": Case(args="connections upgrade con_none", words=("no connection 'con_none'",)),
    "connection-unknown-drift": Case(args="connections drift con_none", words=("no connection 'con_none'",)),
    "drift-never-verified": Case(args="connections drift {connection}", words=("has no role ARN yet",)),
    "preflight-no-region": Case(args="preflight --region mars-1", words=("region 'mars-1' is not an AWS region",)),
    "preflight-stack-name": Case(args="preflight --region us-east-1 --stack-name 1_x", words=("no name for a stack",)),
    "connection-unknown-verify": Case(args=f"verify {ROLE} --connection con_none", words=("no connection 'con_none'",)),
    "connection-without-role": Case(
        args="verify --connection {connection}", words=("has no role ARN yet", "byoaws verify ROLE_ARN --connection")
    ),
    "connection-other-external-id": Case(
        args=f"verify {ROLE} --connection {{connection}} {TO}", words=("another ExternalId", "leave --external-id out")
    ),
    "role-not-stored": Case(
        args=f"verify {ROLE}", words=("no stored connection", "give --external-id", "--connection ID")
    ),
    "verify-secret-arn-of-nobody": Case(
        args=f"{VERIFY} --secret-arn arn:aws:secretsmanager:us-east-1:444455556666:secret:s",
        words=("--secret-arn is of a stored connection", "--connection ID"),
    ),
    "verify-secret-arn-empty": Case(args=f"{VERIFY} --secret-arn ''", words=("--secret-arn", "empty")),
    "connect-registration-hours": Case(
        args="connect --alias a --registration-hours 0", words=("'--registration-hours'", "1<=x<=168")
    ),
    "new-link-unknown": Case(args="connections new-link con_none", words=("no connection 'con_none'",)),
    "new-link-no-id": Case(args="connections new-link", words=("missing argument 'ID'",)),
    "new-link-hours": Case(
        args="connections new-link {connection} --registration-hours 169", words=("169 is not in the range 1<=x<=168",)
    ),
    "new-link-other-vendor": Case(
        args="connections new-link {connection} --vendor sendfleet", words=("belongs to vendor 'mailmark'",)
    ),
    "link-token-handed-in": Case(
        args="link --param RegistrationToken=once_x", words=("'RegistrationToken' cannot be set by --param",)
    ),
    "rotate-external-id-unknown": Case(args="connections rotate-external-id con_none", words=("no connection 'con_",)),
    "rotate-external-id-unverified": Case(
        args="connections rotate-external-id {connection}", words=("was never verified", "byoaws verify ROLE_ARN")
    ),
    "rotate-external-id-handed-in": Case(
        args="connections rotate-external-id {connection} --external-id chosen",
        words=("no such option '--external-id'",),
    ),
    "rotate-external-id-two": Case(
        args="connections rotate-external-id {connection} chosen", words=("unexpected extra argument",)
    ),
    "rotate-external-id-other-vendor": Case(
        args="connections rotate-external-id {connection} --vendor sendfleet", words=("belongs to vendor 'mailmark'",)
    ),
    "rotate-external-id-nothing-to-cancel": Case(
        args="connections rotate-external-id {connection} --cancel", words=("is pending; its ExternalId is", "begins")
    ),
    "rotate-external-id-cancel-unknown": Case(
        args="connections rotate-external-id con_none --cancel", words=("no connection 'con_none'",)
    ),
    "settle-unknown": Case(args="connections settle con_none", words=("no connection 'con_none'",)),
    "settle-empty": Case(args="connections settle ''", words=("it is empty; is a shell variable not set?",)),
    "settle-two": Case(args="connections settle {connection} {connection}", words=("unexpected extra argument",)),
    "settle-nothing-said": Case(
        args="connections settle {connection}", words=("has reported itself", "byoaws verify ROLE_ARN --connection")
    ),
    "settle-other-vendor": Case(
        args="connections settle {connection} --vendor sendfleet", words=("belongs to vendor 'mailmark'",)
    ),
    "rotate-secret-unknown": Case(args="connections rotate-secret con_none", words=("no connection 'con_none'",)),
    "rotate-secret-nothing-to-finish": Case(
        args="connections rotate-secret {connection} --finish", words=("no exchange", "begins one")
    ),
    "rotate-secret-other-vendor": Case(
        args="connections rotate-secret {connection} --vendor sendfleet", words=("belongs to vendor 'mailmark'",)
    ),
    **{
        f"rotate-secret-overlap-{value}": Case(
            args=f"connections rotate-secret {{connection}} --overlap {value}", words=("it is not 10m to 30d",)
        )
        for value in ("9m", "31d", "24", "-1h", "1.5h", "0h", "99999d", "\u0662h", "''")
    },
    "rotate-secret-out-is-there": Case(
        args="connections rotate-secret {connection} --out f", files={"f": b"mine"}, words=("'f' is there already",)
    ),
    "disconnect-unanswered": Case(
        args="connections disconnect {connection}", words=("standard input has no answer", "--help")
    ),
}
FILES = {
    "output-missing-directory": Case(
        args="generate -o none/t.yaml", words=("cannot write 'none/t.yaml'", "no such file")
    ),
    "output-below-a-file": Case(args="generate -o f/t.yaml", files={"f": b""}, words=("cannot write 'f/t.yaml'",)),
    "output-directory": Case(args="generate -o d", files={"d": None}, words=("'d' is a directory", "generate --help")),
    "output-and-check": Case(
        args="generate -o a.yaml --check b.yaml", files={"b.yaml": b""}, words=("exclude each other",)
    ),
    "check-missing": Case(args="generate --check none.yaml", words=("'none.yaml' does not exist",)),
    "check-directory": Case(args="generate --check d", files={"d": None}, words=("'d' is a directory",)),
    "check-latin-1": Case(
        args="generate --check t", files={"t": b"\xff\xfe"}, words=("'t' is not UTF-8 text", "name a")
    ),
    "check-huge": Case(
        args="generate --check t", files={"t": b" " * 2_000_001}, words=("larger than 2,000,000 bytes",)
    ),
    "lint-missing": Case(args="lint none.yaml", words=("no such template: 'none.yaml'",)),
    "lint-nothing": Case(args="lint", words=("missing argument 'PATHS...'", "byoaws lint --help")),
    "lint-empty-directory": Case(args="lint d", files={"d": None}, words=("'d' holds no CloudFormation template",)),
    "lint-format": Case(args="lint t --format xml", files={"t": b""}, words=("'xml'", "sarif")),
    "lint-jobs": Case(args="lint t --jobs 0", files={"t": b""}, words=("'--jobs'", "0")),
    "lint-link-empty": Case(args="lint t --link ''", files={"t": b""}, words=("'--link'", "empty")),
    "lint-explain-unknown": Case(args="lint --explain W9101", words=("no rule 'W9101'", "near: E9101")),
    "lint-explain-nothing": Case(args="lint --explain ''", words=("'--explain'", "empty")),
    "lint-explain-and-lint": Case(
        args="lint t --explain E9101", files={"t": b""}, words=("--explain lints nothing", "'t'")
    ),
    "lint-settings": Case(args="lint t", files={"t": b"", ".cfnlintrc": b"a: 1"}, words=(".cfnlintrc", "'a'")),
    "lint-vendor-unknown": Case(args="lint t --vendor nobody", files={"t": b""}, words=("no vendor named 'nobody'",)),
}
USAGE = {
    "command-unknown": Case(args="verfy", words=("no such command 'verfy'", "byoaws --help")),
    "option-unknown": Case(args="verify --bogus", words=("no such option '--bogus'", "byoaws verify --help")),
    "format-unknown": Case(args="link --format xml", words=("'xml' is not one of 'text', 'json'",)),
    "kind-unknown": Case(args="policy admin", words=("'admin' is not one of", "byoaws policy --help")),
    "verify-nothing": Case(args="verify", words=("no role to verify", "give a ROLE_ARN, or --connection ID")),
    "verify-wait": Case(args=f"{VERIFY} --wait forever", words=("'forever' is not a valid float",)),
    "verify-wait-too-long": Case(args=f"{VERIFY} --wait 601", words=("601",)),
    "verify-wait-nan": Case(args=f"{VERIFY} --wait nan", words=("--wait",)),
    "verify-send-without-events": Case(
        args=f"{VERIFY} --send", words=("--send needs --events FILE", "docs/webhooks.md")
    ),
    "verify-events-without-send": Case(args=f"{VERIFY} --events e.jsonl", words=("--events is for --send",)),
    "verify-send-from-without-send": Case(
        args=f"{VERIFY} --send-from a@b.example", words=("--send-from is for --send",)
    ),
    "verify-send-wait-without-send": Case(args=f"{VERIFY} --send-wait 5", words=("--send-wait is for --send",)),
    "verify-send-events-empty": Case(args=f"{VERIFY} --send --events ''", words=("--events", "empty")),
    "verify-send-events-is-a-folder": Case(
        args=f"{VERIFY} --send --events there", files={"there": None}, words=("'there' cannot be read", "ordinary file")
    ),
    "verify-send-events-in-no-folder": Case(
        args=f"{VERIFY} --send --events none/e.jsonl", words=("its folder is not there",)
    ),
    "verify-send-events-with-escape": Case(
        args=f"{VERIFY} --send --events \x1b[31m/e", words=("its folder is not there",), never=("\x1b[31m",)
    ),
    "verify-send-wait-too-long": Case(args=f"{VERIFY} --send --events e --send-wait 601", words=("601",)),
    "verify-send-wait-nan": Case(args=f"{VERIFY} --send --events e --send-wait nan", words=("--send-wait",)),
    "verify-send-wait-negative": Case(args=f"{VERIFY} --send --events e --send-wait -1", words=("--send-wait", "-1")),
    "verify-send-from-nobody": Case(
        args=f"{VERIFY} --send --events e --send-from customer.example", words=("is not a mail address", "verified")
    ),
    "verify-send-from-two": Case(
        args=f"{VERIFY} --send --events e --send-from a@b.example,c@d.example", words=("is not a mail address",)
    ),
    "verify-send-from-with-escape": Case(
        args=f"{VERIFY} --send --events e --send-from \x1b[31m@b.example",
        words=("is not a mail address",),
        never=("\x1b[31m",),
    ),
    "verify-send-of-keys": Case(
        args="verify --vendor selfmx --send --events e", words=("no block 'notifications'", "leave --send out")
    ),
    "verify-empty-connection": Case(
        args="verify --connection ''",
        words=(
            "--connection",
            "empty",
        ),
    ),
    "verify-bucket-without-connection": Case(args=f"{VERIFY} --bucket mail", words=("--connection ID",)),
    "port-taken-range": Case(args="fake-aws --port 70000", words=("70000", "65535")),
    "account-id": Case(args="policy permissions --account-id 12", words=("'12' is not an AWS account id", "12 digits")),
    "policy-pack-unknown": Case(args="policy permissions --pack nope", words=("no permission pack named 'nope'",)),
    "policy-pack-for-trust": Case(args="policy trust --pack ses-send", words=("concern permissions only",)),
    "policy-pack-wants-a-domain": Case(
        args="policy permissions --vendor selfmx --pack domain", words=("limited to one domain", "--domain")
    ),
    "policy-domain-for-no-pack": Case(
        args="policy permissions --vendor selfmx --domain example.com", words=("not limited to a domain",)
    ),
    "policy-domain-is-none": Case(
        args="policy permissions --vendor selfmx --pack domain --domain *.com", words=("'*.com' is not a domain",)
    ),
    "policy-trust-of-keys": Case(args="policy trust --vendor selfmx", words=("no role trusts it",)),
    "connect-of-keys": Case(args="connect --vendor selfmx --alias A", words=("no connection to keep", "byoaws link")),
    "verify-role-of-keys": Case(
        args="verify arn:aws:iam::444455556666:role/x --vendor selfmx --external-id 0123456789abcdef",
        words=("has no role in the customer's account", "--profile"),
    ),
    "verify-keys-with-external-id": Case(
        args="verify --vendor selfmx --external-id 0123456789abcdef", words=("there is no ExternalId",)
    ),
    "verify-keys-unknown-region": Case(args="verify --vendor selfmx --region mars-1", words=("mars-1",)),
    "link-external-id-of-keys": Case(
        args="link --vendor selfmx --external-id 0123456789abcdef", words=("there is no ExternalId",)
    ),
    "link-vendor-account": Case(
        args="link --param MailmarkAwsAccountId=999999999999", words=("cannot be set by --param",)
    ),
    "verify-bucket-is-none": Case(
        args="verify arn:aws:iam::444455556666:role/x --bucket A_b --external-id 0123456789abcdef",
        words=("is not the name of a bucket",),
    ),
    "account-id-empty": Case(args="policy permissions --account-id ''", words=("--account-id", "empty")),
}
SAID = (
    "--domain example.com --website https://www.example.com --mail-type marketing --volume 5 --mails thin "
    "--recipients thin --bounces thin --unsubscribe thin"
)
PRODUCTION = {
    "production-nobody": Case(
        args="production-access status",
        words=("give --connection ID, or --region R", "status --help"),
    ),
    "production-region": Case(
        args="production-access status --region moon-1", words=("'moon-1' is not an AWS region",)
    ),
    "production-region-empty": Case(args="production-access status --region ''", words=("--region", "empty")),
    "production-both": Case(
        args="production-access status --connection {connection} --region us-east-1", words=("leave --region out",)
    ),
    "production-pending": Case(
        args="production-access status --connection {connection}", words=("has no role ARN yet", "byoaws verify")
    ),
    "production-unknown": Case(args="production-access status --connection con_none", words=("no connection 'con_",)),
    "production-missing": Case(
        args="production-access request --region us-east-1",
        words=("missing: --domain, --website", "a terminal"),
    ),
    "production-thin": Case(
        args=f"production-access request --region us-east-1 {SAID}",
        words=("not ready", "--mails: 'thin' is too thin", "--unsubscribe: 'thin' is too thin"),
    ),
    "production-domain-with-escape": Case(
        args=f"production-access request --region us-east-1 {SAID.replace('example.com', chr(27) + '[2J', 1)}",
        words=("--domain",),
        never=("\x1b[2J",),
    ),
    "production-dns-server-empty": Case(
        args=f"production-access request --region us-east-1 {SAID} --dns-server ''", words=("--dns-server", "empty")
    ),
    "production-mail-type": Case(args="production-access request --mail-type spam", words=("'spam' is not one of",)),
    "production-volume": Case(args="production-access request --volume many", words=("'many' is not a valid integer",)),
}
_RULES = (
    b"# byoaws rule-set=rs-1 account=444455556666 region=us-east-1 fingerprint=sha256:"
    + b"0" * 64
    + b"\nRuleSetName: a\n"
)
_IMPORT = "mail-manager import-list f.csv --list l --region us-east-1"
DRIVING_MAIL_MANAGER = {
    "driving-nobody": Case(args="mail-manager wait", words=("give --connection ID, or --region R",)),
    "driving-region": Case(
        args="mail-manager wait --region eusc-de-east-1",
        words=("no Mail Manager in region 'eusc-de-east-1'", "eu-west-1"),
    ),
    "driving-pending": Case(
        args="mail-manager wait --connection {connection}", words=("has no role ARN yet", "byoaws verify")
    ),
    "driving-timeout": Case(args="mail-manager wait --timeout -1", words=("--timeout", "-1")),
    "driving-empty-id": Case(args="mail-manager wait --ingress-point ''", words=("--ingress-point", "empty")),
    "import-no-list": Case(args="mail-manager import-list f.csv", words=("missing option '--list'",)),
    "import-no-file": Case(args=_IMPORT, words=("cannot read 'f.csv'",)),
    "import-directory": Case(args=_IMPORT, files={"f.csv": None}, words=("is a directory",)),
    "import-no-format": Case(
        args=_IMPORT.replace(".csv", ""), files={"f": b"address\n"}, words=("CSV or JSON", "--data-format csv")
    ),
    "import-no-header": Case(
        args=_IMPORT, files={"f.csv": b"a@example.com\n"}, words=("f.csv:1:", "header 'address'"), never=("a@example",)
    ),
    "import-utf-16": Case(args=_IMPORT, files={"f.csv": "address\n".encode("utf-16")}, words=("UTF-16", "UTF-8")),
    "import-endless-lines": Case(
        args=_IMPORT, files={"f.csv": b"address\n" + b"\n" * 600_000 + b"x"}, words=("more than 500,000 rows",)
    ),
    "import-too-large": Case(args=_IMPORT, files={"f.csv": b"x" * 64_000_001}, words=("larger than 64,000,000 bytes",)),
    "import-json-nested": Case(
        args=_IMPORT.replace("csv", "json"),
        files={"f.json": b'{"items":' + b"[" * 100_000},
        words=("nested too deeply",),
    ),
    "archive-no-time": Case(args="mail-manager archive search --region us-east-1", words=("give --since",)),
    "archive-moment": Case(
        args="mail-manager archive search --since soon\x1b[2J --region us-east-1",
        words=("--since 'soon?[2J' is no moment",),
        never=("\x1b",),
    ),
    "archive-turned-round": Case(
        args="mail-manager archive search --since 1d --until 2d --region us-east-1", words=("not before",)
    ),
    "archive-resume-and-more": Case(
        args="mail-manager archive search --resume x --sender a", words=("leave out --sender",)
    ),
    "archive-resume-no-wait": Case(args="mail-manager archive search --resume x --no-wait", words=("--no-wait",)),
    "archive-unless": Case(
        args="mail-manager archive search --since 1d --unless body=x", words=("NAME=TEXT", "envelope-sender")
    ),
    "archive-many-texts": Case(
        args="mail-manager archive search --since 1d" + " --cc x" * 11, words=("'cc' is given 11 texts",)
    ),
    "archive-limit": Case(args="mail-manager archive search --since 1d --limit 1001", words=("1001",)),
    "export-no-place": Case(args="mail-manager archive export --since 1d", words=("give --to s3://",)),
    "export-place": Case(
        args="mail-manager archive export --since 1d --to https://x/y", words=("is no place in S3", "s3://BUCKET")
    ),
    "rules-no-file": Case(args="mail-manager rules update r.yaml", words=("cannot read 'r.yaml'",)),
    "rules-no-header": Case(
        args="mail-manager rules update r.yaml",
        files={"r.yaml": b"Rules: []\n"},
        words=("whose rule set it is", "fetch"),
    ),
    "rules-two-mistakes": Case(
        args="mail-manager rules diff r.yaml",
        files={"r.yaml": _RULES + b"Rules: [{Actions: [{Dorp: {}}]}, {Actions: []}]\n"},
        words=("has 2 mistakes", "r.yaml:3:21:", "r.yaml:3:35:"),
    ),
    "rules-bomb": Case(args="mail-manager rules diff r.yaml", files={"r.yaml": _RULES + BOMB}, words=("r.yaml:3:4:",)),
    "rules-nested": Case(
        args="mail-manager rules diff r.yaml",
        files={"r.yaml": _RULES + b"Rules: " + b"[" * 10_000},
        words=("r.yaml:3:", "nested more than 24"),
    ),
    "rules-escape": Case(
        args="mail-manager rules diff r.yaml",
        files={"r.yaml": _RULES + b'"\\e[2J": 1\nRules: []\n'},
        words=("r.yaml:3:1",),
        never=("\x1b",),
    ),
    "rules-large": Case(
        args="mail-manager rules diff r.yaml", files={"r.yaml": _RULES + b"#" * 1_000_001}, words=("1,000,000 bytes",)
    ),
    "rules-empty-without-yes": Case(
        args="mail-manager rules update r.yaml --allow-empty", words=("--allow-empty needs --yes",)
    ),
    "rules-fetch-over-another-file": Case(
        args="mail-manager rules fetch r.yaml --region us-east-1", files={"r.yaml": b"mine"}, words=("--force",)
    ),
}
COSTS = {
    "cost-nothing": Case(args="cost", words=("missing option '--emails'", "byoaws cost --help")),
    "cost-negative": Case(args="cost --emails -1", words=("-1",)),
    "cost-words": Case(args="cost --emails many", words=("'many' is not a valid integer",)),
    "cost-too-many": Case(args=f"cost --emails {10**13}", words=("cannot be meant", "1,000,000,000,000")),
    "cost-too-large": Case(args="cost --emails 1 --average-kb 40961", words=("40961 KB of a message", "40,960")),
    "cost-plan": Case(args="cost --emails 1 --plan pro", words=("'pro' is not one of",)),
    "cost-prices-missing": Case(args="cost --emails 1 --prices none.yaml", words=("cannot read 'none.yaml'",)),
    "cost-prices-empty-name": Case(args="cost --emails 1 --prices ''", words=("--prices", "empty")),
    "cost-prices-directory": Case(args="cost --emails 1 --prices d", files={"d": None}, words=("is a directory",)),
    "cost-prices-latin-1": Case(
        args="cost --emails 1 --prices p", files={"p": b"\xff"}, words=("not UTF-8", "name a price table")
    ),
    "cost-prices-mistakes": Case(
        args="cost --emails 1 --prices p",
        files={"p": b"currency: usd\nregion: us-east-1\nas_of: today\nprices: []\n"},
        words=("price table 'p' has", "p:1: currency: 'usd'", "p:3: as_of: 'today'", "p:4: prices:", "prices.yaml"),
    ),
    "cost-prices-bomb": Case(args="cost --emails 1 --prices p", files={"p": BOMB}, words=("alias",)),
    "cost-prices-with-escape": Case(
        args="cost --emails 1 --prices p", files={"p": b'currency: "\\e[2J"\n'}, words=("currency",), never=("\x1b",)
    ),
}
RUNBOOKS = {
    "runbook-nothing": Case(args="runbook", words=("give the NAME of a runbook, or --list", "byoaws runbook --help")),
    "runbook-unknown": Case(args="runbook conect", words=("no runbook named 'conect'", "known: aws-errors, connect,")),
    "runbook-list-and-name": Case(args="runbook connect --list", words=("--list stands alone",)),
    "runbook-list-as-html": Case(args="runbook --list --format html", words=("'html' is for a runbook",)),
    "runbook-as-json": Case(args="runbook connect --format json", words=("'json' is for --list",)),
    "runbook-format": Case(args="runbook connect --format pdf", words=("'pdf' is not one of",)),
    "runbook-connection-unknown": Case(
        args="runbook connect --connection con_none", words=("no connection 'con_none'",)
    ),
    "runbook-connection-empty": Case(args="runbook connect --connection ''", words=("--connection", "empty")),
    "runbook-region": Case(args="runbook connect --region moon-1", words=("'moon-1' is not an AWS region",)),
    "runbook-other-region": Case(
        args="runbook connect --connection {connection} --region us-east-1", words=("is in region eu-west-1",)
    ),
    "runbook-vendor-unknown": Case(args="runbook connect --vendor nobody", words=("no vendor named 'nobody'",)),
    "runbook-output-missing-directory": Case(
        args="runbook connect -o none/x.md", words=("cannot write 'none/x.md'", "no such file")
    ),
    "runbook-output-directory": Case(args="runbook connect -o d", files={"d": None}, words=("'d' is a directory",)),
    "runbook-output-below-a-file": Case(
        args="runbook connect -o f/x.md", files={"f": b""}, words=("cannot write 'f/x.md'",)
    ),
    "runbook-store": Case(
        args="runbook connect --connection con_1 --store sqlite:///{cwd}", code=3, words=("cannot open store",)
    ),
}
_INIT = "init --name acme --title Acme --account-id 111122223333 --packs self-read"
_PACK = b"title: T\nstatements: [{sid: S, actions: [{action: 's3:*', reason: R}], resources: ['*']}]\n"
_OWN = FIVE_MISTAKES.replace(b"[ses-send]", b"[./own.yaml]")
INITS = {
    "init-nothing": Case(
        args="init", words=("--name", "--title", "--account-id (or --role-arn)", "--packs", "terminal")
    ),
    "init-empty": Case(args="init --name ''", words=("--name", "empty", "shell variable")),
    "init-three-mistakes": Case(
        args="init --name A --title x --account-id 1 --packs self-raed",
        words=("--name: 'A'", "--account-id: '1'", "did you mean 'self-read'?"),
    ),
    "init-there-already": Case(args=_INIT, files={"byoaws.yaml": b"mine"}, words=("is there already", "--force")),
    "init-into-nowhere": Case(args=f"{_INIT} -o none/x.yaml", words=("cannot write", "no such file")),
    "init-two-principals": Case(
        args=f"{_INIT} --principal role/x --role-arn arn:aws:iam::111122223333:role/x", words=("only one of the two",)
    ),
    "init-block-of-users": Case(args=f"{_INIT} --blocks user", words=("makes no role", "selfmx.yaml")),
    "init-few-bytes": Case(args=f"{_INIT} --external-id-bytes 8", words=("8 is too few", "192 bits")),
    "init-escape": Case(args=f"{_INIT} --role-name \x1b[2J", words=("--role-name",), never=("\x1b",)),
    "init-webhook-with-password": Case(
        args=f"{_INIT} --sending-webhook https://me:hunter2@x.example/", words=("credentials",), never=("hunter2",)
    ),
    "init-pack-above": Case(args=f"{_INIT},../x.yaml", words=("'../x.yaml'", "nothing above")),
    "init-pack-not-there": Case(args=f"{_INIT},./x.yaml", words=("'./x.yaml' cannot be read", "no such file")),
    "init-pack-with-wildcard": Case(
        args=f"{_INIT},./own.yaml", files={"own.yaml": _PACK}, words=("own.yaml:2:", "has a wildcard")
    ),
    "vendor-nothing": Case(args="vendor nothing", words=("no such command 'nothing'",)),
    "vendor-show-unknown": Case(args="vendor show --vendor nobody", words=("no vendor named 'nobody'", "mailmark")),
    "vendor-check-unknown-code": Case(args="vendor check --ignore W9", words=("'W9' is not the code", "W101")),
    "vendor-check-mistakes": Case(
        args="vendor check", files={"byoaws.yaml": FIVE_MISTAKES}, words=("./byoaws.yaml' has 5 mistakes",)
    ),
    "vendor-own-pack-mistakes": Case(
        args="vendor show",
        files={"byoaws.yaml": _OWN, "own.yaml": _PACK},
        words=("./byoaws.yaml' has 6 mistakes", "./own.yaml:2: statements[0].actions[0].action: 's3:*' has a wildcard"),
    ),
}
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
MAIL_MANAGER = {
    f"mail-manager-{name}": Case(
        args=f"{command} --vendor v.yaml", files={"v.yaml": _BY_MAIL_MANAGER % (b"required", wrong)}, words=words
    )
    for command in ("generate", "vendor check", "cost --emails 1")
    for name, wrong, words in (
        (f"{command}-unknown", b"weather: {equals: [rain]}", ("v.yaml:14:", "unknown condition", "spf")),
        (f"{command}-two-in-one", b"spf: {equals: [fail]}, dkim: {equals: [fail]}", ("v.yaml:14:", "stands beside")),
        (f"{command}-misspelt", b"spf: {equals: [fial]}", ("v.yaml:14:", "'fial'", "did you mean 'fail'?")),
    )
} | {
    "mail-manager-region": Case(
        args=f"link --vendor v.yaml --region us-gov-west-1 {_TEMPLATE}",
        files={"v.yaml": _BY_MAIL_MANAGER % (b"required", b"tls: is-true")},
        words=("no Mail Manager in region 'us-gov-west-1'", "eu-west-1"),
    ),
    "mail-manager-fips": Case(
        args=f"connect --alias A --vendor v.yaml --region eu-west-1 {_TEMPLATE}",
        files={"v.yaml": _BY_MAIL_MANAGER % (b"fips", b"tls: is-true")},
        words=("tls_policy: fips", "US and Canada", "tls_policy: required"),
    ),
    "receipt-rules-region": Case(
        args=f"connect --alias A --region eu-central-2 {_TEMPLATE}",
        env={"MAILMARK_AWS_ACCOUNT_ID": "111122223333"},
        words=("cannot receive mail in region 'eu-central-2'", "set inbound: mail-manager"),
    ),
}
_REPLAY, _BACKFILL = "inbound redrive --connection {connection}", "inbound backfill --connection {connection}"
REPLAYS = {
    "redrive-nobody": Case(args="inbound redrive", words=("--connection",)),
    "redrive-unknown": Case(args="inbound redrive --connection con_none", words=("no connection 'con_none'",)),
    "redrive-pending": Case(args=_REPLAY, words=("has no role ARN yet", "byoaws verify")),
    "redrive-empty": Case(args="inbound redrive --connection ''", words=("--connection", "empty")),
    "redrive-rate-none": Case(args=f"{_REPLAY} --rate 0", words=("0 messages a second cannot be meant", "up to 100")),
    "redrive-rate-many": Case(args=f"{_REPLAY} --rate 1000", words=("1000 messages a second cannot be meant",)),
    "redrive-rate-word": Case(args=f"{_REPLAY} --rate fast", words=("'fast' is not a valid float",)),
    "backfill-no-since": Case(args=_BACKFILL, words=("--since",)),
    "backfill-since-word": Case(args=f"{_BACKFILL} --since yesterday", words=("'yesterday' is not a time", "6h")),
    "backfill-backwards": Case(args=f"{_BACKFILL} --since 1h --until 2h", words=("before it begins",)),
    "backfill-until-empty": Case(args=f"{_BACKFILL} --since 1h --until ''", words=("--until", "empty")),
    "backfill-prefix": Case(args=f"{_BACKFILL} --since 1h --prefix other/", words=("is not below 'inbound/'",)),
    "backfill-pending": Case(args=f"{_BACKFILL} --since 1h", words=("has no role ARN yet", "byoaws verify")),
}
FLEET = {
    "recheck-all-and-some": Case(args="recheck --all --status failed", words=("--all leaves nothing to choose",)),
    "recheck-status": Case(args="recheck --status disconnected", words=("'disconnected' is not one of",)),
    **{
        f"recheck-older-than-{value}": Case(
            args=f"recheck --older-than {value}", words=("is not a length of time", "such as 24h")
        )
        for value in ("24", "-1h", "1.5h", "0h", "h", "\u0662h", "''", "1y")
    },
    "recheck-older-than-ages": Case(
        args="recheck --older-than 99999d", words=("too short or too long: from 1s to 366d",)
    ),
    "recheck-rate-none": Case(args="recheck --rate 0", words=("--rate", "1<=x<=5000")),
    "recheck-rate-nan": Case(args="recheck --rate nan", words=("--rate",)),
    "recheck-concurrency": Case(args="recheck --concurrency 0", words=("--concurrency",)),
    "recheck-hold": Case(args="recheck --hold 0", words=("--hold",)),
    "schedule-period": Case(args="schedule --period 30s", words=("too short or too long: from 1m to 366d",)),
    "schedule-soon": Case(args="schedule --soon 1s", words=("too short or too long: from 10s to 366d",)),
    "schedule-soon-late": Case(args="schedule --soon 2d --period 1d", words=("--soon is longer than --period",)),
    "notify-webhook-http": Case(
        args="recheck --notify-webhook http://example.com/?token=geheim",
        words=("cannot be posted to", "https://"),
        never=("geheim",),
    ),
    "notify-webhook-no-secret": Case(
        args="recheck --notify-webhook https://example.com/", words=("no secret to sign", "BYOAWS_NOTIFY_SECRET")
    ),
    "notify-webhook-bad-secret": Case(
        args="recheck --notify-webhook https://example.com/",
        env={"BYOAWS_NOTIFY_SECRET": "geheim"},
        words=("not a Standard Webhooks key", "whsec_"),
        never=("geheim",),
    ),
    "notify-mail-alone": Case(args="schedule --notify-mail a@example.com", words=("--notify-from",)),
    "notify-from-alone": Case(args="schedule --notify-from a@example.com", words=("--notify-mail",)),
    **{
        f"notify-mail-{name}": Case(
            args=f"recheck --notify-mail {address} --notify-from a@example.com",
            words=("--notify-mail", "not one address, such as ops@example.com"),
        )
        for name, address in {
            "name": "ops",
            "two": "a@b.example,c@d.example",
            "twice": "a@b@c",
            "open": "<a@b",
            "shut": "a@b>",
        }.items()
    },
    "notify-from-domain": Case(args="worker --notify-from example.com", words=("--notify-from", "not one address")),
    "notify-mail-empty": Case(args="schedule --notify-mail ''", words=("it is empty",)),
    "notify-command-none": Case(args="recheck --notify-command ./tell", words=("'./tell' is no program", "PATH")),
    "notify-command-empty": Case(args="recheck --notify-command ''", words=("it is empty",)),
    "recheck-queue-watch": Case(args="recheck --queue --watch", words=("--queue does not wait", "leave out one")),
    "recheck-queue-in-vain": Case(
        args="recheck --queue --rate 5 --notify-mail Ops<a@example.com>",
        words=("for the workers to say, and is not heeded with --queue: --notify-mail, --rate",),
    ),
    "recheck-queue-sqlite": Case(args="recheck --queue", words=("a store on PostgreSQL", "byoaws schedule")),
    "worker-sqlite": Case(args="worker", words=("a store on PostgreSQL", "run byoaws schedule", "--store postgresql:")),
    "worker-batch": Case(args="worker --batch 0", words=("--batch", "1<=x<=1000")),
    "worker-rate": Case(args="worker --rate 0", words=("--rate", "1<=x<=5000")),
    "metrics-port": Case(args="schedule --metrics-port 70000", words=("--metrics-port", "1<=x<=65535")),
    "metrics-host-alone": Case(args="schedule --metrics-host ::1", words=("--metrics-port listens: give that, too",)),
    "metrics-host-empty": Case(args="worker --metrics-host ''", words=("it is empty",)),
    "metrics-file-empty": Case(args="recheck --metrics-file ''", words=("it is empty",)),
    "metrics-file-folder": Case(args="recheck --metrics-file /", words=("--metrics-file", "is a directory")),
    "notify-command-quote": Case(args="recheck --notify-command it's", words=("cannot be read", "quote")),
}
CASES = {
    **FLEET,
    **REPLAYS,
    **MAIL_MANAGER,
    **INITS,
    **RUNBOOKS,
    **ARNS,
    **REGIONS,
    **LINKS,
    **PUBLISH,
    **EXTERNAL_IDS,
    **VENDORS,
    **STORES,
    **FILES,
    **USAGE,
    **PRODUCTION,
    **DRIVING_MAIL_MANAGER,
    **COSTS,
}


TABLE = [pytest.param(case, id=name) for name, case in CASES.items()]


@pytest.fixture
def arrange(cwd: Path, connection: Connection, vendor_env: Mapping[str, str]) -> Callable[[str], str]:
    """Fill the places of a case in."""
    return lambda text: text.format(cwd=cwd, connection=connection.id)


@pytest.mark.parametrize("case", TABLE)
def test_one_message_and_nothing_done(
    case: Case,
    cwd: Path,
    arrange: Callable[[str], str],
    run: Callable[..., Result],
    everything: Callable[[], dict[str, str]],
) -> None:
    for name, content in case.files.items():
        (cwd / name).mkdir() if content is None else (cwd / name).write_bytes(content)
    args = [arrange(word) if word != "''" else "" for word in case.args.split(" ")]
    before = everything()
    done = run(*args, env={name: arrange(value) for name, value in case.env.items()})

    said = done.stderr
    assert done.exit_code == case.code, said
    assert done.stdout == ""
    lines = said.splitlines()
    assert sum(line.startswith("error: ") for line in lines) == 1, said
    assert sum(line.startswith("hint:  ") for line in lines) == 1, said
    assert "Traceback" not in said
    for word in case.words:
        assert word in said
    for secret in case.never:
        assert secret not in said
    assert everything() == before


def test_a_newer_store_is_left_alone(cwd: Path, connection: Connection, run: Callable[..., Result]) -> None:
    database = sqlite3.connect(cwd.parent / "data" / "byoaws.sqlite3")
    with database:
        database.execute("UPDATE byoaws_revision SET version_num = '9999'")
    database.close()
    done = run("connections", "list")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "made by a newer byoaws" in done.stderr
    assert "hint:  upgrade" in done.stderr


def test_stored_secrets_without_their_key(cwd: Path, connection: Connection, run: Callable[..., Result]) -> None:
    (cwd.parent / "data" / "key").unlink()
    done = run("connections", "show", connection.id)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "the key for them is not here" in done.stderr
    assert "hint:  set BYOAWS_KEY" in done.stderr
    assert not (cwd.parent / "data" / "key").exists()


def test_no_home_and_no_store(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown_user() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown_user)
    nowhere = {"HOME": None, "BYOAWS_DATA_DIR": None}
    done = run("connections", "list", env=nowhere)
    assert done.exit_code == 2
    assert "hint:  set HOME or BYOAWS_DATA_DIR" in done.stderr
    # What needs no store works all the same.
    assert run("policy", "trust", env=nowhere).exit_code == 0


def test_no_credentials_is_the_operators_fault(run: Callable[..., Result], vendor_env: Mapping[str, str]) -> None:
    done = run("verify", ROLE, "--external-id", EXTERNAL_ID, "--wait", "0")
    assert done.exit_code == 3
    assert "UNKNOWN" in done.stdout
    assert "our own credentials do not work" in done.stdout
    assert "the operator's to mend" in done.stdout
    assert "FAIL" not in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_output_into_a_directory_that_may_not_be_written(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "locked").mkdir(mode=0o500)
    done = run("generate", "-o", "locked/new.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot write 'locked/new.yaml': permission denied" in done.stderr


def test_a_read_only_file_is_not_replaced(
    cwd: Path, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    (cwd / "old.yaml").write_text("old")
    (cwd / "old.yaml").chmod(0o400)
    access = os.access
    # As for anybody but root.
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and access(path, mode))
    done = run("generate", "-o", "old.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot write 'old.yaml'" in done.stderr
    assert [(path.name, path.read_text()) for path in cwd.iterdir()] == [("old.yaml", "old")]
