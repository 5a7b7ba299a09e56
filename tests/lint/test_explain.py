"""What there is to read of a rule: ours from its page, a stock one from cfn-lint."""

import subprocess
import sys
from pathlib import Path

import pytest

from byoaws.errors import UsageError
from byoaws.lint.catalogue import page, rule_files
from byoaws.lint.explain import explain


@pytest.mark.parametrize("code", rule_files())
def test_ours_is_its_page(code: str) -> None:
    assert explain(code) == page(code).rstrip("\n") + "\n"
    assert explain(f" {code.lower()} ") == explain(code)


def test_ours_needs_no_cfn_lint() -> None:
    code = "import sys; from byoaws.lint.explain import explain; explain('E9101'); print('cfnlint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("code", ["E3002", "W2001", "I3011", "E1001"])
def test_a_stock_rule_has_title_description_and_source(code: str) -> None:
    title, description, source = explain(code).split("\n\n")
    assert title.startswith(f"# {code}: ")
    assert len(description.split()) > 3
    assert source.startswith("Source: https://")


def test_a_stock_rule_without_a_source_claims_none() -> None:
    assert "Source" not in explain("I3042")


@pytest.mark.parametrize(("code", "part"), [("E0000", "too large"), ("E0002", "exit code is 3")])
def test_what_we_say_ourselves_under_cfn_lint_s_ids(code: str, part: str) -> None:
    assert part in " ".join(explain(code).split())


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("W9101", "near: E9101, "),
        ("E910", "near: E91"),
        ("I3002", "near: E3002, "),
        ("nonsense", "a letter and four digits"),
    ],
)
def test_no_such_rule_is_one_message_with_near_misses(code: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        explain(code)
    assert caught.value.message == f"no rule '{code}'"
    assert hint in caught.value.hint


def test_a_rule_that_the_settings_add_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".cfnlintrc").write_text("custom_rules: own.txt\n")
    (tmp_path / "own.txt").write_text('AWS::IAM::User Path == "/x/" ERROR "every user lives below /x/"\n')
    monkeypatch.chdir(tmp_path)
    assert explain("E9001").startswith("# E9001: ")
