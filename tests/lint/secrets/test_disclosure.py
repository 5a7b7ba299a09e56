from typing import Any

import pytest

from byoaws.lint.secrets.disclosure import Secrets, is_secret_parameter

PARAMETERS = {
    "Hidden": {"Type": "String", "NoEcho": True},
    "ApiToken": {"Type": "String"},
    "ExternalId": {"Type": "String"},
    "SecretArn": {"Type": "String"},
}
RESOURCES = {
    "Stored": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Ref": "Hidden"}}},
    "Key": {"Type": "AWS::IAM::AccessKey"},
    "Made": {"Type": "Custom::Thing"},
    "Round": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::GetAtt": ["Round", "Value"]}}},
}
TEMPLATE = {"Parameters": PARAMETERS, "Resources": RESOURCES}


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ({"Ref": "Hidden"}, [("Here", "Ref")]),
        ({"Fn::Sub": "x ${Hidden}"}, [("Here", "Fn::Sub")]),
        # The place of a list's item has a line of its own, that of `!Ref` in it has not.
        ({"Fn::Join": ["", ["a", {"Ref": "Hidden"}]]}, [("Here", "Fn::Join", 1, 1)]),
        ([{"Ref": "Hidden"}, {"Ref": "Hidden"}, {"Ref": "ApiToken"}], [("Here", 0), ("Here", 2)]),
        ({"a": {"b": {"Fn::GetAtt": "Stored.Value"}}}, [("Here", "a", "b", "Fn::GetAtt")]),
        ({"Fn::GetAtt": ["Key", "SecretAccessKey"]}, [("Here", "Fn::GetAtt")]),
        ({"Fn::GetAtt": ["Made", "Password"]}, [("Here", "Fn::GetAtt")]),
        ("{{resolve:secretsmanager:x}}", [("Here",)]),
        ({"Ref": "SecretArn"}, []),
        ({"Fn::GetAtt": ["Round", "Value"]}, []),
        ({"Fn::GetAtt": ["Made", "Arn"]}, []),
        ("{{resolve:ssm:x}}", []),
        ({"Fn::Sub": ["${Hidden}", {"Hidden": "x"}]}, []),
    ],
)
def test_a_secret_is_found_where_it_is_shown(expression: Any, paths: list[Any]) -> None:
    assert [one.path for one in Secrets(TEMPLATE).places(expression, ("Here",))] == paths


def test_the_external_id_is_told_of_where_that_matters() -> None:
    shown = {"Ref": "ExternalId"}
    assert Secrets(TEMPLATE).shown_by(shown) == ["the ExternalId (parameter 'ExternalId')"]
    assert Secrets(TEMPLATE, is_id_secret=False).shown_by(shown) == []


def test_a_name_alone_is_a_guess() -> None:
    (guessed,) = Secrets(TEMPLATE).places({"Ref": "ApiToken"}, ())
    (known,) = Secrets(TEMPLATE, secret="ApiToken").places({"Ref": "ApiToken"}, ())
    (hidden,) = Secrets(TEMPLATE).places({"Ref": "Hidden"}, ())
    assert (guessed.is_guess, known.is_guess, hidden.is_guess) == (True, False, False)


@pytest.mark.parametrize(
    ("name", "declared", "expected"),
    [
        ("DbPassword", {"Type": "String"}, True),
        ("DbPassword", {"Type": "String", "Default": ""}, True),
        ("DbPassword", {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/db/password"}, True),
        ("DbPassword", {"Type": "AWS::SSM::Parameter::Name"}, False),
        ("DbPassword", {"Type": "String", "Default": "/db/password"}, False),
        ("DbSecret", {"Type": "String", "AllowedPattern": "^arn:aws:secretsmanager:.*"}, False),
        ("DbSecretArn", {"Type": "String"}, False),
        ("DbPassword", None, False),
    ],
)
def test_parameters_that_are_secrets_by_their_names(name: str, declared: Any, expected: bool) -> None:
    assert is_secret_parameter(name, declared) is expected
