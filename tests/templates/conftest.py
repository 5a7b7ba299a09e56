"""Every template that a vendor file may ask for: a test that takes `variant` runs once for each."""

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from byoaws.iam.compose import pack_names
from byoaws.registry import BLOCKS
from byoaws.templates.stack import build
from byoaws.vendor_model import ParameterNames, SecretMode, StackFacts, Vendor, VendorAccount
from byoaws.vendors.file import load_vendor

MAILMARK = load_vendor("mailmark", {})
# What a pack's resources need of the stack.
NEEDS = {
    "ses-send": "sending",
    "ses-identities": "sending",
    "inbound-read": "inbound",
    "webhook-secret-read": "forwarder",
}
OTHERS = {name for name in pack_names() if name.startswith(("sendfleet-", "selfmx-"))}
"""Packs of vendors whose whole stack is tested as it is."""
ROLE_BLOCKS = [name for name in BLOCKS.builtins if name != "user"]


def vendor(*blocks: str, **changes: Any) -> Vendor:
    """Mailmark with these blocks, and every pack that they allow."""
    chosen = tuple(block for block in ROLE_BLOCKS if block in blocks)
    packs = tuple(name for name in pack_names() if NEEDS.get(name, "access") in chosen and name not in OTHERS)
    stack = StackFacts(name="mailmark-byo-aws", version="1.2.3", blocks=chosen)
    return replace(MAILMARK, stack=stack, packs=packs, **changes)


def subsets() -> Iterator[tuple[str, ...]]:
    """Every set of blocks that makes a stack: the forwarder needs the bucket it forwards from."""
    names = list(ROLE_BLOCKS)
    for size in range(1, len(names) + 1):
        for chosen in itertools.combinations(names, size):
            if "inbound" in chosen or "forwarder" not in chosen:
                yield chosen


def _variants() -> dict[str, Vendor]:
    found = {"+".join(blocks): vendor(*blocks) for blocks in subsets()}
    generated = {"webhook_secret": SecretMode.GENERATED}
    found |= {
        f"{'+'.join(blocks)} generated": vendor(*blocks, **generated) for blocks in subsets() if "forwarder" in blocks
    }
    every = tuple(ROLE_BLOCKS)
    account = VendorAccount(account_id="111122223333", role_arn=None, principal=None)
    role_arn = "arn:aws:iam::111122223333:role/mail/" + "p" * 200 + "/mailer"
    found |= {
        "fixed role name": vendor(*every, role_name="Acme-BYOC-Role"),
        "no role path": vendor(*every, role_path="/"),
        "long role path": vendor(*every, role_path="/" + "p" * 400 + "/"),
        "narrowed by principal": vendor(*every, account=replace(account, principal="role/mail-*")),
        "narrowed by role": vendor(*every, account=replace(account, role_arn=role_arn)),
        "long session": vendor(*every, session_duration=43200),
        "longest name": vendor(*every, name="a" + "b" * 30),
        "name with hyphens": vendor(*every, name="acme-" * 5),
        "shortest name": vendor(*every, name="ab"),
        "title of 100 letters beyond Latin": vendor(*every, title="\u90f5" * 100),
        "title of markup": vendor(*every, title="'\"` #: {x} %% \\"),
        "own parameter names": vendor(
            *every, parameters=ParameterNames(**{name: f"P{i}" for i, name in enumerate(ParameterNames.__slots__)})
        ),
    }
    return found


VARIANTS = _variants()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "variant" in metafunc.fixturenames:
        metafunc.parametrize("variant", VARIANTS.values(), ids=VARIANTS)


# Shared by all tests: look, do not touch.
built = functools.cache(build)


@pytest.fixture
def template(variant: Vendor) -> dict[str, Any]:
    return built(variant)


@pytest.fixture(scope="session")
def make_vendor() -> Callable[..., Vendor]:
    return vendor


@pytest.fixture
def of_type(template: dict[str, Any]) -> Callable[[str], dict[str, dict[str, Any]]]:
    """The template's resources of one type: logical name to properties."""

    def find(kind: str) -> dict[str, dict[str, Any]]:
        return {
            name: item.get("Properties", {}) for name, item in template["Resources"].items() if item["Type"] == kind
        }

    return find


@pytest.fixture(scope="session")
def stock_findings() -> Callable[[str], list[str]]:
    """What stock cfn-lint, without our rules, says of a template: errors and warnings."""
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    def find(text: str) -> list[str]:
        config = ManualArgs(regions=["us-east-1", "eu-west-1"])
        return [f"{one.rule.id} {one.message}" for one in lint(text, config=config)]

    return find
