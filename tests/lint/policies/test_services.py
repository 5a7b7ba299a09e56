"""W9112: services that are let in for anybody's account, tried with a call for another account."""

from typing import Any

import pytest

from byoaws.lint.policies.services import ConfusedDeputy, confused_deputies

OWN = {"Ref": "AWS::AccountId"}
PARAMETERS = {"Account": {"Type": "String", "Default": "*"}, "Arn": {"Type": "String"}}
HERE = {"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:receipt-rule-set/*"}


def found(statement: dict[str, Any], kind: str, key: str) -> list[ConfusedDeputy]:
    policy = {"Type": kind, "Properties": {key: {"Version": "2012-10-17", "Statement": [statement]}}}
    return confused_deputies({"Parameters": PARAMETERS, "Resources": {"P": policy}})


def of_bucket(service: Any, condition: Any = None) -> list[ConfusedDeputy]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject", "Resource": "*"}
    return found(statement | ({"Condition": condition} if condition else {}), "AWS::S3::BucketPolicy", "PolicyDocument")


def of_role(service: Any, condition: Any = None) -> list[ConfusedDeputy]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return found(
        statement | ({"Condition": condition} if condition else {}), "AWS::IAM::Role", "AssumeRolePolicyDocument"
    )


NARROWS_NOTHING = {
    "nothing": None,
    "IfExists": {"StringEqualsIfExists": {"aws:SourceAccount": OWN}},
    "any account": {"StringLike": {"aws:SourceAccount": "*"}},
    "any account, by a parameter": {"StringLike": {"aws:SourceAccount": {"Ref": "Account"}}},
    "not one account": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}},
    "anybody's rule sets": {"ArnLike": {"aws:SourceArn": "arn:aws:ses:*:*:receipt-rule-set/*"}},
    "another key": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
    "TLS": {"Bool": {"aws:SecureTransport": "true"}},
}
NARROWS = {
    "the account": {"StringEquals": {"aws:SourceAccount": OWN}},
    "the account, in another case": {"StringEquals": {"AWS:sourceaccount": OWN}},
    "an account": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    "the account's rule sets": {"ArnLike": {"aws:SourceArn": HERE}},
    "a parameter": {"ArnEquals": {"aws:SourceArn": {"Ref": "Arn"}}},
    "the organization": {"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}},
    "as SES once asked for": {"StringEquals": {"aws:Referer": OWN}},
    "a misspelt key, of which E9114 speaks": {"StringEquals": {"aws:SourceAcount": OWN}},
}


@pytest.mark.parametrize("ask", [of_bucket, of_role])
@pytest.mark.parametrize("condition", NARROWS_NOTHING.values(), ids=NARROWS_NOTHING.keys())
def test_ses_for_anybody_is_found_once(ask: Any, condition: Any) -> None:
    (one,) = ask("ses.amazonaws.com", condition)
    assert one.path[-2:] == ("Principal", "Service")
    assert "'P' lets 'ses.amazonaws.com'" in one.message
    assert "aws:SourceAccount" in one.fix


@pytest.mark.parametrize("ask", [of_bucket, of_role])
@pytest.mark.parametrize("condition", NARROWS.values(), ids=NARROWS.keys())
def test_ses_for_this_account_is_left_alone(ask: Any, condition: Any) -> None:
    assert ask("ses.amazonaws.com", condition) == []


@pytest.mark.parametrize(
    "service",
    ["s3", "sns", "events", "logs.eu-west-1", "delivery.logs", "cloudtrail", "config", "cloudfront", "lambda"],
)
def test_services_that_act_for_many_must_be_narrowed(service: str) -> None:
    assert len(of_bucket(f"{service}.amazonaws.com")) == 1


def test_a_service_by_the_partition_s_suffix_is_the_same() -> None:
    assert len(of_bucket([{"Fn::Sub": "logs.${AWS::Region}.${AWS::URLSuffix}"}, "ec2.amazonaws.com"])) == 1


@pytest.mark.parametrize("service", ["lambda", "ec2", "ecs-tasks", "states", "edgelambda", "codebuild", "events"])
def test_ordinary_execution_roles_are_left_alone(service: str) -> None:
    assert of_role(f"{service}.amazonaws.com") == []


@pytest.mark.parametrize(
    "service",
    ["ec2.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com", "example.com", {"Ref": "Arn"}, 7],
)
def test_other_services_are_left_alone(service: Any) -> None:
    assert of_bucket(service) == []


@pytest.mark.parametrize(
    ("properties", "is_found"),
    [
        ({"Principal": "events.amazonaws.com"}, True),
        ({"Principal": "s3.amazonaws.com"}, True),
        ({"Principal": "ses.amazonaws.com", "SourceAccount": OWN}, False),
        ({"Principal": "apigateway.amazonaws.com", "SourceArn": {"Fn::Sub": "arn:aws:execute-api:a:${Arn}:x"}}, False),
        # cfn-lint's own W3663 asks for the account here.
        ({"Principal": "s3.amazonaws.com", "SourceArn": {"Fn::GetAtt": ["Bucket", "Arn"]}}, False),
        ({"Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::mail-of-acme"}, False),
        ({"Principal": "alexa-appkit.amazon.com", "EventSourceToken": "x"}, False),
        ({"Principal": {"Ref": "Arn"}}, False),
    ],
)
def test_permissions_of_functions(properties: dict[str, Any], is_found: bool) -> None:
    whole = {"FunctionName": "f", "Action": "lambda:InvokeFunction", **properties}
    template = {"Parameters": PARAMETERS, "Resources": {"P": {"Type": "AWS::Lambda::Permission", "Properties": whole}}}
    assert [one.path[-1] for one in confused_deputies(template)] == (["Principal"] if is_found else [])


@pytest.mark.parametrize(("service", "is_warned"), [("s3.amazonaws.com", True), ("events.amazonaws.com", False)])
def test_the_mend_for_a_bucket_makes_no_circle(service: str, is_warned: bool) -> None:
    properties = {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": service}
    (one,) = confused_deputies({"Resources": {"P": {"Type": "AWS::Lambda::Permission", "Properties": properties}}})
    assert ("circle" in one.fix) is is_warned


def test_a_key_s_encryption_context_names_the_account() -> None:
    def of_key(arn: Any) -> list[ConfusedDeputy]:
        condition = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}}
        principal = {"Service": "logs.us-east-1.amazonaws.com"}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
        return found({**statement, "Condition": condition}, "AWS::KMS::Key", "KeyPolicy")

    assert of_key({"Fn::Sub": "arn:${AWS::Partition}:logs:*:${AWS::AccountId}:*"}) == []
    assert len(of_key("arn:aws:logs:*:*:*")) == 1
