"""Verification end to end: real stacks and roles in the embedded AWS, and the command as the operator types it."""

import copy
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from byoaws.cli import main
from byoaws.errors import UsageError
from byoaws.fakeaws import accounts, arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.flows.check import Verifier
from byoaws.iam.trust import trust_policy
from byoaws.model import ProbeResult, Status, VerificationReport
from byoaws.quickcreate import external_id
from byoaws.quickcreate.url import Link, parse
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Target

REGION = "us-east-1"
Verify = Callable[..., VerificationReport]


def _allowing(*actions: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


READS = _allowing("ses:GetAccount", "iam:GetRole")


def _by_name(report: VerificationReport) -> dict[str, ProbeResult]:
    return {result.name: result for result in report.probes}


@pytest.fixture
def right() -> str:
    return external_id.mint()


@pytest.fixture
def sound(fake_aws: FakeAws, right: str) -> dict[str, Any]:
    """The trust policy that `byoaws policy trust` prints."""
    return trust_policy(principal=f"arn:aws:iam::{fake_aws.vendor.account_id}:root", external_id=right)


@pytest.fixture
def role(fake_aws: FakeAws, aws_customer: Account) -> Callable[..., str]:
    """Makes a role by hand in a fresh account, and returns its ARN."""

    def make(trust: Mapping[str, Any], permissions: Mapping[str, Any] = READS, name: str = "by-hand") -> str:
        return arrange.create_role(fake_aws, aws_customer, name, trust=trust, permissions=permissions)

    return make


Byoaws = Callable[..., tuple[int, Any]]


@pytest.fixture
def byoaws(operator: Mapping[str, str]) -> Byoaws:
    """Runs a command in this process, and returns its exit code and its stdout, parsed where it is JSON."""

    def run(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, Any]:
        done = CliRunner().invoke(main, list(arguments), env=dict(env or {}))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, json.loads(done.stdout) if "json" in arguments and done.exit_code != 2 else done.output

    return run


@pytest.fixture
def template_url(fake_aws: FakeAws, byoaws: Byoaws) -> str:
    """Mailmark's own stack, generated and published."""
    code, template = byoaws("generate")
    assert code == 0
    return arrange.publish_template(fake_aws, template, region=REGION, key=f"{uuid.uuid4()}/mailmark.yaml")


@pytest.fixture
def connect(fake_aws: FakeAws, aws_customer: Account, byoaws: Byoaws, template_url: str) -> Callable[[str], Any]:
    """Begins a connection and lets the customer deploy its stack from the link alone: the connection, its outputs."""

    def run(alias: str) -> tuple[dict[str, Any], Mapping[str, str]]:
        code, begun = byoaws(
            *("connect", "--alias", alias, "--region", REGION, "--format", "json"),
            env={"MAILMARK_CFN_TEMPLATE_URL": template_url},
        )
        assert code == 0
        link: Link = parse(begun["url"])
        page = QuickCreatePage.open(fake_aws, link, customer=aws_customer)
        return begun, page.create(acknowledge=True).outputs

    return run


def test_generated_stacks(
    connect: Callable[[str], Any], byoaws: Byoaws, aws_customer: Account, fake_aws: FakeAws
) -> None:
    """Two connections in one account: each role opens by its own ExternalId, and by that alone."""
    (first, first_out), (second, second_out) = connect("one"), connect("two")
    assert first["external_id"] != second["external_id"]
    assert first_out["RoleArn"] != second_out["RoleArn"]
    for begun, outputs in ((first, first_out), (second, second_out)):
        code, report = byoaws(
            *("verify", outputs["RoleArn"], "--connection", begun["connection_id"], "--format", "json")
        )
        assert (code, report["verdict"], report["account_id"]) == (0, "verified", aws_customer.account_id)
        assert {probe["status"] for probe in report["probes"]} == {"PASS"}
        assert report["sandbox"] is False
    # The other's ExternalId, given by hand.
    code, report = byoaws(
        *("verify", second_out["RoleArn"], "--external-id", first["external_id"], "--wait", "0", "--format", "json")
    )
    assert (code, report["verdict"], report["account_id"]) == (1, "failed", None)
    statuses = {probe["name"]: probe["status"] for probe in report["probes"]}
    assert statuses["assume-role"] == "FAIL"
    assert {statuses["external-id-required"], statuses["external-id-checked"]} == {"UNKNOWN"}
    # The other's role, claimed for this connection.
    code, said = byoaws("verify", second_out["RoleArn"], "--connection", first["connection_id"])
    assert code == 2
    assert second["connection_id"] in said

    # In the sandbox the connection works, and everybody is told.
    arrange.set_sandbox(fake_aws, aws_customer, REGION, sandboxed=True)
    code, report = byoaws("verify", "--connection", first["connection_id"], "--format", "json")
    assert (code, report["verdict"], report["sandbox"]) == (0, "verified", True)
    assert [probe["name"] for probe in report["probes"] if probe["status"] != "PASS"] == ["ses-account"]


# --- roles by hand ---


def test_permission_to_ask_ses_is_missing(role: Callable[..., str], sound: Any, right: str, verify: Verify) -> None:
    report = verify(role(sound, _allowing("ses:SendEmail", "iam:GetRole")), right)
    found = _by_name(report)["ses-account"]
    assert (report.verdict.value, report.sandbox, found.status) == ("failed", None, Status.FAIL)
    assert "ses:GetAccount" in found.fix
    assert "ses:GetAccount" in str(found.evidence["aws_message"])
    assert {result.status for result in report.probes if result is not found} == {Status.PASS}


def test_permission_to_ask_ses_is_denied(role: Callable[..., str], sound: Any, right: str, verify: Verify) -> None:
    permissions = copy.deepcopy(READS)
    permissions["Statement"].append({"Effect": "Deny", "Action": "ses:*", "Resource": "*"})
    found = _by_name(verify(role(sound, permissions), right))["ses-account"]
    assert found.status is Status.FAIL
    assert "explicit deny" in str(found.evidence["aws_message"])


def test_permissions_boundary_denies_ses(
    fake_aws: FakeAws, aws_customer: Account, role: Callable[..., str], sound: Any, right: str, verify: Verify
) -> None:
    """The role's own policy is as it should be, and the customer's administrator has set a boundary around it."""
    arn = role(sound)
    iam = fake_aws.client(aws_customer, "iam", REGION)
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(_allowing("iam:*", "sts:*")))
    iam.put_role_permissions_boundary(RoleName="by-hand", PermissionsBoundary=boundary["Policy"]["Arn"])
    report = verify(arn, right)
    found = _by_name(report)["ses-account"]
    assert (report.verdict.value, found.status) == ("failed", Status.FAIL)
    assert any("permissions boundary" in cause for cause in found.causes)


def test_role_may_not_read_itself(role: Callable[..., str], sound: Any, right: str, verify: Verify) -> None:
    """The calls have proved what they can; that the rest was not read is said, and does not stop the connection."""
    report = verify(role(sound, _allowing("ses:GetAccount")), right)
    found = _by_name(report)["trust-policy"]
    assert (report.verdict.value, found.status) == ("verified", Status.WARN)
    assert "iam:GetRole" in found.fix
    assert "iam:GetRole" in str(found.evidence["aws_message"])


def test_open_door_shows_by_the_calls_alone(role: Callable[..., str], sound: Any, right: str, verify: Verify) -> None:
    del sound["Statement"][0]["Condition"]
    report = verify(role(sound, _allowing("ses:GetAccount")), right)
    assert report.verdict.value == "insecure"
    assert [result.name for result in report.probes if result.opens_for_others] == [
        "external-id-required",
        "external-id-checked",
    ]


def test_role_that_is_not_there(aws_customer: Account, right: str, verify: Verify) -> None:
    report = verify(f"arn:aws:iam::{aws_customer.account_id}:role/none", right)
    assert (report.verdict.value, report.account_id) == ("failed", None)
    assert "AccessDenied" in str(_by_name(report)["assume-role"].evidence["aws_code"])


def test_role_that_trusts_another_account(
    role: Callable[..., str], sound: Any, right: str, verify: Verify, fake_aws: FakeAws
) -> None:
    sound["Statement"][0]["Principal"] = {"AWS": "arn:aws:iam::999988887777:root"}
    report = verify(role(sound), right)
    found = _by_name(report)["assume-role"]
    assert (report.verdict.value, found.status) == ("failed", Status.FAIL)
    assert fake_aws.vendor.account_id in found.causes[0]


def test_deny_in_the_trust_policy(role: Callable[..., str], sound: Any, right: str, verify: Verify) -> None:
    sound["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"})
    assert verify(role(sound), right).verdict.value == "failed"


@pytest.mark.parametrize("longer", ["{}-and-more", "{}*", "x{}"])
def test_condition_for_a_longer_external_id(
    role: Callable[..., str], sound: Any, right: str, verify: Verify, longer: str
) -> None:
    sound["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": longer.format(right)}}
    assert verify(role(sound), right).verdict.value == "failed"


def test_role_of_our_own_account(fake_aws: FakeAws, right: str, verify: Verify) -> None:
    name = f"own-{uuid.uuid4().hex[:8]}"
    trust = trust_policy(principal=fake_aws.vendor.principal_arn, external_id=right)
    arn = arrange.create_role(fake_aws, fake_aws.publisher, name, trust=trust, permissions=READS)
    with pytest.raises(UsageError, match="own account"):
        verify(arn, right)


def test_empty_external_id(role: Callable[..., str], sound: Any, verify: Verify) -> None:
    """An ExternalId has two characters or more; that of nobody must not open, or verify, anything."""
    sound["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": ""}}
    report = verify(role(sound), "")
    assert report.verdict.value == "unknown"
    assert _by_name(report)["assume-role"].status is Status.UNKNOWN


# --- the operator's side ---


def _as(fake_aws: FakeAws, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fake_aws.environment(account).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def operator_with(fake_aws: FakeAws) -> Callable[..., Account]:
    """A further user in the vendor's account, allowed and denied what the statements say."""

    def make(*statements: dict[str, Any]) -> Account:
        iam = fake_aws.client(fake_aws.publisher, "iam", REGION)
        name = f"operator-{uuid.uuid4().hex[:8]}"
        iam.create_user(UserName=name)
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return replace(
            fake_aws.vendor,
            access_key_id=key["AccessKeyId"],
            secret_access_key=key["SecretAccessKey"],
            principal_arn=f"arn:aws:iam::{fake_aws.vendor.account_id}:user/{name}",
        )

    return make


def test_operators_own_guard_does_not_hide_an_open_door(
    role: Callable[..., str],
    sound: Any,
    right: str,
    verify: Verify,
    operator_with: Callable[..., Account],
    fake_aws: FakeAws,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Our own policy denies calls without an ExternalId, which is good practice, and hides that the role does not."""
    sound["Statement"][0]["Condition"] = {"StringEqualsIfExists": {"sts:ExternalId": right}}
    arn = role(sound, _allowing("ses:GetAccount"))
    guard = {
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "Resource": "*",
        "Condition": {"Null": {"sts:ExternalId": "true"}},
    }
    _as(fake_aws, operator_with(accounts.ASSUME_ROLES, guard), monkeypatch)
    report = verify(arn, right)
    found = _by_name(report)["external-id-required"]
    assert (report.verdict.value, found.status) == ("unknown", Status.UNKNOWN)
    assert "policy of our own" in found.summary


def test_operator_who_may_not_assume_roles(
    role: Callable[..., str],
    sound: Any,
    right: str,
    verify: Verify,
    operator_with: Callable[..., Account],
    fake_aws: FakeAws,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arn = role(sound)
    deny = {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}
    _as(fake_aws, operator_with(accounts.ASSUME_ROLES, deny), monkeypatch)
    report = verify(arn, right)
    assert report.verdict.value == "unknown"
    assert Status.FAIL not in {result.status for result in report.probes}


@pytest.mark.parametrize(
    "broken",
    [
        {"AWS_SECRET_ACCESS_KEY": "x" * 40},
        {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"},
        {"AWS_PROFILE": "missing"},
        {"AWS_ENDPOINT_URL": "https://127.0.0.1:1"},
    ],
    ids=["wrong secret", "unknown key", "no such profile", "nobody there"],
)
def test_operators_fault_is_not_the_customers(
    byoaws: Byoaws, role: Callable[..., str], sound: Any, right: str, broken: Mapping[str, str], fake_aws: FakeAws
) -> None:
    code, report = byoaws(
        "verify", role(sound), "--external-id", right, "--wait", "0", "--format", "json", env=dict(broken)
    )
    assert (code, report["verdict"]) == (3, "unknown")
    statuses = [probe["status"] for probe in report["probes"]]
    assert statuses == ["PASS", "UNKNOWN", *["SKIP"] * 6]
    assert report["probes"][1]["fix"].startswith("This is the operator's to mend")
    text = json.dumps(report)
    assert not [secret for secret in (fake_aws.vendor.secret_access_key, "x" * 40) if secret in text]


def test_vendor_of_another_account(
    role: Callable[..., str], sound: Any, right: str, vendor: Vendor, verify: Verify
) -> None:
    other = replace(vendor, account=replace(vendor.account, account_id="999988887777"))
    report = verify(role(sound), right, vendor=other)
    assert report.verdict.value == "unknown"
    assert _by_name(report)["vendor-identity"].status is Status.UNKNOWN


# --- the command ---


def test_exit_codes(byoaws: Byoaws, role: Callable[..., str], sound: Any, right: str) -> None:
    open_door = copy.deepcopy(sound)
    del open_door["Statement"][0]["Condition"]
    roles = {
        "verified": (0, role(sound, name="sound")),
        "insecure": (1, role(open_door, name="open")),
        "failed": (1, role(sound, _allowing("iam:GetRole"), name="no-ses")),
    }
    for verdict, (code, arn) in roles.items():
        found = byoaws("verify", arn, "--external-id", right, "--wait", "0", "--format", "json")
        assert (found[0], found[1]["verdict"]) == (code, verdict)


def test_every_format_ends_alike(byoaws: Byoaws, role: Callable[..., str], sound: Any, right: str) -> None:
    sound["Statement"][0]["Principal"] = "*"
    arn = role(sound)
    for name in ("text", "json", "junit"):
        code, output = byoaws("verify", arn, "--external-id", right, "--wait", "0", "--format", name)
        assert (code, bool(output)) == (1, True)


def test_waits_for_a_role_that_comes_later(
    verifier: Verifier, vendor: Vendor, fake_aws: FakeAws, aws_customer: Account, sound: Any, right: str
) -> None:
    """The customer creates the stack while we are already asking; the clock is ours, AWS is not."""
    times = [0.0]

    async def sleep(seconds: float) -> None:
        times[0] += seconds
        if times[0] >= 3 and len(slept) == 1:
            arrange.create_role(fake_aws, aws_customer, "later", trust=sound, permissions=READS)
        slept.append(seconds)

    slept: list[float] = []
    clock = copy.copy(verifier.clock)
    clock.now, clock.sleep = (lambda: times[0]), sleep
    target = Target(
        role_arn=f"arn:aws:iam::{aws_customer.account_id}:role/later",
        external_id=right,
        region=REGION,
        vendor=vendor,
        wait=60,
    )
    report = replace(verifier, clock=clock).check(target)
    assert (report.verdict.value, slept) == ("verified", [1.0, 2.0])
    assert _by_name(report)["assume-role"].evidence == {"tries": 3}
