"""cfn-lint's own settings hold: each is tried with the `cfn-lint` command and with ours, and both must say the same."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from byoaws.lint.catalogue import rules_folder
from byoaws.lint.engine import lint

ROLE = """Resources:
  Role:
    Type: AWS::IAM::Role
    {metadata}
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{AWS: !Sub "arn:${{AWS::Partition}}:iam::111122223333:root"}}
            Action: sts:AssumeRole
  Topic:
    Type: AWS::SNS::Topic
    Properties: {{Colour: red}}
  Old:
    Type: AWS::IAM::User
Parameters:
  Unused: {{Type: String}}
"""
PLAIN = ROLE.format(metadata="DependsOn: Topic")
ALL = {"E9101", "E3002", "W2001"}
OPTIONS = ("--format", "json", "--append-rules", str(rules_folder()), "--")


def _resource(config: str) -> str:
    return ROLE.format(metadata=f"Metadata: {{cfn-lint: {{config: {config}}}}}")


def _template(config: str) -> str:
    return f"Metadata: {{cfn-lint: {{config: {config}}}}}\n{PLAIN}"


CASES: dict[str, tuple[dict[str, str], str, set[str]]] = {
    "nothing": ({}, PLAIN, ALL),
    "resource": ({}, _resource("{ignore_checks: [E9101]}"), ALL - {"E9101"}),
    "resource, another": ({}, _resource("{ignore_checks: [E9102, E3002]}"), ALL),
    "template": ({}, _template("{ignore_checks: [E9101, W2001]}"), {"E3002"}),
    "template, by prefix": ({}, _template("{ignore_checks: [E91]}"), ALL - {"E9101"}),
    "template, one rule's settings": ({}, _template("{configure_rules: {E9101: {strict: true}}}"), ALL),
    "file": ({".cfnlintrc": "ignore_checks: [E9101]\n"}, PLAIN, ALL - {"E9101"}),
    "file, .yaml": ({".cfnlintrc.yaml": "ignore_checks: [E9101]\n"}, PLAIN, ALL - {"E9101"}),
    "file, .yml": ({".cfnlintrc.yml": "ignore_checks: [E9101]\n"}, PLAIN, ALL - {"E9101"}),
    "file, the first counts": (
        {".cfnlintrc": "ignore_checks: [E9101]\n", ".cfnlintrc.yml": "ignore_checks: [W]\n"},
        PLAIN,
        ALL - {"E9101"},
    ),
    "file, mandatory": (
        {".cfnlintrc": "ignore_checks: [E9101, W2001]\nmandatory_checks: [E9101]\n"},
        PLAIN,
        ALL - {"W2001"},
    ),
    "file, remarks": ({".cfnlintrc": "include_checks: [I]\nignore_checks: [E, W]\n"}, PLAIN, set()),
    "template before file": (
        {".cfnlintrc": "ignore_checks: [E9101]\n"},
        _template("{ignore_checks: [W2001]}"),
        {"E9101", "E3002"},
    ),
    "file, both merged": (
        {".cfnlintrc": "ignore_checks: [E9101]\nmerge_configs: true\n"},
        _template("{ignore_checks: [W2001]}"),
        {"E3002"},
    ),
    "file, a template": ({".cfnlintrc": "ignore_templates: ['t.y*']\n"}, PLAIN, set()),
    "file, another template": ({".cfnlintrc": "ignore_templates: ['u.yaml']\n"}, PLAIN, ALL),
    "file, a rule's settings": ({".cfnlintrc": "configure_rules: {E3012: {strict: true}}\n"}, PLAIN, ALL),
    "home": ({"../home/.cfnlintrc": "ignore_checks: [E9101]\n"}, PLAIN, ALL - {"E9101"}),
    "home, and the project before it": (
        {"../home/.cfnlintrc": "ignore_checks: [E9101]\n", ".cfnlintrc": "ignore_checks: [W2001]\n"},
        PLAIN,
        {"E9101", "E3002"},
    ),
    "broken, and to be passed over": ({".cfnlintrc": "ignore_bad_template: true\n"}, "a: [", set()),
    "broken, and ignored": ({".cfnlintrc": "ignore_checks: [E0000]\n"}, "a: [", set()),
    "broken": ({}, "a: [", {"E0000"}),
    "overridden schema": (
        {
            ".cfnlintrc": "override_spec: spec.json\n",
            "spec.json": '{"ExcludeResourceTypes": ["AWS::IAM::User"]}',
        },
        PLAIN,
        ALL | {"E3006"},
    ),
    "added schema": (
        {
            ".cfnlintrc": "registry_schemas: [schemas]\n",
            "schemas/acme.json": json.dumps(
                {
                    "typeName": "Acme::Mail::Box",
                    "properties": {"Size": {"type": "integer"}},
                    "additionalProperties": False,
                    "primaryIdentifier": ["/properties/Size"],
                }
            ),
        },
        "Resources: {Box: {Type: 'Acme::Mail::Box', Properties: {Size: 1}}}\n",
        set(),
    ),
    "no such schema": ({}, "Resources: {Box: {Type: 'Acme::Mail::Box', Properties: {Size: 1}}}\n", {"E3006"}),
    "custom rule": (
        {".cfnlintrc": "custom_rules: rules.txt\n", "rules.txt": 'AWS::IAM::User Path == "/x/" ERROR "no"\n'},
        PLAIN.replace("Type: AWS::IAM::User", "Type: AWS::IAM::User\n    Properties: {Path: /y/}"),
        ALL | {"E9001"},
    ),
    "another region": ({".cfnlintrc": "regions: [eu-west-1, us-east-1]\n"}, PLAIN, ALL),
}


@pytest.fixture
def both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forked: Callable[..., Any]
) -> Callable[[Mapping[str, str], str], tuple[set[str], set[str]]]:
    """Codes that cfn-lint finds with our rules, and those that we find."""
    (tmp_path / "home").mkdir()
    (tmp_path / "cwd").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path / "cwd")

    def run(files: Mapping[str, str], template: str) -> tuple[set[str], set[str]]:
        for name, text in {**files, "t.yaml": template}.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text)
        done = forked("cfn-lint", *OPTIONS, "t.yaml", cwd=Path.cwd(), warnings="ignore")
        assert "Traceback" not in done.stderr
        theirs = {item["Rule"]["Id"] for item in json.loads(done.stdout or "[]")}
        return theirs, {item.code for item in lint(["t.yaml"])}

    return run


def test_the_command_that_is_forked_is_the_command(tmp_path: Path, forked: Callable[..., Any]) -> None:
    (tmp_path / "t.yaml").write_text(PLAIN)
    command = [sys.executable, "-W", "ignore", "-c", "from cfnlint.runner.cli import main; main()", *OPTIONS, "t.yaml"]
    env = os.environ | {"HOME": str(tmp_path)}
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    same = forked("cfn-lint", *OPTIONS, "t.yaml", cwd=tmp_path, env=env, warnings="ignore")
    assert (done.returncode, done.stdout) == (same.returncode, same.stdout)
    assert {item["Rule"]["Id"] for item in json.loads(done.stdout)} == ALL


# The command reads standard input where every template is ignored, and its -a leaves out what the file appends.
ONLY_OURS = {"file, a template"}


@pytest.mark.parametrize(("files", "template", "codes"), CASES.values(), ids=CASES)
def test_both_say_the_same(
    files: dict[str, str],
    template: str,
    codes: set[str],
    request: pytest.FixtureRequest,
    both: Callable[[Mapping[str, str], str], tuple[set[str], set[str]]],
) -> None:
    theirs, ours = both(files, template)
    assert ours == codes
    if request.node.callspec.id not in ONLY_OURS:
        assert theirs == codes


def test_an_ignored_template_is_left_out_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cfnlintrc").write_text("ignore_templates: ['old/**']\n")
    (tmp_path / "old").mkdir()
    for name in ("old/t.yaml", "t.yaml"):
        (tmp_path / name).write_text(PLAIN)
    for paths in (["old/t.yaml", "t.yaml"], [tmp_path / "old" / "t.yaml", "t.yaml"], ["."]):
        assert {item.path for item in lint(paths)} == {"t.yaml"}


def test_one_file_s_settings_do_not_hold_for_the_broken_one_after_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(_template("{ignore_checks: [E0000], ignore_bad_template: true}"))
    for name, text in {"b.yaml": "Resources: [", "c.yaml": "Resources: " + "[" * 200}.items():
        (tmp_path / name).write_text(text)
    found = lint([tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml")])
    assert [Path(item.path).name for item in found if item.code == "E0000"] == ["b.yaml", "c.yaml"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("registry_schemas: [nowhere]\n", "folder of schemas that is not there: 'nowhere'"),
        ("override_spec: nowhere.json\n", "'nowhere.json'"),
        ("override_spec: .\n", "'.'"),
        ("override_spec: .cfnlintrc\n", "'.cfnlintrc'"),
        ("custom_rules: nowhere.txt\n", "nowhere.txt"),
    ],
)
def test_files_that_settings_name_and_that_are_not_there(
    text: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from byoaws.errors import UsageError

    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cfnlintrc").write_text(text)
    (tmp_path / "t.yaml").write_text(PLAIN)
    with pytest.raises(UsageError) as caught:
        lint(["t.yaml"])
    assert part in caught.value.message
    assert ".cfnlintrc" in caught.value.hint


def test_schemas_of_one_lint_are_forgotten_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text("Resources: {User: {Type: 'AWS::IAM::User'}}\n")
    (tmp_path / "spec.json").write_text('{"ExcludeResourceTypes": ["AWS::IAM::User"]}')
    (tmp_path / ".cfnlintrc").write_text("override_spec: spec.json\n")
    assert {item.code for item in lint(["t.yaml"])} == {"E3006"}
    (tmp_path / ".cfnlintrc").unlink()
    assert lint(["t.yaml"]) == []


def test_no_home_directory_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from byoaws.errors import UsageError

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    (tmp_path / "t.yaml").write_text(PLAIN)
    with pytest.raises(UsageError, match="home directory") as caught:
        lint([tmp_path / "t.yaml"])
    assert caught.value.hint == "set HOME"
