"""W9113: ARNs whose partition is written out."""

from typing import Any

import pytest

from byoaws.lint.policies.partitions import hard_partitions

CONDITIONS = {
    "InChina": {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]},
    "InEurope": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "Elsewhere": {"Fn::Not": [{"Condition": "InChina"}]},
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
}


def found(value: Any, **more: Any) -> list[str]:
    resource = {"Type": "AWS::SNS::Topic", "Properties": {"X": value}}
    template = {"Conditions": CONDITIONS, "Resources": {"R": resource}, **more}
    return [one.arn for one in hard_partitions(template)]


HARD = {
    "text": ("arn:aws:s3:::mail", "arn:aws:s3:::mail"),
    "AWS's policy": ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    "GovCloud": ("arn:aws-us-gov:s3:::mail", "arn:aws-us-gov:s3:::mail"),
    "Sub": ({"Fn::Sub": "arn:aws:sns:${AWS::Region}:1:x"}, "arn:aws:sns:${AWS::Region}:1:x"),
    "Sub with a map": ({"Fn::Sub": ["arn:aws:s3:::${B}", {"B": "x"}]}, "arn:aws:s3:::${B}"),
    "inside a map of Sub": ({"Fn::Sub": ["${A}", {"A": "arn:aws:s3:::x"}]}, "arn:aws:s3:::x"),
    "Join of texts": ({"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "B"}]]}, "arn:aws:s3:::"),
    "Join of parts": ({"Fn::Join": [":", ["arn", "aws", "s3", "", "", "mail"]]}, "arn:aws:s3"),
    "a branch of another condition": ({"Fn::If": ["IsProd", "arn:aws:s3:::x", "y"]}, "arn:aws:s3:::x"),
    "a role in an account": ("arn:aws:iam::111122223333:role/x", "arn:aws:iam::111122223333:role/x"),
    "a region, any account": ("arn:aws:sns:us-east-1:*:x", "arn:aws:sns:us-east-1:*:x"),
    "a policy as a text": ('{"Resource": "arn:aws:s3:::x"}', "arn:aws:s3:::x"),
    "deep": ([{"Y": [{"Z": "arn:aws:s3:::x"}]}], "arn:aws:s3:::x"),
}


@pytest.mark.parametrize(("value", "arn"), HARD.values(), ids=HARD.keys())
def test_a_partition_that_is_written_out_is_found_once(value: Any, arn: str) -> None:
    assert found(value) == [arn]


SOUND = {
    "the pseudo parameter": {"Fn::Sub": "arn:${AWS::Partition}:s3:::mail"},
    "joined": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::mail"]]},
    "joined by colons": {"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "s3", "", "", "mail"]]},
    "any partition": "arn:*:s3:::mail",
    "a branch by partition": {"Fn::If": ["InChina", "arn:aws-cn:s3:::x", "arn:aws:s3:::x"]},
    "a branch by region": {"Fn::If": ["InEurope", "arn:aws:s3:::x", "arn:aws:s3:::y"]},
    "a branch by way of another condition": {"Fn::If": ["Elsewhere", "arn:aws:s3:::x", "arn:aws-cn:s3:::x"]},
    "a thing in a region of an account": "arn:aws:lambda:us-east-1:111122223333:layer:tools:1",
    "several partitions": ["arn:aws:s3:::x", {"Fn::Sub": "arn:aws-cn:s3:::x"}],
    "source code": {"ZipFile": "ARN = 'arn:aws:s3:::x'", "UserData": {"Fn::Base64": "arn:aws:s3:::x"}},
    "words": {"Description": "for arn:aws:s3:::x"},
    "not an ARN": ["learn:aws:now", "arn:awesome", "arn:aws", 7, None, True],
}


@pytest.mark.parametrize("value", SOUND.values(), ids=SOUND.keys())
def test_a_partition_that_is_chosen_is_left_alone(value: Any) -> None:
    assert found(value) == []


def test_only_properties_and_outputs_are_read() -> None:
    arn = "arn:aws:s3:::x"
    elsewhere = {"Metadata": {"A": arn}, "Mappings": {"M": {"A": {"B": arn}}}, "Parameters": {"P": {"Default": arn}}}
    assert found("x", **elsewhere, Description=arn) == []
    assert found("x", Outputs={"O": {"Value": {"Fn::Sub": arn}, "Description": arn}}) == [arn]


@pytest.mark.parametrize("template", [{}, {"Resources": 1, "Outputs": []}, {"Resources": {"R": None}, "Conditions": 3}])
def test_a_malformed_template_is_for_cfn_lint(template: Any) -> None:
    assert list(hard_partitions(template)) == []
