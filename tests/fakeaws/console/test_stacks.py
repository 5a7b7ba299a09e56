"""Stacks that fail, take too long, or go: each says so in CloudFormation's words."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byoaws.errors import FakeAwsError
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.stacks import StackEvent, delete_stack, wait_created
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.quickcreate.url import Link

REGION = "eu-west-1"
FAILING = """
import json, urllib.request
def handler(event, context):
    status = "FAILED" if event["RequestType"] == event["ResourceProperties"]["FailOn"] else "SUCCESS"
    body = {"Status": status, "Reason": "no luck today", "PhysicalResourceId": "x"}
    body |= {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], body, {"Content-Type": ""}, method="PUT"))
"""
SILENT = "def handler(event, context):\n    pass\n"
Open = Callable[..., QuickCreatePage]


def custom_resource(source: str, fail_on: str = "Create") -> dict[str, Any]:
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": source},
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        },
        "Rule": {
            "Type": "AWS::CloudFormation::CustomResource",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "ServiceTimeout": 3, "FailOn": fail_on},
        },
    }


@pytest.fixture
def opened(fake_aws: FakeAws, aws_customer: Account, link_to: Callable[..., Link]) -> Open:
    def open_resources(**resources: Any) -> QuickCreatePage:
        return QuickCreatePage.open(fake_aws, link_to({"Resources": resources}), customer=aws_customer)

    return open_resources


def test_roll_back_tells_the_first_resources_reason(opened: Open, fake_aws: FakeAws, aws_customer: Account) -> None:
    page = opened(**custom_resource(FAILING), Last={"Type": "AWS::SNS::Topic", "DependsOn": "Rule"})
    told: list[StackEvent] = []
    with pytest.raises(FakeAwsError) as raised:
        page.create(acknowledge=True, watch=told.append)
    assert raised.value.message.startswith("stack 'connection' was not made (ROLLBACK_COMPLETE): Rule (")
    assert "no luck today" in raised.value.message
    assert told[-1].status == "ROLLBACK_COMPLETE"
    assert fake_aws.client(aws_customer, "iam", REGION).list_roles()["Roles"] == []


def test_early_validation_is_told_too(opened: Open, fake_aws: FakeAws) -> None:
    fake_aws.client(fake_aws.publisher, "s3", "us-east-1").create_bucket(Bucket="taken-by-another")
    page = opened(Bucket={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "taken-by-another"}})
    with pytest.raises(FakeAwsError, match=r"stack 'connection' was not made .*Bucket.*taken-by-another"):
        page.create(acknowledge=False)


def test_waiting_is_bounded(opened: Open) -> None:
    with pytest.raises(FakeAwsError, match=r"stack 'connection' is still CREATE_IN_PROGRESS after 0\.3 s"):
        opened(**custom_resource(SILENT)).create(acknowledge=True, within=0.3)


def test_delete_takes_the_stack_and_leaves_what_it_retains(
    opened: Open, fake_aws: FakeAws, aws_customer: Account
) -> None:
    name = f"mail-{aws_customer.account_id}"
    page = opened(
        Topic={"Type": "AWS::SNS::Topic"},
        Mail={"Type": "AWS::S3::Bucket", "DeletionPolicy": "RetainExceptOnCreate", "Properties": {"BucketName": name}},
    )
    page.create(acknowledge=False)
    told: list[StackEvent] = []
    delete_stack(fake_aws, aws_customer, region=REGION, name="connection", watch=told.append)
    assert (told[0].status, told[-1].status) == ("DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    assert ("Mail", "DELETE_SKIPPED") in {(event.logical_id, event.status) for event in told}
    fake_aws.client(aws_customer, "s3", REGION).head_bucket(Bucket=name)
    assert fake_aws.client(aws_customer, "sns", REGION).list_topics()["Topics"] == []
    with pytest.raises(ClientError, match="does not exist"):
        fake_aws.client(aws_customer, "cloudformation", REGION).describe_stacks(StackName="connection")


def test_delete_that_fails_says_why(opened: Open, fake_aws: FakeAws, aws_customer: Account) -> None:
    opened(**custom_resource(FAILING, fail_on="Delete")).create(acknowledge=True)
    with pytest.raises(FakeAwsError, match=r"'connection' was not deleted \(DELETE_FAILED\): Rule \(.*no luck today"):
        delete_stack(fake_aws, aws_customer, region=REGION, name="connection")


def test_delete_of_nothing(fake_aws: FakeAws, aws_customer: Account) -> None:
    with pytest.raises(FakeAwsError, match=r"stack 'none' was not deleted: .*does not exist"):
        delete_stack(fake_aws, aws_customer, region=REGION, name="none")


class Slow:
    """A CloudFormation whose stack is there at the third look."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def describe_stacks(self, StackName: str) -> Any:
        self.asked.append("stack")
        status = "CREATE_COMPLETE" if self.asked.count("stack") > 2 else "CREATE_IN_PROGRESS"
        output = {"OutputKey": "A", "OutputValue": "b"}
        return {"Stacks": [{"StackName": "s", "StackStatus": status, "Outputs": [output]}]}

    def get_paginator(self, operation: str) -> Any:
        return self

    def paginate(self, StackName: str) -> Any:
        self.asked.append("events")
        names = ("CREATE_IN_PROGRESS", "CREATE_COMPLETE")
        told = names[: 1 + (self.asked.count("stack") > 2)]
        kind = "AWS::CloudFormation::Stack"
        events = [
            {"EventId": name, "LogicalResourceId": "s", "ResourceType": kind, "ResourceStatus": name} for name in told
        ]
        return [{"StackEvents": events[::-1]}]


def test_events_are_read_on_the_way_only_for_somebody_who_watches() -> None:
    unwatched, watched = Slow(), Slow()
    seen: list[StackEvent] = []
    assert wait_created(unwatched, "id") == wait_created(watched, "id", seen.append) == {"A": "b"}
    assert unwatched.asked == ["stack", "stack", "stack", "events"]
    assert watched.asked == ["stack", "events"] * 3
    assert [event.status for event in seen] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
