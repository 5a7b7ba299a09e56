"""Arrangements in the accounts: each is seen by the API that others would ask."""

import ssl
import urllib.request

import pytest

from byoaws.fakeaws import arrange
from byoaws.fakeaws.interface import Account, FakeAws


@pytest.mark.parametrize("sandboxed", [True, False])
def test_sandbox(fake_aws: FakeAws, aws_customer: Account, sandboxed: bool) -> None:
    arrange.set_sandbox(fake_aws, aws_customer, "eu-west-1", sandboxed=sandboxed)
    account = fake_aws.client(aws_customer, "sesv2", "eu-west-1").get_account()
    assert account["ProductionAccessEnabled"] is not sandboxed


def test_sandbox_is_of_one_region(fake_aws: FakeAws, aws_customer: Account) -> None:
    arrange.set_sandbox(fake_aws, aws_customer, "eu-west-1", sandboxed=True)
    arrange.set_sandbox(fake_aws, aws_customer, "us-east-1", sandboxed=False)
    regions = ("eu-west-1", "us-east-1")
    access = [fake_aws.client(aws_customer, "sesv2", region).get_account() for region in regions]
    assert [account["ProductionAccessEnabled"] for account in access] == [False, True]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_published_template_is_for_everybody(fake_aws: FakeAws, region: str) -> None:
    for content in ("first", "second"):  # the bucket is there the second time
        url = arrange.publish_template(fake_aws, content, region=region, key="v1/stack.json")
    bucket = f"byoaws-templates-{fake_aws.publisher.account_id}-{region}"
    assert url == f"https://{bucket}.s3.{region}.amazonaws.com/v1/stack.json"
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=fake_aws.ca_file))
    )
    with opener.open(f"{fake_aws.endpoint}/{bucket}/v1/stack.json") as answer:
        assert answer.read() == b"second"
