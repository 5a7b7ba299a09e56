"""W9124: names that are the same in every stack."""

from typing import Any

import pytest

from byoaws.lint.quick_create.fixed_names import fixed_names

CONDITIONS = {
    "InEurope": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "Both": {"Fn::And": [{"Condition": "InEurope"}, {"Condition": "IsProd"}]},
    "Mapped": {"Fn::Equals": [{"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "K"]}, "x"]},
    "Loop": {"Condition": "Loop"},
}
UNIQUE = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}


def found(
    value: Any, kind: str = "AWS::SNS::Topic", key: str = "TopicName", **more: Any
) -> list[tuple[str | int, ...]]:
    resource = {"Type": kind, "Properties": {key: value, **more}}
    template = {"Conditions": CONDITIONS, "Parameters": {"Stage": {"Type": "String"}}, "Resources": {"R": resource}}
    return [one.path[3:] for one in fixed_names(template)]


FIXED = {
    "a text": "mail",
    "account and region": {"Fn::Sub": "mail-${AWS::AccountId}-${AWS::Region}"},
    "joined": {"Fn::Join": ["-", ["mail", {"Ref": "AWS::Region"}]]},
    "a variable of Sub that is fixed": {"Fn::Sub": ["${A}-x", {"A": "mail"}]},
    "of a mapping by region": {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "K"]},
    "escaped": {"Fn::Sub": "mail-${!Stage}"},
}
VARYING = {
    "a parameter": {"Ref": "Stage"},
    "with a parameter": {"Fn::Sub": "mail-${Stage}"},
    "the stack's name": {"Fn::Sub": "${AWS::StackName}-mail"},
    "the stack's id": {"Fn::Join": ["-", ["mail", UNIQUE]]},
    "a variable of Sub": {"Fn::Sub": ["mail-${U}", {"U": UNIQUE}]},
    "another resource": {"Fn::Sub": "/aws/lambda/${Function}"},
    "an attribute": {"Fn::GetAtt": ["Maker", "Name"]},
    "an imported value": {"Fn::ImportValue": "name"},
    "of a mapping by parameter": {"Fn::FindInMap": ["M", {"Ref": "Stage"}, "K"]},
    "an SSM parameter": "{{resolve:ssm:/name}}",
    "a macro": {"Fn::Transform": {"Name": "M"}},
    "nothing": {"Ref": "AWS::NoValue"},
    "by a parameter": {"Fn::If": ["IsProd", "mail", {"Ref": "AWS::NoValue"}]},
    "by a parameter, among others": {"Fn::If": ["Both", "mail", "other"]},
    "by a condition that is not there": {"Fn::If": ["Missing", "mail", "other"]},
    "malformed": {"a": 1, "b": 2},
}


@pytest.mark.parametrize("value", FIXED.values(), ids=FIXED.keys())
def test_a_fixed_name_is_found_once(value: Any) -> None:
    assert found(value) == [("TopicName",)]


@pytest.mark.parametrize("value", VARYING.values(), ids=VARYING.keys())
def test_a_name_that_varies_is_left_alone(value: Any) -> None:
    assert found(value) == []


@pytest.mark.parametrize("condition", ["InEurope", "Mapped", "Loop"])
def test_branches_that_no_parameter_decides_are_looked_into(condition: str) -> None:
    value = {"Fn::If": [condition, "mail", {"Fn::Sub": "mail-${AWS::StackName}"}]}
    assert found(value) == [("TopicName", "Fn::If", 1)]


@pytest.mark.parametrize(
    ("kind", "key", "value", "more", "path"),
    [
        ("AWS::SES::ReceiptRule", "Rule", {"Name": "x"}, {"RuleSetName": "customers"}, [("Rule", "Name")]),
        ("AWS::SES::ReceiptRule", "Rule", {"Name": "x"}, {"RuleSetName": {"Ref": "Set"}}, []),
        ("AWS::SES::ReceiptRule", "Rule", {}, {"RuleSetName": "customers"}, []),
        ("AWS::Scheduler::Schedule", "Name", "x", {}, [("Name",)]),
        ("AWS::Scheduler::Schedule", "Name", "x", {"GroupName": {"Ref": "Group"}}, []),
        ("AWS::SES::MailManagerRuleSet", "RuleSetName", "x", {}, [("RuleSetName",)]),
        ("AWS::IAM::Role", "RoleName", "x", {}, [("RoleName",)]),
        # The role's own, the set's own, or no name at all.
        ("AWS::IAM::Policy", "PolicyName", "x", {}, []),
        ("AWS::SES::ConfigurationSetEventDestination", "EventDestination", {"Name": "x"}, {}, []),
        ("AWS::SNS::Topic", "DisplayName", "x", {}, []),
    ],
)
def test_what_a_name_is_unique_in(kind: str, key: str, value: Any, more: dict[str, Any], path: list[Any]) -> None:
    assert found(value, kind, key, **more) == path


def message(value: Any, kind: str, key: str) -> tuple[str, str]:
    (one,) = fixed_names({"Resources": {"R": {"Type": kind, "Properties": {key: value}}}})
    return one.message, one.fix


def test_a_bucket_s_name_may_be_taken_by_anybody() -> None:
    assert "whole world's" in message("mail", "AWS::S3::Bucket", "BucketName")[0]
    assert "world" not in message({"Fn::Sub": "mail-${AWS::AccountId}"}, "AWS::S3::Bucket", "BucketName")[0]


def test_a_name_that_must_be_there_is_not_to_be_left_out() -> None:
    assert "leave QueueName out" in message("mail", "AWS::SQS::Queue", "QueueName")[1]
    assert "leave" not in message("mail", "AWS::Events::EventBus", "Name")[1]


@pytest.mark.parametrize("template", [{}, {"Resources": 3}, {"Resources": {"R": {"Type": ["x"]}}}])
def test_a_malformed_template_is_for_cfn_lint(template: Any) -> None:
    assert list(fixed_names(template)) == []
