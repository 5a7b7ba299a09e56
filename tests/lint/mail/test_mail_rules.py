"""The finer points of the rules about SES, S3 notifications and inline functions: when they speak, and when not."""

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from byoaws.lint.code.invocations import early_notifications
from byoaws.lint.mail.buckets import unwritable_buckets
from byoaws.model import Finding

POLICY = {
    "Type": "AWS::S3::BucketPolicy",
    "Properties": {
        "Bucket": {"Ref": "Mail"},
        "PolicyDocument": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ses.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": {"Fn::Sub": "${Mail.Arn}/*"},
                }
            ]
        },
    },
}


def _statement(**changes: Any) -> dict[str, Any]:
    statement = {**POLICY["Properties"]["PolicyDocument"]["Statement"][0], **changes}  # type: ignore[index]
    return {"PolicyDocument": {"Statement": [{key: value for key, value in statement.items() if value is not None}]}}


def _mail(policy: dict[str, Any] | None, action: dict[str, Any] | None = None, **rule: Any) -> dict[str, Any]:
    resources: dict[str, Any] = {
        "Mail": {"Type": "AWS::S3::Bucket"},
        "Rule": {
            "Type": "AWS::SES::ReceiptRule",
            "Properties": {"Rule": {"Actions": [{"S3Action": {"BucketName": {"Ref": "Mail"}, **(action or {})}}]}},
            "DependsOn": "Policy",
            **rule,
        },
    }
    if policy is not None:
        resources["Policy"] = {**POLICY, "Properties": {**POLICY["Properties"], **policy}}  # type: ignore[dict-item]
    return {"Resources": resources}


SES_MAY_WRITE = {
    "the plain case": {},
    "everybody": _statement(Principal="*"),
    "every account": _statement(Principal={"AWS": "*"}),
    "several services": _statement(Principal={"Service": ["sns.amazonaws.com", "ses.amazonaws.com"]}),
    "by suffix": _statement(Principal={"Service": {"Fn::Sub": "ses.${AWS::URLSuffix}"}}),
    "a service that is given": _statement(Principal={"Service": {"Ref": "Given"}}),
    "every action": _statement(Action="s3:*"),
    "action by pattern": _statement(Action=["s3:Get*", "s3:Put*"]),
    "action in capitals": _statement(Action="S3:PUTOBJECT"),
    "all but reading": _statement(Action=None, NotAction="s3:GetObject"),
    "every resource": _statement(Resource="*"),
    "bucket and objects": _statement(Resource=[{"Fn::GetAtt": ["Mail", "Arn"]}, {"Fn::Sub": "${Mail.Arn}/*"}]),
    "resource that is given": _statement(Resource={"Ref": "Given"}),
    "a document that is given": {"PolicyDocument": {"Ref": "Given"}},
    "a document as text": {"PolicyDocument": "{}"},
    "a bucket that is given": {"Bucket": {"Ref": "Given"}},
}
SES_MAY_NOT = {
    "another service": _statement(Principal={"Service": "sns.amazonaws.com"}),
    "an account": _statement(Principal={"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}),
    "another action": _statement(Action="s3:GetObject"),
    "denied": _statement(Effect="Deny"),
    "the bucket only": _statement(Resource={"Fn::GetAtt": ["Mail", "Arn"]}),
    "the bucket only, by name": _statement(Resource={"Fn::Sub": "arn:aws:s3:::${Mail}"}),
    "nothing": {"PolicyDocument": {"Statement": []}},
}


@pytest.mark.parametrize("policy", SES_MAY_WRITE.values(), ids=SES_MAY_WRITE)
def test_a_policy_that_lets_ses_write_or_may_is_no_mistake(policy: dict[str, Any]) -> None:
    assert unwritable_buckets(_mail(policy)) == []


@pytest.mark.parametrize("policy", SES_MAY_NOT.values(), ids=SES_MAY_NOT)
def test_a_policy_that_does_not_let_ses_write_is_one(policy: dict[str, Any]) -> None:
    (found,) = unwritable_buckets(_mail(policy))
    assert "SES cannot write" in found.message


@pytest.mark.parametrize(
    "template",
    [
        _mail({}, DependsOn=None),
        _mail({}, DependsOn=["Mail"]),
        _mail(None),
        _mail({}, {"IamRoleArn": {"Ref": "AWS::NoValue"}}, DependsOn=None),
        _mail({}, {"IamRoleArn": {"Fn::If": ["HasRole", {"Ref": "Role"}, {"Ref": "AWS::NoValue"}]}}, DependsOn=None),
        _mail({}, {"BucketName": {"Fn::Sub": "${Mail}"}}, DependsOn=None),
    ],
)
def test_a_rule_that_does_not_wait_for_the_policy_is_one_mistake(template: dict[str, Any]) -> None:
    (found,) = unwritable_buckets(template)
    assert found.path[:3] == ("Resources", "Rule", "Properties")
    assert found.path[-1] == "BucketName"


@pytest.mark.parametrize(
    "template",
    [
        _mail(None, {"BucketName": "another"}),
        _mail(None, {"BucketName": {"Ref": "Given"}}),
        _mail(None, {"IamRoleArn": {"Ref": "Role"}}),
        {**_mail(None), "Transform": ["Ours"]},
        _mail({}, DependsOn="Between") | {},
    ],
)
def test_what_the_template_does_not_decide_is_left_alone(template: dict[str, Any]) -> None:
    template["Resources"]["Between"] = {"Type": "Custom::Thing", "DependsOn": ["Policy"]}
    assert unwritable_buckets(template) == []


def _notifying(permission: dict[str, Any] | None, **bucket: Any) -> dict[str, Any]:
    resources: dict[str, Any] = {
        "Code": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "the-code"}},
        "Mail": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "NotificationConfiguration": {"LambdaConfigurations": [{"Function": {"Fn::GetAtt": ["Code", "Arn"]}}]}
            },
            "DependsOn": "Permission",
            **bucket,
        },
    }
    if permission is not None:
        properties = {"FunctionName": {"Ref": "Code"}, "Principal": "s3.amazonaws.com", **permission}
        resources["Permission"] = {"Type": "AWS::Lambda::Permission", "Properties": properties}
    return {"Resources": resources}


@pytest.mark.parametrize(
    "permission",
    [
        {},
        {"FunctionName": "the-code"},
        {"FunctionName": {"Fn::Sub": "arn:aws:lambda:eu-west-1:${AWS::AccountId}:function:the-code"}},
        {"FunctionName": {"Ref": "Given"}},
        {"Principal": {"Ref": "Given"}},
        {"Principal": "*"},
    ],
)
def test_a_bucket_that_waits_for_a_permission_that_fits_is_sound(permission: dict[str, Any]) -> None:
    assert early_notifications(_notifying(permission)) == []
    (early,) = early_notifications(_notifying(permission, DependsOn=None))
    assert early.path[-1] == "Function"


@pytest.mark.parametrize("permission", [None, {"Principal": "sns.amazonaws.com"}, {"FunctionName": "another"}])
def test_a_permission_for_something_else_is_none(permission: dict[str, Any] | None) -> None:
    (found,) = early_notifications(_notifying(permission))
    assert "opens for s3.amazonaws.com" in found.message


def test_a_circle_is_cfn_lint_s_to_tell() -> None:
    template = _notifying({"SourceArn": {"Fn::GetAtt": ["Mail", "Arn"]}})
    assert early_notifications(template) == []
    del template["Resources"]["Mail"]["DependsOn"]
    (found,) = early_notifications(template)
    assert "circle" in found.fix


def test_a_macro_may_bring_the_permission() -> None:
    assert early_notifications({**_notifying(None), "Transform": "Ours"}) == []


SOURCE = "import os\n\ndef handler(event, context)\n    return 1\n"
FUNCTION = "Type: AWS::Lambda::Function\nProperties:\n  Runtime: python3.11\n  Handler: index.handler\n  Role: r\n"
LINES = ("import os", "", "def handler(event, context)", "    return 1")


def _block(indent: int) -> str:
    return "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in LINES)


AT_LINE, AT_PROPERTY = "def handler", "ZipFile"
PLACES = {
    "block": ("|\n" + _block(10), AT_LINE),
    "block that is cut": ("|-\n" + _block(10), AT_LINE),
    "block that keeps its end": ("|+\n" + _block(10) + "\n\n", AT_LINE),
    "block in Sub": ("!Sub |\n" + _block(10), AT_LINE),
    "block in long Sub": ("\n          Fn::Sub: |\n" + _block(12), AT_LINE),
    "one line": (json.dumps(SOURCE) + "\n", AT_PROPERTY),
    "joined": (
        "!Join\n" + '          - "\\n"\n          - [' + ",\n            ".join(map(json.dumps, LINES)) + "]\n",
        AT_LINE,
    ),
    "joined otherwise": ('!Join ["", ["import os\\n\\n", "def handler(event, context)"]]\n', AT_PROPERTY),
}


@pytest.mark.parametrize(("code", "marker"), PLACES.values(), ids=PLACES)
def test_a_syntax_error_is_shown_in_its_line(code: str, marker: str, lint_text: Callable[..., list[Finding]]) -> None:
    text = f"Resources:\n  Function:\n{textwrap.indent(FUNCTION, '    ')}      Code:\n        ZipFile: {code}"
    line = next(number for number, one in enumerate(text.splitlines(), 1) if marker in one)
    found = lint_text(text)
    assert [(one.code, one.line) for one in found if one.code == "E9163"] == [("E9163", line)]


def test_a_syntax_error_in_json_is_shown_at_its_property(lint_text: Callable[..., list[Finding]]) -> None:
    template = {"Resources": {"Function": yaml.safe_load(FUNCTION)}}
    template["Resources"]["Function"]["Properties"]["Code"] = {"ZipFile": SOURCE}
    text = json.dumps(template, indent=1)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "ZipFile" in one)
    found = lint_text(text, name="template.json")
    assert [(one.code, one.line) for one in found if one.code == "E9163"] == [("E9163", line)]


def _function(source: str, **properties: Any) -> str:
    made = {**yaml.safe_load(FUNCTION)["Properties"], "Code": {"ZipFile": source}, **properties}
    return json.dumps({"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": made}}})


def test_the_response_module_may_come_from_a_layer(lint_text: Callable[..., list[Finding]]) -> None:
    source = "import cfn_response\ndef handler(event, context): ...\n"
    assert [one.code for one in lint_text(_function(source))] == ["E9163"]
    assert lint_text(_function(source, Layers=["a-layer"])) == []


def test_a_source_is_never_run(lint_text: Callable[..., list[Finding]], tmp_path: Path) -> None:
    """The attack: a template whose inline source acts when it is loaded."""
    trace = tmp_path / "ran"
    source = f"open({str(trace)!r}, 'w').write('x')\nraise SystemExit\n"
    assert [one.code for one in lint_text(_function(source))] == ["E9162"]
    assert not trace.exists()
