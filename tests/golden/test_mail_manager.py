"""The stacks of vendors that receive by Mail Manager, held against the files in `mail-manager/` beside this one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from byoaws.flows import policy, stack
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor
from byoaws.vendors.writer import vendor_file

DATA = Path(__file__).parents[1] / "data" / "vendors"
VENDORS = {"default": "mail-manager-default.yaml", "every": "mail-manager.yaml"}
HERE = policy.Where(region="eu-west-1", account_id="444455556666")


def vendor(name: str) -> Vendor:
    """Without the forwarder, which is in the files of `mailmark/`."""
    found = load_vendor(str(DATA / VENDORS[name]), {})
    packs = tuple(pack for pack in found.packs if pack != "webhook-secret-read")
    return replace(found, packs=packs, stack=replace(found.stack, blocks=("inbound", "access")))


@pytest.mark.parametrize("name", VENDORS)
def test_template(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"mail-manager/{name}.yaml", stack.generate(vendor(name), "yaml"))


@pytest.mark.parametrize("name", VENDORS)
def test_vendor_file(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"mail-manager/{name}.vendor.yaml", vendor_file(vendor(name)))


def test_deployer(golden: Callable[[str, str], None]) -> None:
    import json

    golden("mail-manager/deployer.json", json.dumps(policy.deployer(vendor("every"), HERE), indent=2) + "\n")


def test_no_file_without_an_artefact() -> None:
    there = {path.name for path in (Path(__file__).parent / "mail-manager").iterdir()}
    assert there == {f"{name}{end}" for name in VENDORS for end in (".yaml", ".vendor.yaml")} | {"deployer.json"}
