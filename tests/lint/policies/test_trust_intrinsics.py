"""E9101: each way to leave a role open, however principal and ExternalId are written."""

from typing import Any

import pytest

from byoaws.lint.policies.trust import trust_mistakes

PRINCIPALS = {
    "literal": "arn:aws:iam::111122223333:root",
    "account": "111122223333",
    "Ref": {"Ref": "Vendor"},
    "Sub": {"Fn::Sub": "arn:${AWS::Partition}:iam::${Vendor}:root"},
    "GetAtt": {"Fn::GetAtt": ["Maker", "Account"]},
    "If": {"Fn::If": ["C", {"Ref": "Vendor"}, {"Ref": "Other"}]},
}
IDS = {
    "literal": "0123456789abcdef",
    "Ref": {"Ref": "ExternalId"},
    "Sub": {"Fn::Sub": "byoaws-${ExternalId}"},
    "GetAtt": {"Fn::GetAtt": ["Maker", "Id"]},
    "If": {"Fn::If": ["C", {"Ref": "ExternalId"}, "0123456789abcdef"]},
}


def mistakes(principal: Any, condition: Any) -> list[str]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    statement |= {"Condition": condition} if condition else {}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    template = {
        "Parameters": {name: {"Type": "String"} for name in ("Vendor", "Other", "ExternalId")},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "Other"}, ""]}},
        "Resources": {
            "Maker": {"Type": "Custom::Maker"},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}},
        },
    }
    return [one.message for one in trust_mistakes(template, "Role")]


WRONG_CONDITIONS = {
    "none": lambda _: None,
    "IfExists": lambda value: {"StringEqualsIfExists": {"sts:ExternalId": value}},
    "any value": lambda _: {"StringLike": {"sts:ExternalId": "*"}},
    "any value among others": lambda value: {"StringLike": {"sts:ExternalId": [value, "*"]}},
    "not that one": lambda value: {"StringNotEquals": {"sts:ExternalId": value}},
    "ForAllValues": lambda value: {"ForAllValues:StringEquals": {"sts:ExternalId": value}},
    "misspelt": lambda value: {"StringEquals": {"sts:ExternlId": value}},
    "another prefix": lambda value: {"StringEquals": {"aws:ExternalId": value}},
    "a branch drops it": lambda value: {
        "Fn::If": ["C", {"StringEquals": {"sts:ExternalId": value}}, {"Ref": "AWS::NoValue"}]
    },
    "only there": lambda _: {"Null": {"sts:ExternalId": "false"}},
}


@pytest.mark.parametrize("value", IDS.values(), ids=IDS.keys())
@pytest.mark.parametrize("principal", PRINCIPALS.values(), ids=PRINCIPALS.keys())
@pytest.mark.parametrize("condition", WRONG_CONDITIONS.values(), ids=WRONG_CONDITIONS.keys())
def test_a_wrong_condition_is_told_once(condition: Any, principal: Any, value: Any) -> None:
    assert len(mistakes({"AWS": principal}, condition(value))) == 1


@pytest.mark.parametrize("value", IDS.values(), ids=IDS.keys())
@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": "*"}, {"AWS": [{"Ref": "Vendor"}, "*"]}, {"AWS": [{"Ref": "Vendor"}, {"Ref": "Other"}]}],
    ids=["*", "AWS *", "among others", "a second account"],
)
def test_a_principal_too_many_is_told(principal: Any, value: Any) -> None:
    assert mistakes(principal, {"StringEquals": {"sts:ExternalId": value}})


@pytest.mark.parametrize("value", IDS.values(), ids=IDS.keys())
@pytest.mark.parametrize("principal", PRINCIPALS.values(), ids=PRINCIPALS.keys())
@pytest.mark.parametrize("key", ["sts:ExternalId", "STS:EXTERNALID"])
def test_the_right_condition_is_left_alone(key: str, principal: Any, value: Any) -> None:
    assert mistakes({"AWS": principal}, {"StringEquals": {key: value}}) == []
