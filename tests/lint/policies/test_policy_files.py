"""Bare IAM policies as files: which are told from templates, and what is said of them, at which line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byoaws import libyaml
from byoaws.iam.compose import pack_names, permission_policy, substitute
from byoaws.lint.engine import lint
from byoaws.lint.outline import is_policy
from byoaws.model import Finding

LintText = Callable[..., list[Finding]]
DATA = Path(__file__).parents[2] / "data"
VENDOR = "111122223333"

PERMISSIONS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["ses:SendEmail"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["ses:GetSendQuota", "ses:GetIdentityDkimAttributes"], "Resource": "*"},
    ],
}


def trust(**condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{VENDOR}:root"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}


def places(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(one.code, one.line) for one in findings]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


WRITTEN = {
    "json": json.dumps(PERMISSIONS, indent=2),
    "json with tabs": json.dumps(PERMISSIONS, indent="\t"),
    "yaml": yaml.safe_dump(PERMISSIONS, sort_keys=False),
    "yaml, upside down": yaml.safe_dump(dict(reversed(PERMISSIONS.items())), sort_keys=False),
    "windows line ends": json.dumps(PERMISSIONS, indent=2).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize("name", ["policy.json", "policy.yaml", "policy", "policy.txt"])
def test_a_policy_is_held_to_e9107_at_its_own_lines(text: str, name: str, lint_text: LintText) -> None:
    found = lint_text(text, name=name, stock=True)
    assert places(found) == [
        ("E9107", line_of(text, "ses:GetSendQuota")),
        ("E9107", line_of(text, "ses:GetIdentityDkimAttributes")),
    ]
    # cfn-lint counts a tab as one column, and points at the quotes where there are some.
    assert text.splitlines()[found[0].line - 1][found[0].column - 1 :].strip(' "-,') == "ses:GetSendQuota"


def test_one_line_is_enough(lint_text: LintText) -> None:
    text = json.dumps(PERMISSIONS)
    columns = [one.column for one in lint_text(text, name="p.json", stock=True)]
    assert [text[column - 1 :].startswith('"ses:Get') for column in columns] == [True, True]


def test_the_vendor_decides(lint_text: LintText) -> None:
    text = json.dumps(PERMISSIONS)
    assert lint_text(text, stock=True, asked=frozenset({"ses:GetSendQuota"})) == []
    assert {one.severity for one in lint_text(text, asked=frozenset({"ses:GetAccount", "ses:GetEmailIdentity"}))} == {
        "error"
    }


@pytest.mark.parametrize("name", pack_names())
def test_each_pack_s_policy_is_clean_for_whoever_asks_for_it(name: str, lint_text: LintText) -> None:
    values = {
        **dict.fromkeys(("AWS::Region", "AWS::AccountId"), "*"),
        "AWS::Partition": "aws",
        "stack:role": "/byoaws/x/y",
        "stack:bucket": "mail",
        "vendor:name": "x",
        "vendor:role-path": "/byoaws/x/",
        "vendor:domain": "example.com",
        "stack:configuration-set": "set",
        "stack:webhook-secret": "arn:aws:secretsmanager:*:*:secret:x",
        "stack:forwarder": "arn:aws:lambda:*:*:function:x",
        "stack:setup-function": "arn:aws:lambda:*:*:function:y",
        "stack:registration-function": "arn:aws:lambda:*:*:function:z",
        "stack:forwarder-alarm": "arn:aws:cloudwatch:*:*:alarm:x",
        "stack:forwarder-dead-letters": "arn:aws:sqs:*:*:x",
        "stack:event-dead-letters": "arn:aws:sqs:*:*:y",
        **{f"stack:{event}-topic": "arn:aws:sns:*:*:x" for event in ("bounce", "complaint", "delivery")},
        "AWS::StackId": "arn:aws:cloudformation:*:*:stack/x/*",
    }
    document = permission_policy([name], lambda text: substitute(text, values))
    asked = frozenset(action for statement in document["Statement"] for action in statement["Action"])
    assert lint_text(json.dumps(document), stock=True, asked=asked) == []


# Trust policies.


def test_a_trust_policy_without_the_external_id_is_told_at_its_statement(lint_text: LintText) -> None:
    text = json.dumps(trust(), indent=2)
    (found,) = lint_text(text, name="trust.json", stock=True)
    assert (found.code, found.severity, found.line) == ("E9101", "error", line_of(text, '"Effect"') - 1)
    assert "without an ExternalId" in found.message
    assert "ExternalId" in found.fix


def test_a_placeholder_that_was_left_in_is_told_once(lint_text: LintText) -> None:
    document = json.dumps(trust(StringEquals={"sts:ExternalId": "0123456789abcdef"})).replace(VENDOR, "<ACCOUNT>")
    assert [one.code for one in lint_text(document, stock=True)] == ["E3530"]


def test_a_sound_trust_policy_is_clean(lint_text: LintText) -> None:
    text = json.dumps(trust(StringEquals={"sts:ExternalId": "0123456789abcdef0123456789abcdef"}))
    assert lint_text(text, stock=True) == []


def filled(value: Any) -> Any:
    text = json.dumps(value)
    for name, filling in {
        "{vendor_account}": VENDOR,
        "{stranger_account}": "444455556666",
        "{principal}": f"arn:aws:iam::{VENDOR}:role/app",
        "{external_id}": "byoaws-0123456789abcdef0123456789abcdef",
    }.items():
        text = text.replace(name, filling)
    return json.loads(text)


def cases(name: str) -> list[Any]:
    found = libyaml.load((DATA / name).read_text(encoding="utf-8"))
    # As in a template: some faults show only to whoever knows whom to trust, and with what id.
    shown = [one for one in found if one.get("lint", one.get("codes", []))]
    return [pytest.param(one, id=one["id"]) for one in (shown if name.startswith("broken") else found)]


@pytest.mark.parametrize("case", cases("broken_trust.yaml"))
def test_every_broken_trust_policy_is_caught_in_a_file_of_its_own(case: dict[str, Any], lint_text: LintText) -> None:
    found = lint_text(json.dumps(filled(case["policy"]), indent=1), name="trust.json")
    assert {one.code for one in found} == {"E9101"}


# What else a policy can be.


def test_a_policy_of_a_resource_is_no_trust_policy(lint_text: LintText) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": VENDOR}, "Action": "ses:SendEmail", "Resource": "*"}
    assert lint_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), stock=True) == []


def test_a_misspelt_action_is_cfn_lint_s_to_tell_and_told_briefly(lint_text: LintText) -> None:
    (found,) = lint_text(json.dumps(PERMISSIONS).replace("SendEmail", "SendEmial").replace("Get", "List"), stock=True)[
        :1
    ]
    assert found.code == "W3037"
    assert "'sendemial' is not one of" in found.message
    assert len(found.message) <= 500


BROKEN = {
    "nothing stated": ('{"Statement": []}', "E0000", "Statement"),
    "no object": ('{"Statement": 5}', "E3510", "5 is not"),
    "no effect": ('{"Statement": [{"Action": "ses:GetAccount", "Resource": "*"}]}', "E3510", "Effect"),
    "an unknown key": ('{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "X": 1}}', "E3510", "'X'"),
    "an intrinsic": ('{"Statement": [{"Fn::Transform": {"Name": "AWS::Include"}}]}', "E0000", "Fn::Transform"),
    "a version of ours": ('{"Version": "2026-01-01", "Statement": {}}', "E3510", "2026-01-01"),
    "half": ('{"Statement": [', "E0000", "expected"),
    "a key twice": ('{"Statement": [], "Statement": []}', "E0000", "is given twice"),
    "a principal that is a number": ('{"Statement": {"Principal": 5}}', "E9101", "cannot tell"),
}


@pytest.mark.parametrize(("text", "code", "part"), BROKEN.values(), ids=BROKEN.keys())
def test_a_malformed_policy_is_told_and_not_passed(text: str, code: str, part: str, lint_text: LintText) -> None:
    found = [one for one in lint_text(text, name="p.json", stock=True) if one.code == code]
    assert part in found[0].message
    assert all(one.severity == "error" and one.fix for one in found)


def test_an_unquoted_version_of_a_yaml_policy_is_no_date(lint_text: LintText) -> None:
    text = "Version: 2012-10-17\nStatement: [{Effect: Allow, Action: 'ses:GetAccount', Resource: '*'}]\n"
    assert lint_text(text, stock=True) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"Statement": []}', True),
        ("Statement: {}\n", True),
        ('{\n\t"Statement": []}', True),
        ('{"Resources": {}, "Statement": []}', False),
        ("Resources:\n  A: {Properties: {PolicyDocument: {Statement: []}}}\n", False),
        ("statement: []\n", False),
        ("a: Statement\n", False),
        ("- Statement\n", False),
        ('{"Statement": [', False),
        ('["Statement"]', False),
        ("\tStatement", False),
        ('[\n\t"Statement"]', False),
        ('{"a": ["Statement", {"Statement": 1}]}', False),
        ('{\t"Statement": ' + "[" * 200, False),
        ("", False),
    ],
    ids=repr,
)
def test_what_is_a_policy(text: str, expected: bool) -> None:
    assert is_policy(text) is expected


def test_a_folder_is_searched_for_templates_only(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(PERMISSIONS))
    (tmp_path / "t.yaml").write_text("Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    assert lint([tmp_path]) == []
    assert {one.path for one in lint([tmp_path, tmp_path / "policy.json"])} == {str(tmp_path / "policy.json")}


SCALARS = st.sampled_from([None, True, 5, "", "*", "Allow", "ses:GetSendQuota", "sts:AssumeRole", "2012-10-17"])
KEYS = st.sampled_from(["Effect", "Action", "Principal", "Resource", "Condition", "NotAction", "AWS", "Ref", "Fn::If"])
TREES = st.recursive(
    SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(KEYS, one, max_size=4), max_leaves=8
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statement=TREES)
def test_no_policy_crashes_the_linter(statement: Any, lint_text: LintText) -> None:
    found = lint_text(json.dumps({"Statement": statement}), name="p.json", stock=True)
    assert "E0002" not in {one.code for one in found}
    assert all(one.line == 1 and one.column >= 1 and one.fix for one in found)


# The rules about policies.

BARE = {
    "anyone": ({"Principal": "*", "Action": "sns:Publish", "Resource": "*"}, ["E9111"]),
    "anyone reads": ({"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}, ["E9111"]),
    "a service": (
        {"Principal": {"Service": "ses.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::x/*"},
        ["W9112"],
    ),
    "a service's role": ({"Principal": {"Service": "ses.amazonaws.com"}, "Action": "sts:AssumeRole"}, ["W9112"]),
    "a function's role": ({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}, []),
    "a misspelt key": (
        {
            "Action": "ses:SendEmail",
            "Resource": "*",
            "Condition": {"StringEquals": {"ses:FromAdress": "a@example.com"}},
        },
        ["E9114"],
    ),
    "everything": ({"Action": "*", "Resource": "*"}, ["E9115"]),
    "all but": ({"NotAction": "iam:*", "Resource": "*"}, ["E9115"]),
    # A bare policy has no pseudo parameters to write a partition with.
    "a partition": ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::mail/*"}, []),
}


@pytest.mark.parametrize(("parts", "codes"), BARE.values(), ids=BARE.keys())
def test_a_bare_policy_is_held_to_the_rules_about_policies(
    parts: dict[str, Any], codes: list[str], lint_text: LintText
) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **parts}]}
    text = json.dumps(document, indent=2)
    found = lint_text(text, name="policy.json", stock=True)
    assert [one.code for one in found] == codes
    assert all(1 < one.line <= text.count("\n") for one in found)
