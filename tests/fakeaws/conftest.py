"""Templates, and a way to run code as a Lambda function, for the tests of the embedded AWS."""

import io
import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from byoaws.fakeaws import arrange
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.quickcreate.url import Link

REGION = "eu-west-1"
LAMBDA_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def template() -> dict[str, Any]:
    """A small stack: a role with a path that may read itself, and a topic."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${VendorAccount}:root"}},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}},
            }
        ],
    }
    permissions = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:GetRole", "Resource": {"Fn::GetAtt": ["Role", "Arn"]}},
        ],
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {
            "ExternalId": {"Type": "String", "MinLength": 16},
            "VendorAccount": {"Type": "String", "AllowedPattern": "[0-9]{12}"},
            "Secret": {"Type": "String", "NoEcho": True, "Default": ""},
            "Label": {"Type": "String", "Default": "plain", "Description": "Shown in the output"},
        },
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"Path": "/byoaws/test/", "AssumeRolePolicyDocument": trust},
            },
            "Permissions": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": "vendor-permissions",
                    "Roles": [{"Ref": "Role"}],
                    "PolicyDocument": permissions,
                },
            },
        },
        "Outputs": {
            "RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
            "Label": {"Value": {"Ref": "Label"}},
        },
    }


@pytest.fixture
def link_to(fake_aws: FakeAws) -> Callable[..., Link]:
    """Publish a template under a key of its own and return the link to it; parameters as keyword arguments."""

    def publish(template: dict[str, Any], **parameters: str) -> Link:
        key = f"{uuid.uuid4()}/template.json"
        url = arrange.publish_template(fake_aws, json.dumps(template), region=REGION, key=key)
        return Link(region=REGION, template_url=url, stack_name="connection", parameters=parameters)

    return publish


@pytest.fixture
def deploy_function() -> Callable[[FakeAws, Account, str], str]:
    """Make a Lambda function of some source with `handler(event, context)`, and return its name."""

    def deploy(aws: FakeAws, account: Account, source: str) -> str:
        name = f"f{uuid.uuid4().hex[:8]}"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("index.py", source)
        role = arrange.create_role(aws, account, name, trust=LAMBDA_TRUST)
        aws.client(account, "lambda", REGION).create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="index.handler",
            Role=role,
            Code={"ZipFile": archive.getvalue()},
            Timeout=60,
        )
        return name

    return deploy


@pytest.fixture
def nobody(fake_aws: FakeAws, aws_customer: Account) -> Account:
    """A user of the customer's account who may do nothing."""
    iam = fake_aws.client(aws_customer, "iam", REGION)
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    return Account(
        account_id=aws_customer.account_id,
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
        principal_arn="",
    )
