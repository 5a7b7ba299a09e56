"""E9114: which keys are misspelt, and where they stand in a template."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.lint.policies.condition_keys import corrected, keys_in, meant
from byoaws.lint.policies.misspelt import misspelt_keys
from byoaws.model import Finding

MISSPELT = {
    "sts:ExternlId": "sts:ExternalId",
    "sts:ExternalIds": "sts:ExternalId",
    "STS:externlid": "sts:ExternalId",
    "aws:SourceAcount": "aws:SourceAccount",
    "aws:SourceAccountId": "aws:SourceAccount",
    "aws:PrincipalOrg": "aws:PrincipalOrgID",
    "aws:sourceVpceId": "aws:SourceVpce",
    "aws:SecureTransports": "aws:SecureTransport",
    "aws:RequestTags/team": "aws:RequestTag/team",
    "aws:PrincipalTag": "aws:PrincipalTag/*",
    "kms:EncryptionContex:aws:logs:arn": "kms:EncryptionContext:aws:logs:arn",
    "s3:x-amz-acls": "s3:x-amz-acl",
    "ses:FromAdress": "ses:FromAddress",
    "ses:Recipient": "ses:Recipients",
    "iam:PassedToServices": "iam:PassedToService",
    # Of another prefix, or of none.
    "ses:SourceArn": "aws:SourceArn",
    "sqs:SourceArn": "aws:SourceArn",
    "sts:SourceAccount": "aws:SourceAccount",
    "aws:ExternalId": "sts:ExternalId",
    "awss:SourceArn": "aws:SourceArn",
    "SourceAccount": "aws:SourceAccount",
}
RIGHT = (
    *("sts:ExternalId", "sts:ExternalID", "aws:SourceARN", "AWS:SourceOwner", "aws:username", "aws:UserName"),
    *("aws:RequestTag/team", "aws:RequestTag/Some:Key", "aws:TagKeys", "kms:EncryptionContext:aws:logs:arn"),
    *("kms:RecipientAttestation:PCR0", "s3:prefix", "s3:ExistingObjectTag/x", "secretsmanager:resource/Type"),
    # Close to nothing, of services that are not listed, of identity providers, or not there yet.
    *("aws:SomethingNew", "s3:x-amz-tagging", "ec2:ResourceTag/x", "ec2:SourceInstanceARN", "ecs:cluster"),
    *("lambda:SourceFunctionArn", "acme:SourceAcount", "waf:SourceArn", "glue:RoleAssumedBy", "saml:aud"),
    *("token.actions.githubusercontent.com:sub", "accounts.google.com:aud", "", ":", "aws:", "sts:Subject"),
)


@pytest.mark.parametrize(("key", "right"), MISSPELT.items())
def test_a_key_close_to_one_of_aws_is_misspelt(key: str, right: str) -> None:
    assert meant(key) == right


@pytest.mark.parametrize("key", RIGHT)
def test_other_keys_are_left_alone(key: str) -> None:
    assert meant(key) is None


@given(st.text(alphabet="awstSourceAcount:/-ExternalId* ", max_size=40))
def test_what_was_meant_is_never_misspelt_itself(key: str) -> None:
    right = meant(key)
    assert right is None or meant(right) is None


def test_a_block_is_corrected_for_the_other_rules() -> None:
    block = {"StringEquals": {"aws:SourceAcount": "1", "aws:SourceArn": "2"}, "Null": "x"}
    assert corrected(block) == {"StringEquals": {"aws:SourceAccount": "1", "aws:SourceArn": "2"}, "Null": "x"}
    assert corrected("x") == "x"


def test_keys_are_found_behind_qualifiers_and_branches() -> None:
    block = {
        "ForAnyValue:StringLike": {"a:b": "x"},
        "Fn::If": ["C", {"StringEquals": {"c:d": "y"}}, {"Ref": "AWS::NoValue"}],
    }
    assert list(keys_in(block, ())) == [
        ("a:b", ("ForAnyValue:StringLike", "a:b")),
        ("c:d", ("Fn::If", 1, "StringEquals", "c:d")),
    ]


def role(principal: Any, key: str, operator: str = "StringEquals") -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
        "Condition": {operator: {key: "0123456789abcdef"}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}}}


def test_of_a_role_for_another_account_e9101_speaks() -> None:
    assert list(misspelt_keys(role({"AWS": "111122223333"}, "sts:ExternlId"))) == []


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
def test_of_a_role_for_a_service_e9114_speaks(operator: str) -> None:
    (one,) = misspelt_keys(role({"Service": "ses.amazonaws.com"}, "aws:SourceAcount", operator))
    assert (one.path[-1], one.meant) == ("aws:SourceAcount", "aws:SourceAccount")


@pytest.mark.parametrize(
    ("principal", "codes"),
    [({"AWS": "111122223333"}, ["E9101"]), ({"Service": "ses.amazonaws.com"}, ["E9114"])],
)
def test_one_misspelt_key_is_one_finding(
    principal: Any, codes: list[str], lint_text: Callable[..., list[Finding]]
) -> None:
    text = json.dumps(role(principal, "aws:SourceAcount"))
    assert [one.code for one in lint_text(text, name="t.json", stock=True)] == codes


def test_a_policy_that_is_a_text_is_read_as_well() -> None:
    text = json.dumps({"Statement": {"Effect": "Allow", "Condition": {"Bool": {"aws:SecureTransports": "true"}}}})
    template = {"Resources": {"L": {"Type": "AWS::Logs::ResourcePolicy", "Properties": {"PolicyDocument": text}}}}
    (one,) = misspelt_keys(template)
    assert one.path == ("Resources", "L", "Properties", "PolicyDocument")


@pytest.mark.parametrize("template", [{}, {"Resources": []}, {"Resources": {"R": None}}, {"Resources": {"R": {}}}])
def test_a_malformed_template_is_for_cfn_lint(template: Any) -> None:
    assert list(misspelt_keys(template)) == []
