"""Every template that a vendor file may ask for: a test that takes `variant` runs once for each."""

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from byoaws.iam.compose import pack_names
from byoaws.model import Finding
from byoaws.registry import BLOCKS
from byoaws.templates.stack import build
from byoaws.vendor_model import Inbound, ParameterNames, SecretMode, StackFacts, Vendor, VendorAccount
from byoaws.vendors.file import load_vendor

MAILMARK = load_vendor("mailmark", {})
# What a pack's resources need of the stack.
NEEDS = {
    "ses-send": "sending",
    "ses-identities": "sending",
    "inbound-read": "inbound",
    "inbound-replay": "forwarder",
    "webhook-secret-read": "forwarder",
    "webhook-secret-write": "forwarder",
}
OTHERS = {name for name in pack_names() if name.startswith(("sendfleet-", "selfmx-"))}
"""Packs of vendors whose whole stack is tested as it is."""
FEW = tuple(name for name in MAILMARK.packs if name != "drift-read")
"""What is long in one way need not be long in every way: 51,200 bytes can be sent inline."""
REGIONS = ("us-east-1", "eu-west-1")
"""For which templates are linted."""
ROLE_BLOCKS = [name for name in BLOCKS.builtins if name not in ("user", "registration", "identity")]


def vendor(*blocks: str, **changes: Any) -> Vendor:
    """Mailmark with these blocks, and every pack that they allow."""
    chosen = tuple(block for block in BLOCKS.builtins if block in blocks and block != "user")
    packs = tuple(name for name in pack_names() if NEEDS.get(name, "access") in chosen and name not in OTHERS)
    stack = StackFacts(name="mailmark-byo-aws", version="1.2.3", blocks=chosen)
    return replace(MAILMARK, **{"stack": stack, "packs": packs, **changes})


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
        "first domain": vendor("sending", "identity", "notifications", "access"),
        "first domain, every block": vendor(*every, "identity"),
        "fixed role name": vendor(*every, role_name="Acme-BYOC-Role"),
        "no role path": vendor(*every, role_path="/"),
        "long role path": vendor(*every, role_path="/" + "p" * 400 + "/", packs=FEW),
        "narrowed by principal": vendor(*every, account=replace(account, principal="role/mail-*")),
        "narrowed by role": vendor(*every, account=replace(account, role_arn=role_arn)),
        "long session": vendor(*every, session_duration=43200),
        "longest name": vendor(*every, name="a" + "b" * 30),
        "name with hyphens": vendor(*every, name="acme-" * 5),
        "shortest name": vendor(*every, name="ab"),
        "title of 100 letters beyond Latin": vendor(*every, title="\u90f5" * 100, packs=FEW),
        "title of markup": vendor(*every, title="'\"` #: {x} %% \\"),
        "own parameter names": vendor(
            *every, parameters=ParameterNames(**{name: f"P{i}" for i, name in enumerate(ParameterNames.__slots__)})
        ),
    }
    return found | _registering() | _mail_manager()


def _registering() -> dict[str, Vendor]:
    """Stacks that report themselves: whatever else they hold, or hold not."""
    every = (*ROLE_BLOCKS, "registration")
    url = {"registration_url": "https://acme.example/stacks"}
    generated = {"webhook_secret": SecretMode.GENERATED}
    return {
        "registration, a role alone": vendor("access", "registration", **url),
        "registration, sending": vendor("sending", "notifications", "access", "registration", **url),
        "registration, every block": vendor(*every, **url),
        "registration, every block generated": vendor(*every, **url, **generated),
        "registration, title beyond Latin": vendor(*every, **url, title="\u90f5" * 100),
    }


def _mail_manager() -> dict[str, Vendor]:
    """Received mail by Mail Manager: what a vendor has that says no more, and everything that can be said."""
    every = load_vendor(str(Path(__file__).parents[1] / "data" / "vendors" / "mail-manager.yaml"), {})
    default = load_vendor(str(Path(__file__).parents[1] / "data" / "vendors" / "mail-manager-default.yaml"), {})
    chosen = {"inbound": Inbound.MAIL_MANAGER, "pipeline": default.pipeline}
    return {
        "mail manager": default,
        "mail manager, inbound alone": vendor("inbound", **chosen),
        "mail manager, every block": vendor(*ROLE_BLOCKS, **chosen),
        "mail manager, longest name": vendor(*ROLE_BLOCKS, name="a" + "b" * 30, **chosen),
        "mail manager, every condition and action": every,
    }


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
    from cfnlint.config import ConfigMixIn, ManualArgs
    from cfnlint.core import get_rules

    config = ManualArgs(regions=list(REGIONS))
    # Loaded once: that takes half as long as to lint a template.
    rules = get_rules([], [], ["W", "E"])
    rules.configure(ConfigMixIn(**config).configure_rules)

    def find(text: str) -> list[str]:
        return [f"{one.rule.id} {one.message}" for one in lint(text, rules, config=config)]

    return find


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one lint of a template came to."""

    findings: tuple[Finding, ...]
    """What `byoaws lint` says."""
    stock: tuple[str, ...]
    """What cfn-lint's own rules said on the way, before findings of ours stood in for any."""


@pytest.fixture(scope="session")
def linted(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Told]:
    """Lint a template for two regions, once for both judges: `linted(text, asked)`.

    cfn-lint's own rules take nine tenths of the time of `byoaws lint`, and say there what they say by themselves.
    """
    from byoaws.lint import stock
    from byoaws.lint.engine import lint
    from byoaws.lint.folding import is_ours

    folder = tmp_path_factory.mktemp("linted")
    path = folder / "template.yaml"
    (folder / ".cfnlintrc").write_text(f"regions: [{', '.join(REGIONS)}]\n", encoding="utf-8")
    run = stock.run

    def judge(text: str, asked: frozenset[str] = frozenset()) -> Told:
        said: list[str] = []

        def overheard(*arguments: Any) -> Iterator[Any]:
            for match in run(*arguments):
                if not is_ours(match.rule.id):
                    said.append(f"{match.rule.id} {match.message}")
                yield match

        path.write_text(text, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(stock, "run", overheard)
            patched.chdir(folder)
            findings = lint([path], asked=asked)
        return Told(findings=tuple(findings), stock=tuple(said))

    return judge
