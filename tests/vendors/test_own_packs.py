"""Packs of a vendor's own: what they may say, what is refused with its place, and what they cannot reach."""

import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UsageError, VendorFileError
from byoaws.iam.compose import load_pack, pack_names, packs_of
from byoaws.iam.operators import NULL, parse_operator
from byoaws.packs import Pack
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_own_packs, load_vendor
from byoaws.vendors.own_packs import read_pack
from byoaws.vendors.pack_checks import OPERATORS
from byoaws.vendors.pack_schema import keys

SOUND = """\
title: Read metrics
statements:
  - sid: ReadMetrics
    actions:
      - action: cloudwatch:GetMetricData
        reason: Draw the graphs.
    resources: ["*"]
"""
ROOT = Path(__file__).parents[2]
ACCOUNT = "arn:${AWS::Partition}:s3:::"


@pytest.fixture
def folder(tmp_path: Path, small: str) -> Path:
    """A vendor file that names a pack of its own, and that pack."""
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "metrics-read.yaml").write_text(SOUND)
    (tmp_path / "byoaws.yaml").write_text(small.replace("[ses-send]", "[ses-send, ./packs/metrics-read.yaml]"))
    return tmp_path


def load(folder: Path) -> Vendor:
    return load_vendor(str(folder / "byoaws.yaml"), {})


def problems(folder: Path) -> list[str]:
    with pytest.raises(VendorFileError) as caught:
        load(folder)
    return [f"{Path(one.source).name}:{one.line} {one.where}: {one.message}" for one in caught.value.problems]


def test_a_pack_beside_the_vendor_file_is_read(folder: Path) -> None:
    vendor = load(folder)
    assert vendor.packs == ("ses-send", "metrics-read")
    send, metrics = packs_of(vendor)
    assert send == load_pack("ses-send")
    assert (metrics.title, list(metrics.actions())) == ("Read metrics", ["cloudwatch:GetMetricData"])


def test_from_another_directory_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "packs")
    assert load_vendor("../byoaws.yaml", {}).own_packs == load(folder).own_packs


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_that_ships_passes_the_strict_reader_unchanged(name: str) -> None:
    """But for the one variable that no stack has, and that only a policy on paper fills in."""
    text = (ROOT / "byoaws" / "policies" / f"{name}.yaml").read_text().replace("${vendor:domain}", "${vendor:name}")
    pack, mistakes = read_pack(text, name)
    assert mistakes == ()
    if "${vendor:name}" not in text or name == "ses-identities":
        assert pack == load_pack(name)


# What is refused -----------------------------------------------------------------------------------------------------

REFUSED = {
    "every action": ("cloudwatch:GetMetricData", "'*'", "5 statements[0].actions[0].action", "has a wildcard"),
    "a service": ("cloudwatch:GetMetricData", "s3:*", "5 statements[0].actions[0].action", "has a wildcard"),
    "a few letters": ("cloudwatch:GetMetricData", "s3:Get?bject", "5 statements[0].actions[0].action", "wildcard"),
    "no service": ("cloudwatch:GetMetricData", "GetMetricData", "5 statements[0].actions[0].action", "not an action"),
    "no reason": ("        reason: Draw the graphs.\n", "", "5 statements[0].actions[0].reason", "is missing"),
    "empty reason": ("Draw the graphs.", "''", "6 statements[0].actions[0].reason", "is not a line"),
    "blank reason": ("Draw the graphs.", "' '", "6 statements[0].actions[0].reason", "is not a line"),
    "two lines": ("Draw the graphs.", '"a\\nb"', "6 statements[0].actions[0].reason", "line break"),
    "Effect": ("    resources", "    effect: Deny\n    resources", "7 statements[0].effect", "unknown key"),
    "NotAction": ("    resources", "    not_actions: []\n    resources", "7 statements[0].not_actions", "unknown key"),
    "Principal": ("    resources", "    principal: '*'\n    resources", "7 statements[0].principal", "unknown key"),
    "misspelt": ("resources", "resource", "7 statements[0].resource", "did you mean 'resources'?"),
    "no title": ("title: Read metrics\n", "", "None title", "is missing"),
    "a name": ("title:", "name: ses-send\ntitle:", "1 name", "unknown key"),
    "no resources": ('["*"]', "[]", "7 statements[0].resources", "is empty"),
    "resources as text": ('["*"]', '"*"', "7 statements[0].resources", "is not a list"),
    "the second": ('"*"', f"'{ACCOUNT}x', 'arn:aws:s3:::y'", "7 statements[0].resources[1]", "nor arn:"),
    "any account": ('"*"', "'arn:${AWS::Partition}:iam::*:role/x'", "7 statements[0].resources[0]", "nor arn:"),
    "other account": ('"*"', "'arn:${AWS::Partition}:s3::999999999999:x'", "7 statements[0].resources[0]", "nor arn:"),
    "literal partition": ('"*"', "'arn:aws:s3:::x'", "7 statements[0].resources[0]", "nor arn:"),
    "any service": ('"*"', "'arn:${AWS::Partition}:*:::x'", "7 statements[0].resources[0]", "nor arn:"),
    "all and more": ('["*"]', f"['*', '{ACCOUNT}x']", "7 statements[0].resources", "holds all the others"),
    "twice": ('["*"]', f"['{ACCOUNT}x', '{ACCOUNT}x']", "7 statements[0].resources", "twice"),
    "environment": ('"*"', f"'{ACCOUNT}${{HOME}}'", "7 statements[0].resources[0]", "'${HOME}' is not known"),
    "environment with default": ('"*"', f"'{ACCOUNT}${{HOME:-x}}'", "7 statements[0].resources[0]", "is not known"),
    "a parameter": ('"*"', f"'{ACCOUNT}${{ExternalId}}'", "7 statements[0].resources[0]", "is not known"),
    "a literal": ('"*"', f"'{ACCOUNT}${{!x}}'", "7 statements[0].resources[0]", "is not known"),
    "unfinished": ('"*"', f"'{ACCOUNT}${{'", "7 statements[0].resources[0]", "is not known"),
    "operator": ('"*"]', '"*"]\n    condition: {stringEquals: {a:b: c}}', "8 statements[0].condition", "is not a"),
    "key": ('"*"]', '"*"]\n    condition: {StringEquals: {a: c}}', "8 statements[0].condition", "not a condition key"),
    "no keys": ('"*"]', '"*"]\n    condition: {StringEquals: {}}', "8 statements[0].condition", "no condition key"),
    "empty condition": ('"*"]', '"*"]\n    condition: {}', "8 statements[0].condition", "leave it out"),
    "sid": ("sid: ReadMetrics", "sid: Read-Metrics", "3 statements[0].sid", "letters and digits"),
    "inbound": ("sid: ReadMetrics", "inbound: smtp\n    sid: Read", "3 statements[0].inbound", "no way of receiving"),
    "alias": ("Read metrics", "&a Read", "1 title", "anchor"),
    "tag": ("Read metrics", "!!python/name:os.system x", "1 title", "tag"),
    "list": (SOUND, "- a\n", "1 ", "expected keys with values"),
    "nothing": (SOUND, "", "1 ", "the file is empty"),
    "not YAML": ("title: Read", "title: [", "2 ", "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("was", "instead", "place", "message"), REFUSED.values(), ids=REFUSED)
def test_what_a_pack_may_not_say(folder: Path, was: str, instead: str, place: str, message: str) -> None:
    assert was in SOUND
    (folder / "packs" / "metrics-read.yaml").write_text(SOUND.replace(was, instead))
    found = problems(folder)
    assert any(f"metrics-read.yaml:{place}" in one and message in one for one in found), found


def test_mistakes_of_both_files_are_told_at_once(folder: Path) -> None:
    (folder / "packs" / "metrics-read.yaml").write_text(SOUND.replace("ReadMetrics", "Read Metrics").replace("*", "?"))
    text = (folder / "byoaws.yaml").read_text()
    (folder / "byoaws.yaml").write_text(text.replace("Acme Mail", "''") + "actions: ['*']\n")
    found = problems(folder)
    assert [one.split(" ")[0].split(":")[0] for one in found] == ["", "", *["metrics-read.yaml"] * 2]


def test_a_statement_twice(folder: Path) -> None:
    statement = SOUND.partition("statements:\n")[2]
    (folder / "packs" / "metrics-read.yaml").write_text(SOUND + statement)
    assert "sid 'ReadMetrics' is given twice" in problems(folder)[0]


# Where it may be -----------------------------------------------------------------------------------------------------

PATHS = {
    "above": "../metrics-read.yaml",
    "above, later": "packs/../../metrics-read.yaml",
    "absolute": "/etc/metrics-read.yaml",
    "hidden": "./.packs/metrics-read.yaml",
    "upper case": "./packs/Metrics.yaml",
    "no suffix": "./packs/metrics-read",
    "another kind": "./packs/metrics-read.json",
    "home": "~/metrics-read.yaml",
    "URL": "https://x.example/metrics-read.yaml",
    "backslash": "packs\\..\\metrics.yaml",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_paths_that_are_refused(folder: Path, path: str) -> None:
    text = (folder / "byoaws.yaml").read_text().replace("[ses-send, ./packs/metrics-read.yaml]", f"['{path}']")
    (folder / "byoaws.yaml").write_text(text)
    (found,) = problems(folder)
    assert "packs[0]" in found
    assert "is not a pack" in found


@pytest.mark.parametrize("name", pack_names())
def test_no_pack_takes_the_name_of_one_that_ships(folder: Path, name: str) -> None:
    (folder / "packs" / f"{name}.yaml").write_text(SOUND)
    text = (folder / "byoaws.yaml").read_text().replace("metrics-read", name).replace("ses-send, ", "")
    (folder / "byoaws.yaml").write_text(text)
    (found,) = problems(folder)
    assert f"would replace the pack '{name}'" in found


def test_a_vendor_put_together_in_code_cannot_replace_one_either(folder: Path) -> None:
    evil = Pack(name="ses-send", title="x", statements=load(folder).own_packs[0].statements)
    values = {field.name: getattr(load(folder), field.name) for field in fields(Vendor)}
    vendor = Vendor(**{**values, "packs": ("ses-send",), "own_packs": (evil,)})
    assert packs_of(vendor) == (load_pack("ses-send"),)


def test_two_packs_of_one_name(folder: Path) -> None:
    (folder / "metrics-read.yml").write_text(SOUND)
    text = (folder / "byoaws.yaml").read_text().replace("ses-send, ", "./metrics-read.yml, ")
    (folder / "byoaws.yaml").write_text(text)
    assert "has the name of another pack" in problems(folder)[0]


def test_a_link_that_leads_out_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("password: hunter2\n")
    (folder / "packs" / "metrics-read.yaml").unlink()
    (folder / "packs" / "metrics-read.yaml").symlink_to(outside)
    (found,) = problems(folder)
    assert "leads out of the vendor file's folder" in found
    assert "password" not in found
    assert "hunter2" not in found


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    """As Kubernetes mounts files."""
    (folder / "packs" / "metrics-read.yaml").rename(folder / "real.yaml")
    (folder / "packs" / "metrics-read.yaml").symlink_to(folder / "real.yaml")
    assert load(folder).own_packs[0].name == "metrics-read"


@pytest.mark.parametrize("what", ["missing", "directory", "fifo", "huge", "latin-1"])
def test_what_cannot_be_read(folder: Path, what: str) -> None:
    path = folder / "packs" / "metrics-read.yaml"
    path.unlink()
    if what == "directory":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "huge":
        path.write_bytes(b"#" * 300_000)
    elif what == "latin-1":
        path.write_bytes(b"title: \xfc\n")
    (found,) = problems(folder)
    words = {
        "missing": "no such file",
        "directory": "a directory",
        "fifo": "regular",
        "huge": "256",
        "latin-1": "UTF-8",
    }
    assert words[what] in found


def test_the_environment_is_not_for_packs(folder: Path) -> None:
    (folder / "packs" / "metrics-read.yaml").write_text(SOUND.replace("Draw the graphs.", "Reads ${HOME}"))
    vendor = load_vendor(str(folder / "byoaws.yaml"), {"HOME": "hunter2"})
    assert "hunter2" not in str(vendor.own_packs)


def test_text_without_a_folder_has_no_packs_of_its_own(mistakes: Callable[..., list[str]], small: str) -> None:
    (found,) = mistakes(small.replace("[ses-send]", "[./packs/metrics-read.yaml]"))
    assert "the vendor file is in no folder" in found


def test_a_vendor_file_asks_for_no_more_than_its_packs(folder: Path) -> None:
    text = (folder / "byoaws.yaml").read_text()
    for more in ("actions: ['s3:*']", "statements: []", "resources: ['*']", "policies: x"):
        (folder / "byoaws.yaml").write_text(f"{text}{more}\n")
        assert "unknown key" in problems(folder)[0]
    (folder / "byoaws.yaml").write_text(text.replace("ses-send", "{name: ses-send, resources: ['*']}"))
    assert "is a mapping; expected text" in problems(folder)[0]


# Of the tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(OPERATORS - {NULL}))
def test_operators_are_those_that_the_evaluator_knows(name: str) -> None:
    assert parse_operator(name)
    assert parse_operator(name.swapcase()) is None


def test_every_key_is_described() -> None:
    page = (ROOT / "docs" / "own-vendor.md").read_text()
    assert [key for key in keys() if f"| `{key}` |" not in page] == []


def test_several_at_once_are_read_by_their_path(folder: Path) -> None:
    assert set(load_own_packs(["self-read", "./packs/metrics-read.yaml"], str(folder / "new.yaml"))) == {
        "./packs/metrics-read.yaml"
    }
    with pytest.raises(UsageError, match="no such file"):
        load_own_packs(["./packs/none.yaml"], str(folder / "new.yaml"))


@given(st.text(max_size=60), st.sampled_from(["title", "sid", "action", "reason", "resources"]))
def test_whatever_is_written_is_read_or_refused(text: str, key: str) -> None:
    lines = [f"{line.partition(':')[0]}: {text}" if f"{key}:" in line else line for line in SOUND.splitlines()]
    pack, mistakes = read_pack("\n".join(lines), "x-y")
    assert (pack is None) == bool(mistakes)
    if pack:
        assert all("*" not in action for action in pack.actions())
