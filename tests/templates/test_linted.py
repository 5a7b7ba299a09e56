"""Our own linter over every template that we generate: nothing to say, but for what the vendor file asked for.

And in the same run an outside judge, cfn-lint's own rules, before findings of ours stand in for any of theirs.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.flows.lint import asked_actions
from byoaws.templates.stack import build
from byoaws.templates.text import to_json, to_yaml
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

SENDFLEET, SELFMX = load_vendor("sendfleet", {}), load_vendor("selfmx", {})
VENDORS = {
    "mailmark": load_vendor("mailmark", {}),
    "sendfleet": SENDFLEET,
    "selfmx": SELFMX,
    "selfmx, fixed name": replace(SELFMX, user_name="selfmx-ses"),
    "selfmx, send only": replace(SELFMX, packs=("selfmx-send-only",)),
}
Linted = Callable[..., Any]
LARGE = "W9123"
INLINE = 51_200
"""Bytes that CloudFormation takes as TemplateBody."""
FIXED_NAME = "W9124"
"""What a vendor that wants a role or a user of a fixed name has coming."""


def _has_fixed_name(template: dict[str, Any]) -> bool:
    return any(
        isinstance(resource.get("Properties", {}).get(key), str)
        for resource in template["Resources"].values()
        for key in ("RoleName", "UserName")
    )


def _judge(vendor: Vendor, template: dict[str, Any], linted: Linted) -> None:
    text = to_yaml(template)
    told = linted(text, asked_actions(vendor))
    assert told.stock == ()
    expected = {FIXED_NAME} if _has_fixed_name(template) else set()
    # With every pack, or one more function, it is true: such a template is given by its S3 URL, as a link does.
    expected |= {LARGE} if len(text.encode()) > INLINE else set()
    assert {one.code for one in told.findings} <= expected, told.findings


def test_a_variant_is_silent(variant: Vendor, template: dict[str, Any], linted: Linted) -> None:
    _judge(variant, template, linted)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_built_in_vendor_is_silent_and_small_enough(vendor: Vendor, linted: Linted) -> None:
    template = build(vendor)
    _judge(vendor, template, linted)
    assert len(to_yaml(template).encode()) <= INLINE


def test_a_mistake_in_a_generated_template_would_be_found(linted: Linted) -> None:
    """Negative control: the same call after one property of each kind was broken."""
    template = json.loads(to_json(build(VENDORS["mailmark"])))
    function = template["Resources"]["ForwarderFunction"]
    function["Properties"]["Handler"] = "app.handler"
    function["Properties"]["Environment"]["Variables"]["WEBHOOK_SECRET"] = {"Ref": "WebhookSecret"}
    bucket = next(one for one in template["Resources"].values() if "NotificationConfiguration" in one["Properties"])
    del bucket["DependsOn"]
    assert {one.code for one in linted(to_yaml(template)).findings} == {"E9162", "E9165", "W9161"}


BROKEN = '{"Parameters": {"P": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Tpic"}}}'


def _mistaken() -> str:
    """Much of what stock cfn-lint knows, and what a finding of ours would stand in for."""
    template = json.loads(to_json(build(VENDORS["mailmark"])))
    template["Parameters"]["Idle"] = {"Type": "Strng"}
    template["Outputs"]["TemplateVersion"]["Value"] = {"Ref": "Nothing"}
    template["Resources"]["Elsewhere"] = {"Type": "AWS::SNS::Tpic", "DependsOn": "Nobody"}
    template["Resources"]["Policy"] = {
        "Type": "AWS::SES::MailManagerTrafficPolicy",
        "Properties": {"DefaultAction": "MAYBE", "PolicyStatements": [{"Action": "ALLOW", "Conditions": [{"A": {}}]}]},
    }
    function = template["Resources"]["ForwarderFunction"]["Properties"]
    function |= {"Runtime": "python2.7", "Timeout": "soon", "MemorySize": 1, "Handlr": "x"}
    for role in (one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Role"):
        role["AssumeRolePolicyDocument"]["Statement"][0]["Efect"] = "Allow"
    return to_yaml(template)


@pytest.mark.parametrize("text", [BROKEN, _mistaken()], ids=["one of each severity", "many"])
def test_cfn_lint_by_itself_finds_what_it_is_heard_to_find(
    text: str, linted: Linted, stock_findings: Callable[[str], list[str]]
) -> None:
    """Negative control: with our rules beside its own, it says neither less nor anything else."""
    found = stock_findings(text)
    assert {one[0] for one in found} == {"E", "W"}
    assert sorted(linted(text).stock) == sorted(found)
