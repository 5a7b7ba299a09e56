"""The linter as a whole: order, severities, settings, and input that is no template."""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byoaws.errors import UsageError
from byoaws.lint.engine import lint
from byoaws.lint.interface import LinkFacts
from byoaws.model import Finding

LintText = Callable[..., list[Finding]]

TOPIC = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
DEAD_RULE = """Resources:
  RuleSet: {Type: AWS::SES::ReceiptRuleSet}
  Rule: {Type: AWS::SES::ReceiptRule, Properties: {RuleSetName: !Ref RuleSet, Rule: {ScanEnabled: true}}}
"""


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_stock_rules_run_beside_ours(lint_text: LintText) -> None:
    found = lint_text(DEAD_RULE.replace("ScanEnabled", "ScanEnable"), stock=True)
    assert [(one.code, one.severity, one.line) for one in found] == [("E9105", "error", 3), ("E3002", "error", 3)]
    assert found[1].fix.startswith("see https://")
    assert DEAD_RULE.splitlines()[2][found[0].column - 1 :].startswith("Rule: {ScanEnabled")


def test_a_remark_is_an_info_and_a_stock_warning_a_warning(lint_text: LintText, link: LinkFacts) -> None:
    template = f"Parameters:\n  ExternalId: {{Type: String}}\n  WebhookSecret: {{Type: String}}\n{TOPIC}"
    found = lint_text(template, stock=True, link=link)
    assert {(one.code, one.severity) for one in found} == {("I9104", "info"), ("W2001", "warning")}


def test_findings_are_sorted_by_path_and_place(tmp_path: Path) -> None:
    _write(tmp_path, {"b.yaml": DEAD_RULE, "a.yaml": DEAD_RULE + DEAD_RULE[11:].replace("Rule", "Rule2")})
    found = lint([tmp_path / "b.yaml", tmp_path / "a.yaml"])
    assert [one.path for one in found] == sorted(one.path for one in found)
    places = [(one.path, one.line, one.column, one.code) for one in found]
    assert places == sorted(places)


def test_what_one_link_says_is_forgotten_by_the_next_call(tmp_path: Path, link: LinkFacts) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TOPIC)
    assert {one.code for one in lint([path], link=link)} == {"E9103"}
    assert lint([path]) == []


def test_one_template_s_settings_do_not_reach_the_next(tmp_path: Path) -> None:
    silent = "Metadata: {cfn-lint: {config: {ignore_checks: [E9105]}}}\n" + DEAD_RULE
    _write(tmp_path, {"a.yaml": silent, "b.yaml": DEAD_RULE})
    assert [(Path(one.path).name, one.code) for one in lint([tmp_path])] == [("b.yaml", "E9105")]


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [")
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        lint([tmp_path / "broken.yaml"])
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_importing_the_linter_does_not_import_cfn_lint() -> None:
    code = "import sys, byoaws.lint.engine, byoaws.lint.catalogue; print('cfnlint' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_a_cfnlintrc_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, {"t.yaml": DEAD_RULE, ".cfnlintrc": "ignore_checks: [E9105]\n"})
    monkeypatch.chdir(tmp_path)
    assert lint(["t.yaml"]) == []


@pytest.mark.parametrize(
    ("settings_file", "part"),
    [
        ("no_such_key: 1\n", "no_such_key"),
        ("regions: 5\n", "regions"),
        ("append_rules: [no_such_module]\n", "no_such_module"),
        ("regions: [nowhere-1]\n", "nowhere-1"),
    ],
    ids=["unknown key", "wrong type", "no such rules", "no such region"],
)
def test_a_wrong_cfnlintrc_is_a_usage_error(
    settings_file: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, {"t.yaml": TOPIC, ".cfnlintrc": settings_file})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=part) as caught:
        lint(["t.yaml"])
    assert caught.value.hint


# Input that is no template.

BAD = {
    "empty": (b"", 1, 1, "empty"),
    "only spaces": (b" \n\n", 1, 1, "empty"),
    "scalar": (b"hello\n", 1, 1, "object"),
    "list": (b"- a\n- b\n", 1, 1, "object"),
    "unclosed": (b"Resources:\n  A: [1, 2\n  B: 3\n", 3, 4, "expected"),
    "bad indentation": (b"Resources:\n  A: 1\n B: 2\n", 3, 2, "expected"),
    "two documents": (b"a: 1\n---\nb: 2\n", 2, 1, "document"),
    "unknown tag": (b"a:\n  b: !!python/object/apply:os.system [id]\n", 2, 6, "constructor"),
    "recursive": (b"Resources: &a\n  b: *a\n", 1, 12, "recursive"),
    "binary": (b"\x7fELF\x02\x01\x01\n\0\0", 2, 1, "binary"),
    "not utf-8": (b"Resources:\n  caf\xe9: 1\n", 2, 6, "UTF-8"),
    "utf-16": ("Resources: 1".encode("utf-16"), 1, 1, "UTF-8"),
    "truncated json": (b'{\n\t"Resources": {', 3, 1, ""),
    "json with a tail": (b'{\n\t"Resources": {}\n} x', 3, 3, "document start"),
    "too large": (b"#" * 2_000_001, 1, 1, "larger"),
    "deep flow": (b"Resources: " + b"[" * 100_000, 1, 111, "nested"),
    "deep json": (b'{\n\t"a":' + b"[" * 100_000, 2, 105, "nested"),
    "deep block": (b"".join(b" " * i + b"a:\n" for i in range(300)), 101, 101, "nested"),
}


@pytest.mark.parametrize(("data", "line", "column", "part"), BAD.values(), ids=BAD.keys())
def test_what_is_no_template_is_one_finding_with_its_place(
    data: bytes, line: int, column: int, part: str, lint_text: LintText
) -> None:
    found = lint_text(data, stock=True)
    assert [(one.code, one.severity, one.line, one.column) for one in found] == [("E0000", "error", line, column)]
    assert part in found[0].message
    assert "\n" not in found[0].message
    assert found[0].fix


def test_a_key_that_is_given_twice_is_one_finding(lint_text: LintText) -> None:
    found = lint_text("Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SNS::Topic}\n", stock=True)
    assert [(one.code, one.line, one.column) for one in found] == [("E0000", 3, 3)]


def test_aliases_that_explode_are_refused(lint_text: LintText) -> None:
    lines = ["Metadata:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert [one.code for one in lint_text("\n".join(lines) + "\n" + TOPIC, stock=True)] == ["E0000"]


@pytest.mark.parametrize(
    "text",
    [
        "Metadata: []\n" + TOPIC,
        "Metadata: {cfn-lint: 3}\n" + TOPIC,
        TOPIC + "    Metadata: [1]\n",
        "Parameters: []\n" + TOPIC,
        "Conditions: 4\n" + TOPIC,
        "Outputs: []\n" + TOPIC,
        "Resources: []\n",
        "Resources: {A: 1}\n",
        "Resources: {A: {Type: 'AWS::IAM::Role', Properties: 4}}\n",
        "Resources: {A: {Type: [], Properties: {}}}\n",
        "1: 2\n" + TOPIC,
    ],
    ids=lambda text: text[:40],
)
def test_a_misshapen_template_is_an_error_and_no_traceback(text: str, lint_text: LintText) -> None:
    found = lint_text(text, stock=True)
    assert "error" in {one.severity for one in found}
    assert all(one.line >= 1 and one.column >= 1 for one in found)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(0, 99), st.sampled_from(["", "*", "A", "Rule", "AWS::NoValue"])
)
NAMES = st.sampled_from(
    ["Ref", "Fn::If", "Fn::Sub", "Fn::GetAtt", "Fn::Join", "Fn::FindInMap", "Fn::Select", "Enabled"]
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=TREES, trust=TREES, output=TREES)
def test_our_rules_never_crash_on_odd_expressions(
    rule: object, trust: object, output: object, lint_text: LintText
) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": trust}}}
    resources = {"Rule": {"Type": "AWS::SES::ReceiptRule", "Properties": {"Rule": rule}}, "Role": role}
    template = {"Resources": resources, "Outputs": {"A": {"Value": output}}, "Parameters": {"A": {"Type": "String"}}}
    found = lint_text(json.dumps(template), stock=True)
    assert not [
        one for one in found if one.code == "E0002" and ("rule E91" in one.message or "rule I91" in one.message)
    ]


def test_an_unreadable_file_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(TOPIC)
    # chmod does not stop root, as whom tests in a container may run.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match="permission denied"):
        lint([path])


# What our rules are told ----------------------------------------------------------------------------------------------

NOSY = """
from byoaws.lint.rule import OurRule


class Nosy(OurRule):
    id = "E9196"
    shortdesc = "Says what it was told"
    description = "made up"
    source_url = "https://docs.aws.amazon.com/"
    fix = "none"

    def __init__(self):
        super().__init__()
        text = {"type": "string", "default": "-"}
        names = {"type": "list", "itemtype": "string", "default": []}
        self.config_definition = {"url": text, "secret": text, "asked": names, "prefilled": names, "own": text}

    def match(self, cfn):
        yield self.mistake(["Resources"], repr(sorted(self.config.items())))
"""


def test_a_rule_of_ours_is_told_what_it_declares_and_keeps_its_own_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "append_rules: [own]\nconfigure_rules: {E9196: {own: x, secret: theirs}}\n"
    _write(tmp_path, {"t.yaml": TOPIC, "own/nosy.py": NOSY, ".cfnlintrc": own})
    monkeypatch.chdir(tmp_path)
    facts = LinkFacts(prefilled=frozenset({"B", "A"}), external_id="E", url="https://x.example/?param_A=1")
    told = {
        "asked": ["ses:SendEmail"],
        "own": "x",
        "prefilled": ["A", "B"],
        "secret": "",
        "url": "https://x.example/?param_A=1",
    }
    for _ in range(2):  # what is not told the second time is forgotten
        found = lint(["t.yaml"], link=facts, asked=frozenset({"ses:SendEmail"}))
        assert [one.message for one in found if one.code == "E9196"] == [repr(sorted(told.items()))]
        (plain,) = [one.message for one in lint(["t.yaml"]) if one.code == "E9196"]
        none = {"asked": [], "own": "x", "prefilled": [], "secret": "theirs", "url": "-"}
        assert plain == repr(sorted(none.items()))


@pytest.mark.parametrize("in_globals", [True, False])
def test_a_role_that_sam_makes_is_judged_too(lint_text: LintText, in_globals: bool) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    trust = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    function = {"Handler": "a.b", "Runtime": "python3.13", "InlineCode": "b = 1", **({} if in_globals else trust)}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        **({"Globals": {"Function": trust}} if in_globals else {}),
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": function}},
    }
    assert "E9101" in [finding.code for finding in lint_text(json.dumps(template))]


def test_a_pattern_that_would_be_tried_for_ever_is_not_known(lint_text: Callable[..., list[Finding]]) -> None:
    template = f"""
    Parameters:
      P: {{Type: String, AllowedPattern: '(a|aa)+$', Default: '{"a" * 60}!'}}
    Resources:
      T: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: !Ref P}}}}
    """
    (found,) = lint_text(template, stock=True)
    assert (found.code, "takes too long to try" in found.message) == ("E0002", True)
