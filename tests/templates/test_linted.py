"""Our own linter over every template that we generate: nothing to say, but for what the vendor file asked for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byoaws.flows.lint import asked_actions
from byoaws.lint.engine import lint
from byoaws.model import Finding
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
LARGE = "W9123"
INLINE = 51_200
"""Bytes that CloudFormation takes as TemplateBody."""
FIXED_NAME = "W9124"
"""What a vendor that wants a role or a user of a fixed name has coming."""


def _findings(template: dict[str, Any], folder: Path, asked: frozenset[str] = frozenset()) -> list[Finding]:
    path = folder / "template.yaml"
    path.write_text(to_yaml(template), encoding="utf-8")
    return lint([path], asked=asked)


def _has_fixed_name(template: dict[str, Any]) -> bool:
    return any(
        isinstance(resource.get("Properties", {}).get(key), str)
        for resource in template["Resources"].values()
        for key in ("RoleName", "UserName")
    )


def _judge(vendor: Vendor, folder: Path) -> None:
    template = build(vendor)
    found = _findings(template, folder, asked_actions(vendor))
    codes = {one.code for one in found}
    expected = {FIXED_NAME} if _has_fixed_name(template) else set()
    # With every pack, or one more function, it is true: such a template is given by its S3 URL, as a link does.
    expected |= {LARGE} if len(to_yaml(template).encode()) > INLINE else set()
    assert codes <= expected, found


def test_a_variant_is_silent(variant: Vendor, tmp_path: Path) -> None:
    _judge(variant, tmp_path)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_built_in_vendor_is_silent_and_small_enough(vendor: Vendor, tmp_path: Path) -> None:
    _judge(vendor, tmp_path)
    assert len(to_yaml(build(vendor)).encode()) <= INLINE


def test_a_mistake_in_a_generated_template_would_be_found(tmp_path: Path) -> None:
    """Negative control: the same call after one property of each kind was broken."""
    template = json.loads(to_json(build(VENDORS["mailmark"])))
    function = template["Resources"]["ForwarderFunction"]
    function["Properties"]["Handler"] = "app.handler"
    function["Properties"]["Environment"]["Variables"]["WEBHOOK_SECRET"] = {"Ref": "WebhookSecret"}
    bucket = next(one for one in template["Resources"].values() if "NotificationConfiguration" in one["Properties"])
    del bucket["DependsOn"]
    assert {one.code for one in _findings(template, tmp_path)} == {"E9162", "E9165", "W9161"}
