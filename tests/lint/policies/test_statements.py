"""Where policies stand, and what they say in each world."""

import json
from typing import Any

import pytest

from byoaws.lint.policies.statements import Document, Kind, documents

STATEMENT = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}


def read(kind: str, properties: Any, **template: Any) -> list[Document]:
    resource = {"Type": kind, "Properties": properties, **template.pop("resource", {})}
    return list(documents({"Resources": {"P": resource}, **template}, *Kind))


def test_a_role_has_a_trust_policy_and_inline_ones() -> None:
    inline = {"PolicyName": "x", "PolicyDocument": {"Statement": STATEMENT}}
    found = read("AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": []}, "Policies": [inline, inline]})
    assert [one.kind for one in found] == [Kind.TRUST, Kind.IDENTITY, Kind.IDENTITY]
    assert found[2].statements[0].path == ("Resources", "P", "Properties", "Policies", 1, "PolicyDocument", "Statement")


def test_a_policy_as_text_has_one_place() -> None:
    (one,) = read("AWS::Logs::ResourcePolicy", {"PolicyDocument": json.dumps({"Statement": [STATEMENT, STATEMENT]})})
    assert [said.path[-1] for said in one.statements] == ["PolicyDocument", "PolicyDocument"]
    assert one.statements[0].parts == STATEMENT


def test_branches_are_followed_to_their_places() -> None:
    either = {"Fn::If": ["C", STATEMENT, {"Ref": "AWS::NoValue"}]}
    found = read("AWS::IAM::ManagedPolicy", {"PolicyDocument": {"Statement": [either]}})
    assert [len(one.statements) for one in found] == [1, 0]
    assert found[0].statements[0].path[-4:] == ("Statement", 0, "Fn::If", 1)


def test_the_world_without_assumptions_comes_first() -> None:
    parameters = {"A": {"Type": "String", "Default": "x"}}
    document = {"Statement": {**STATEMENT, "Action": {"Ref": "A"}}}
    found = read("AWS::IAM::ManagedPolicy", {"PolicyDocument": document}, Parameters=parameters)
    assert [one.where for one in found] == ["", ", where parameter 'A' is 'x'"]


def test_a_resource_that_is_never_made_has_no_policy() -> None:
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    document = {"PolicyDocument": {"Statement": STATEMENT}}
    assert read("AWS::IAM::ManagedPolicy", document, resource={"Condition": "Never"}, Conditions=never) == []


@pytest.mark.parametrize(
    "properties",
    [
        None,
        [],
        {},
        {"PolicyDocument": {"Fn::Transform": {"Name": "M"}}},
        {"PolicyDocument": {"Statement": [{"Fn::Transform": {"Name": "M"}}]}},
    ],
)
def test_what_the_template_does_not_show_is_not_there(properties: Any) -> None:
    assert [said for document in read("AWS::IAM::ManagedPolicy", properties) for said in document.statements] == []


@pytest.mark.parametrize(
    "document",
    [{}, {"Statement": 7}, {"Statement": ["x", None]}, "not JSON", "[]", {"Ref": "Text"}, 7],
)
def test_what_is_no_policy_says_nothing(document: Any) -> None:
    assert [one.statements for one in read("AWS::IAM::ManagedPolicy", {"PolicyDocument": document})] == [()]


@pytest.mark.parametrize(
    "template", [{}, {"Resources": []}, {"Resources": {"R": 3}}, {"Resources": {"R": {"Type": 1}}}]
)
def test_a_malformed_template_is_for_cfn_lint(template: Any) -> None:
    assert list(documents(template, *Kind)) == []
