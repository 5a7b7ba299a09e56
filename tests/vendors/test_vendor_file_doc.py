"""docs/vendor-file.md names every key, and nothing that is no key."""

import re
from pathlib import Path

import pytest
import yaml

from byoaws.registry import BLOCKS, PROBES
from byoaws.vendors.file import load_vendor
from byoaws.vendors.schema import keys

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "vendor-file.md").read_text(encoding="utf-8")
TABLE = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", DOC, re.MULTILINE))


def test_every_key_is_described_in_the_order_of_the_schema():
    assert list(TABLE) == list(keys())


def test_required_keys_are_marked():
    required = set(keys(only_required=True))
    assert required
    assert {key for key, default in TABLE.items() if default.startswith("**required**")} == required


def test_blocks_and_probes_are_named():
    for name in (*BLOCKS.builtins, *PROBES.builtins):
        assert f"`{name}`" in DOC


def test_the_environment_of_mailmark_is_the_documented_one():
    text = (ROOT / "byoaws" / "vendors" / "mailmark.yaml").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(MAILMARK_[A-Z_]+)` \| `([a-z_.]+)` \|", DOC, re.MULTILINE))
    used = {}
    for key, value in _leaves(yaml.safe_load(text)):
        used |= dict.fromkeys(re.findall(r"\$\{([A-Z_]+)", str(value)), key)
    assert documented == used


def _leaves(tree: dict, prefix: str = ""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def test_mailmark_shows_every_key():
    tree = yaml.safe_load((ROOT / "byoaws" / "vendors" / "mailmark.yaml").read_text(encoding="utf-8"))
    leaves = [key for key in keys() if not any(other.startswith(f"{key}.") for other in keys())]
    assert [key for key, _ in _leaves(tree)] == leaves


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL))
def test_examples_load(tmp_path: Path, example: str):
    (tmp_path / "byoaws.yaml").write_text(example)
    assert load_vendor(str(tmp_path / "byoaws.yaml"), {}).name == "acme"
