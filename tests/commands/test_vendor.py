"""`byoaws vendor show`, `check` and `list`, as they are typed."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.flows.vendor.explain import Meaning
from byoaws.flows.vendor.risks import CODES
from byoaws.vendors.file import builtin_vendors

Run = Callable[..., Result]
PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
SAFE = """\
name: acme
title: Acme
aws: {account_id: "111122223333", principal: role/x}
packs: [self-read]
stack: {name: acme, version: 1.0.0, blocks: [access]}
probes: [role-arn, vendor-identity, external-id-required, external-id-checked, assume-role, caller-identity]
""".replace("caller-identity]", "caller-identity, trust-policy]")


@pytest.mark.parametrize("name", builtin_vendors())
@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_show_fits_the_terminal(name: str, columns: str, output_of: Callable[..., str]) -> None:
    shown = output_of("vendor", "show", "--vendor", name, env={"COLUMNS": columns})
    assert max(map(len, shown.splitlines())) <= int(columns)
    assert "\x1b" not in shown
    for title in ("What the vendor may do", "What the stack makes", "Warnings", "who gets in"):
        assert title in shown


def test_show_as_json(json_of: Callable[..., dict], vendor_env: Mapping[str, str]) -> None:
    found = json_of("vendor", "show", "--vendor", "mailmark")
    assert list(found) == list(Meaning.__dataclass_fields__)
    assert found["account_id"] == "111122223333"
    assert found["blocks"]["access"] == {"AWS::IAM::Role": 1, "AWS::IAM::Policy": 1}


def test_every_key_of_the_json_is_documented() -> None:
    section = PAGE.partition("## `byoaws vendor show`")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert documented == set(Meaning.__dataclass_fields__)


def test_every_code_is_documented() -> None:
    assert tuple(re.findall(r"^\| (W\d{3}) `[a-z-]+` \|", PAGE, re.MULTILINE)) == CODES


def test_check_is_fine(run: Run, cwd: Path) -> None:
    (cwd / "byoaws.yaml").write_text(SAFE)
    done = run("vendor", "check")
    assert (done.exit_code, done.stdout) == (0, "no warnings\n")


def test_check_warns(run: Run, cwd: Path) -> None:
    (cwd / "byoaws.yaml").write_text(SAFE.replace(", principal: role/x", "") + "role: {name: Fixed}\n")
    done = run("vendor", "check")
    assert done.exit_code == 1
    assert [line.split()[0] for line in done.stdout.splitlines() if line[0] == "W"] == ["W101", "W104"]
    assert done.stdout.endswith("2 warnings\n")
    as_json = run("vendor", "check", "--format", "json")
    assert as_json.exit_code == 1
    assert [set(one) for one in json.loads(as_json.stdout)["warnings"]] == [{"code", "name", "summary", "fix"}] * 2
    assert run("vendor", "check", "--ignore", "W101", "--ignore", "W104").exit_code == 0


def test_check_of_a_file_with_mistakes(run: Run, cwd: Path) -> None:
    (cwd / "byoaws.yaml").write_text(SAFE + "actions: ['*']\n")
    done = run("vendor", "check")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "./byoaws.yaml:7:1: actions: unknown key" in done.stderr


def test_check_of_a_stack_that_cannot_be(run: Run, cwd: Path) -> None:
    (cwd / "byoaws.yaml").write_text(SAFE.replace("[self-read]", "[ses-send]"))
    done = run("vendor", "check")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "stack:configuration-set" in done.stderr


def test_a_code_that_is_none(run: Run) -> None:
    done = run("vendor", "check", "--vendor", "mailmark", "--ignore", "W1")
    assert done.exit_code == 2
    assert "'W1' is not the code of a warning" in done.stderr


def test_list(output_of: Callable[..., str], json_of: Callable[..., dict]) -> None:
    assert [line.split()[0] for line in output_of("vendor", "list").splitlines()] == builtin_vendors()
    found = json_of("vendor", "list")["vendors"]
    assert [one["name"] for one in found] == builtin_vendors()
    assert {one["access"] for one in found} == {"role", "user"}


def test_list_when_one_cannot_be_read(run: Run) -> None:
    done = run("vendor", "list", env={"MAILMARK_AWS_ACCOUNT_ID": "12"})
    assert done.exit_code == 1
    assert "mailmark" not in done.stdout
    assert "vendor 'mailmark' cannot be read" in done.stderr


def test_a_title_cannot_steer_the_terminal(run: Run, cwd: Path) -> None:
    (cwd / "byoaws.yaml").write_text(SAFE.replace("title: Acme", 'title: "[red]Acme[/red] :smile:"'))
    assert "[red]Acme[/red] :smile:" in run("vendor", "show").stdout
