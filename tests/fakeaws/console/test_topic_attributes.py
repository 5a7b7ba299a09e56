"""What MiniStack's CloudFormation forgets of a topic is set by SNS's API."""

from typing import Any

import pytest

from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.topic_attributes import forgotten
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.flows.stack import generate
from byoaws.vendors.file import load_vendor

REGION = "eu-west-1"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {SignatureVersion: '2'}}}",
            {"T": {"SignatureVersion": "2"}},
        ),
        (
            "Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {SignatureVersion: 2}}}",
            {"T": {"SignatureVersion": "2"}},
        ),
        ("Resources: {T: {Type: 'AWS::SNS::Topic', Properties: {KmsMasterKeyId: {Ref: K}}}}", {}),
        ("Resources: {T: {Type: 'AWS::SNS::Topic'}}", {}),
        ("Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {KmsMasterKeyId: alias/aws/sqs}}}", {}),
        ("no template", {}),
    ],
    ids=["text", "number", "not a text", "none", "another type", "no template"],
)
def test_what_is_forgotten(template: str, expected: dict[str, Any]) -> None:
    assert forgotten(template) == expected


def test_our_own_template_has_all_three() -> None:
    found = forgotten(generate(load_vendor("mailmark", {}), "yaml"))
    assert list(found.values()) == [{"SignatureVersion": "2"}] * 3


def test_a_stacks_topic_is_as_its_template_says(
    fake_aws: FakeAws, aws_customer: Account, template: dict[str, Any], link_to: Any
) -> None:
    template["Resources"]["Topic"]["Properties"] = {"SignatureVersion": "2", "KmsMasterKeyId": "alias/aws/sns"}
    link = link_to(template, ExternalId="x" * 16, VendorAccount=fake_aws.vendor.account_id)
    QuickCreatePage.open(fake_aws, link, customer=aws_customer).create(acknowledge=True)
    sns = fake_aws.client(aws_customer, "sns", REGION)
    (topic,) = sns.list_topics()["Topics"]
    found = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
    assert (found["SignatureVersion"], found["KmsMasterKeyId"]) == ("2", "alias/aws/sns")
