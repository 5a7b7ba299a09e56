"""`verify` against the embedded AWS: verdicts, exit codes and formats of roles that are sound, open, or closed."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import Result

from byoaws.fakeaws.arrange import create_role, set_sandbox
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.iam.trust import trust_policy
from byoaws.model import Connection

EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"
PERMISSIONS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ses:GetAccount", "iam:GetRole"], "Resource": "*"}],
}
SHAPE = ["verdict", "role_arn", "account_id", "region", "vendor", "sandbox", "checked_at", "probes", "capabilities"]


@pytest.fixture
def as_vendor(fake_aws: FakeAws) -> dict[str, str]:
    """The vendor's environment on the embedded AWS."""
    return {**fake_aws.environment(fake_aws.vendor), "MAILMARK_AWS_ACCOUNT_ID": fake_aws.vendor.account_id}


@pytest.fixture
def role(fake_aws: FakeAws, aws_customer: Account) -> Callable[..., str]:
    """Make a role in the customer's account: sound, unless told otherwise."""

    def make(
        external_id: str = EXTERNAL_ID, change: Callable[[dict[str, Any]], object] = lambda statement: None
    ) -> str:
        trust = trust_policy(principal=f"arn:aws:iam::{fake_aws.vendor.account_id}:root", external_id=external_id)
        change(trust["Statement"][0])
        set_sandbox(fake_aws, aws_customer, "us-east-1", sandboxed=False)
        return create_role(fake_aws, aws_customer, "connection", trust=trust, permissions=PERMISSIONS)

    return make


def drop_condition(statement: dict[str, Any]) -> None:
    del statement["Condition"]


def trust_another(statement: dict[str, Any]) -> None:
    statement["Principal"] = {"AWS": "arn:aws:iam::999999999999:root"}


@pytest.mark.parametrize(
    ("change", "code", "verdict"),
    [
        (lambda statement: None, 0, "verified"),
        (drop_condition, 1, "insecure"),
        (trust_another, 1, "failed"),
    ],
    ids=["sound", "open", "closed"],
)
def test_verdicts(
    change: Callable[[dict[str, Any]], object],
    code: int,
    verdict: str,
    role: Callable[..., str],
    run: Callable[..., Result],
    as_vendor: Mapping[str, str],
    aws_customer: Account,
) -> None:
    arn = role(change=change)
    command = ("verify", arn, "--external-id", EXTERNAL_ID, "--wait", "0", "--vendor", "mailmark")
    done = run(*command, "--format", "json", env=as_vendor)
    report = json.loads(done.stdout)
    assert (done.exit_code, done.stderr) == (code, "")
    assert list(report) == SHAPE
    assert (report["verdict"], report["role_arn"], report["region"]) == (verdict, arn, "us-east-1")
    assert report["account_id"] == (aws_customer.account_id if verdict != "failed" else None)
    for probe in report["probes"]:
        assert list(probe) == ["code", "name", "status", "summary", "causes", "fix", "evidence"]

    text = run(*command, env=as_vendor)
    assert text.exit_code == code
    assert verdict.upper() in text.stdout

    junit = run(*command, "--format", "junit", env=as_vendor)
    assert junit.exit_code == code
    suite = ElementTree.fromstring(junit.stdout)  # noqa: S314  our own output
    assert suite.find("properties/property").attrib == {"name": "verdict", "value": verdict}
    assert (int(suite.attrib["failures"]) > 0) == (code == 1)

    for secret in (as_vendor["AWS_SECRET_ACCESS_KEY"], as_vendor["AWS_ACCESS_KEY_ID"]):
        assert secret not in done.stdout + text.stdout + text.stderr + junit.stdout


def test_a_role_in_the_vendors_own_account_is_refused(
    fake_aws: FakeAws, as_vendor: Mapping[str, str], run: Callable[..., Result], everything: Callable[[], object]
) -> None:
    trust = trust_policy(principal=f"arn:aws:iam::{fake_aws.vendor.account_id}:root", external_id=EXTERNAL_ID)
    arn = create_role(fake_aws, fake_aws.publisher, "own-role", trust=trust, permissions=PERMISSIONS)
    before = everything()
    # Even where the vendor file names no account: who we are says it.
    done = run("verify", arn, "--external-id", EXTERNAL_ID, env={**as_vendor, "MAILMARK_AWS_ACCOUNT_ID": ""})
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"own account {fake_aws.vendor.account_id}" in done.stderr
    assert "hint:" in done.stderr
    assert everything() == before


def test_a_stored_connection_gives_its_external_id_and_keeps_the_result(
    connection: Connection,
    fake_aws: FakeAws,
    aws_customer: Account,
    role: Callable[..., str],
    run: Callable[..., Result],
    json_of: Callable[..., dict],
    as_vendor: Mapping[str, str],
) -> None:
    arn = role(connection.external_id)
    set_sandbox(fake_aws, aws_customer, connection.region, sandboxed=True)
    done = run("verify", arn, "--connection", connection.id, "--bucket", "mail-of-theirs", "--wait", "0", env=as_vendor)
    assert done.exit_code == 0, done.stdout
    assert "SANDBOX" in done.stdout
    shown = json_of("connections", "show", connection.id)
    assert {name: shown[name] for name in ("status", "role_arn", "account_id", "bucket_name", "sandbox")} == {
        "status": "verified",
        "role_arn": arn,
        "account_id": aws_customer.account_id,
        "bucket_name": "mail-of-theirs",
        "sandbox": True,
    }
    assert shown["last_report"]["verdict"] == "verified"
    # From now on the role alone is enough, and so is the connection.
    assert run("verify", arn, env=as_vendor).exit_code == 0
    assert run("verify", "--connection", connection.id, env=as_vendor).exit_code == 0


def test_an_open_role_is_never_stored_as_verified(
    connection: Connection,
    role: Callable[..., str],
    run: Callable[..., Result],
    json_of: Callable[..., dict],
    as_vendor: Mapping[str, str],
) -> None:
    arn = role(connection.external_id, drop_condition)
    assert run("verify", arn, "--connection", connection.id, env=as_vendor).exit_code == 1
    shown = json_of("connections", "show", connection.id)
    assert (shown["status"], shown["role_arn"], shown["verified_at"]) == ("insecure", None, None)


def test_debug_shows_no_credential(
    fake_aws: FakeAws, as_vendor: Mapping[str, str], run: Callable[..., Result], role: Callable[..., str]
) -> None:
    wrong = {**as_vendor, "AWS_SECRET_ACCESS_KEY": "hunter2" * 5}
    done = run("--debug", "verify", role(), "--external-id", EXTERNAL_ID, "--wait", "0", env=wrong)
    assert done.exit_code == 3
    assert "hunter2" not in done.stdout + done.stderr
