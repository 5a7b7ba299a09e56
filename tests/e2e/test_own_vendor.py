"""The page on a vendor of one's own: its files, as they are shown, from the vendor file to a verified account."""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from byoaws.cli import main
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.quickcreate.url import parse

REGION = "us-east-1"
PAGE = (Path(__file__).parents[2] / "docs" / "own-vendor.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w./-]+\.yaml)`:\n\n```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
Byoaws = Callable[..., str]


@pytest.fixture
def folder(operator: Mapping[str, str], tmp_path: Path, fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page's folder, as its vendor's operator works in it; here that is a user, and not a role."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("LOOKOUT_AWS_ACCOUNT_ID", fake_aws.vendor.account_id)
    monkeypatch.setenv("LOOKOUT_AWS_PRINCIPAL", fake_aws.vendor.principal_arn.split(":", 5)[5])
    return tmp_path


@pytest.fixture
def byoaws(folder: Path) -> Byoaws:
    """Runs a command that must succeed, and returns its stdout."""

    def run(*arguments: str, expect: int = 0) -> str:
        done = CliRunner().invoke(main, list(arguments))
        assert done.exit_code == expect, done.output
        return done.stdout

    return run


def test_the_page_shows_a_vendor_and_its_packs() -> None:
    assert list(FILES) == ["byoaws.yaml", "packs/metrics-read.yaml", "packs/cost-read.yaml"]


def test_from_the_page_to_a_verified_account(
    folder: Path, byoaws: Byoaws, fake_aws: FakeAws, aws_customer: Account
) -> None:
    template = byoaws("generate")
    (folder / "stack.yaml").write_text(template)
    byoaws("lint", "stack.yaml", "--vendor", "./byoaws.yaml")
    assert byoaws("vendor", "check", "--ignore", "W105") == "no warnings\n"
    url = arrange.publish_template(fake_aws, template, region=REGION, key=f"{uuid.uuid4()}/lookout.yaml")
    connect = ("connect", "--alias", "Production", "--region", REGION, "--template-url", url, "--format", "json")
    begun = json.loads(byoaws(*connect))
    outputs = (
        QuickCreatePage.open(fake_aws, parse(begun["url"]), customer=aws_customer).create(acknowledge=True).outputs
    )

    report = json.loads(
        byoaws("verify", outputs["RoleArn"], "--connection", begun["connection_id"], "--format", "json")
    )
    assert (report["verdict"], report["account_id"]) == ("verified", aws_customer.account_id)
    assert {probe["name"]: probe["status"] for probe in report["probes"]}["trust-policy"] == "PASS"
    assert report["sandbox"] is None
    assert not [probe for probe in report["probes"] if probe["name"].startswith("ses")]

    # A wrong ExternalId does not do, whoever gives it.
    wrong = ("verify", outputs["RoleArn"], "--external-id", "nobody-issued-this-one", "--wait", "0")
    byoaws(*wrong, expect=1)


def test_the_role_holds_what_the_packs_say_and_no_more(
    folder: Path, byoaws: Byoaws, fake_aws: FakeAws, aws_customer: Account
) -> None:
    permissions = json.loads(byoaws("policy", "permissions"))
    allowed = {action for statement in permissions["Statement"] for action in statement["Action"]}
    assert allowed == {
        *("cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "cloudwatch:DescribeAlarms"),
        *("ce:GetCostAndUsage", "ce:GetCostForecast", "iam:GetRole"),
    }
    template = byoaws("generate", "--format", "json")
    policy = json.loads(template)["Resources"]["AccessPolicy"]["Properties"]["PolicyDocument"]
    assert [one["Action"] for one in policy["Statement"]] == [one["Action"] for one in permissions["Statement"]]
    # And the customer can read why.
    shown = json.loads(byoaws("vendor", "show", "--format", "json"))
    assert {one["action"] for one in shown["permissions"] if one["own"]} == allowed - {"iam:GetRole"}
    assert all(one["reason"] for one in shown["permissions"])


def test_a_pack_that_asks_for_everything_stops_every_command(folder: Path, byoaws: Byoaws) -> None:
    pack = folder / "packs" / "cost-read.yaml"
    pack.write_text(pack.read_text().replace("ce:GetCostForecast", "'*'"))
    for command in (["generate"], ["policy", "permissions"], ["connect", "--alias", "x"], ["vendor", "check"]):
        byoaws(*command, expect=2)


def test_init_writes_such_a_vendor_that_is_verified(
    folder: Path, byoaws: Byoaws, fake_aws: FakeAws, aws_customer: Account
) -> None:
    who: Any = fake_aws.vendor
    packs = "self-read,./packs/metrics-read.yaml,./packs/cost-read.yaml"
    byoaws(
        *("init", "--force", "--name", "mine", "--title", "Mine", "--account-id", who.account_id, "--packs", packs),
        *("--principal", who.principal_arn.split(":", 5)[5]),
    )
    template = byoaws("generate")
    url = arrange.publish_template(fake_aws, template, region=REGION, key=f"{uuid.uuid4()}/mine.yaml")
    connect = ("connect", "--alias", "Production", "--region", REGION, "--template-url", url, "--format", "json")
    begun = json.loads(byoaws(*connect))
    outputs = (
        QuickCreatePage.open(fake_aws, parse(begun["url"]), customer=aws_customer).create(acknowledge=True).outputs
    )
    byoaws("verify", outputs["RoleArn"], "--connection", begun["connection_id"])


def test_somebody_else_of_the_vendors_account_is_refused(
    folder: Path, byoaws: Byoaws, fake_aws: FakeAws, aws_customer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the page has it, the role trusts the vendor's role alone, and a user of the same account stays outside."""
    monkeypatch.delenv("LOOKOUT_AWS_PRINCIPAL")
    template = byoaws("generate")
    url = arrange.publish_template(fake_aws, template, region=REGION, key=f"{uuid.uuid4()}/lookout.yaml")
    begun = json.loads(byoaws("link", "--region", REGION, "--template-url", url, "--format", "json"))
    outputs = (
        QuickCreatePage.open(fake_aws, parse(begun["url"]), customer=aws_customer).create(acknowledge=True).outputs
    )
    sts = fake_aws.client(fake_aws.vendor, "sts", REGION)
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(
            RoleArn=outputs["RoleArn"], RoleSessionName="other", ExternalId=begun["parameters"]["ExternalId"]
        )
