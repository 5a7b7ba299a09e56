"""The stacks of the other built-in vendors: a role and nothing else, and a user with its key in Secrets Manager."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import UsageError
from byoaws.flows.links.link import mint, offer
from byoaws.flows.policy import Where, deployer
from byoaws.templates.stack import build
from byoaws.templates.text import to_json
from byoaws.vendor_model import SecretMode, StackFacts
from byoaws.vendors.file import load_vendor

SENDFLEET, SELFMX = load_vendor("sendfleet", {}), load_vendor("selfmx", {})
URL = "https://acme-cfn.s3.us-east-1.amazonaws.com/t.yaml"
VARIANTS = {
    "sendfleet": SENDFLEET,
    "selfmx": SELFMX,
    "selfmx, fixed name": replace(SELFMX, user_name="selfmx-ses"),
    "selfmx, send only": replace(SELFMX, packs=("selfmx-send-only",)),
}


@pytest.mark.parametrize("vendor", VARIANTS.values(), ids=VARIANTS)
def test_stock_cfn_lint_finds_neither_errors_nor_warnings(
    vendor: Any, stock_findings: Callable[[str], list[str]]
) -> None:
    """As JSON; it judges their YAML in `test_linted.py`."""
    assert stock_findings(to_json(build(vendor))) == []


def test_sendfleet_is_a_role_of_that_name_and_nothing_else() -> None:
    resources = build(SENDFLEET)["Resources"]
    assert sorted(item["Type"] for item in resources.values()) == ["AWS::IAM::Policy", "AWS::IAM::Role"]
    assert resources["AccessRole"]["Properties"]["RoleName"] == "SendFleet-BYOC-Role"
    made = offer(SENDFLEET, mint(SENDFLEET), region="eu-west-1", template_url=URL)
    assert made.capabilities == ("CAPABILITY_NAMED_IAM",)


def test_selfmx_s_key_is_in_secrets_manager_and_nowhere_else() -> None:
    template = build(SELFMX)
    holders = {name for name, item in template["Resources"].items() if "SecretAccessKey" in json.dumps(item)}
    assert holders == {"AccessKeySecret"}
    assert "SecretAccessKey" not in json.dumps({key: value for key, value in template.items() if key != "Resources"})
    for name in ("AccessKey", "AccessKeySecret"):
        assert template["Resources"][name]["Condition"] == "MakesAccessKey"


def test_a_user_s_stack_has_a_link_without_an_external_id() -> None:
    made = offer(SELFMX, mint(SELFMX), region="eu-west-1", template_url=URL)
    assert (made.link.parameters, made.capabilities) == ({}, ("CAPABILITY_IAM",))
    with pytest.raises(UsageError, match="there is no ExternalId"):
        mint(SELFMX, given_external_id="0123456789abcdef")


@pytest.mark.parametrize("vendor", [SENDFLEET, SELFMX], ids=lambda vendor: vendor.name)
def test_the_deployer_may_make_what_the_stack_holds(vendor: Any) -> None:
    actions = {action for item in deployer(vendor, Where())["Statement"] for action in item["Action"]}
    wanted = {"sendfleet": {"iam:CreateRole"}, "selfmx": {"iam:CreateUser", "iam:CreateAccessKey"}}
    assert actions >= wanted[vendor.name]


@pytest.mark.parametrize(
    ("vendor", "block"), [(SENDFLEET, "user"), (SELFMX, "access")], ids=["user in a role's", "role in a user's"]
)
def test_blocks_of_the_other_kind_of_access_are_refused(vendor: Any, block: str) -> None:
    stack = StackFacts(name="x", version="1.0.0", blocks=(block,))
    with pytest.raises(UsageError, match="its access is by"):
        build(replace(vendor, stack=stack, webhook_secret=SecretMode.PARAMETER))
