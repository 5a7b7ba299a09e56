"""The stand-in of the Quick-Create page, held against what AWS documents of the real one."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import FakeAwsError
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.stacks import StackEvent
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.quickcreate.url import Link

REGION = "eu-west-1"
EXTERNAL_ID = "ext-0123456789abcdef"
Publish = Callable[..., Link]


@pytest.fixture
def page(fake_aws: FakeAws, aws_customer: Account, link_to: Publish, template: dict[str, Any]) -> QuickCreatePage:
    link = link_to(template, ExternalId=EXTERNAL_ID, VendorAccount=fake_aws.vendor.account_id)
    return QuickCreatePage.open(fake_aws, link, customer=aws_customer)


def test_link_to_role_that_opens_with_the_right_external_id_alone(page: QuickCreatePage, fake_aws: FakeAws) -> None:
    stack = page.create(acknowledge=True)
    assert stack.name == "connection"
    assert stack.outputs["Label"] == "plain"
    role_arn = stack.outputs["RoleArn"]
    assert f":{page.customer.account_id}:role/byoaws/test/connection-Role-" in role_arn
    sts = fake_aws.client(fake_aws.vendor, "sts", "us-east-1")
    for attempt in ({}, {"ExternalId": "wrong-0123456789abcdef"}):
        with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=role_arn, RoleSessionName="byoaws", **attempt)
    keys = sts.assume_role(RoleArn=role_arn, RoleSessionName="byoaws", ExternalId=EXTERNAL_ID)["Credentials"]
    session = Account(
        account_id=page.customer.account_id,
        access_key_id=keys["AccessKeyId"],
        secret_access_key=keys["SecretAccessKey"],
        session_token=keys["SessionToken"],
        principal_arn=role_arn,
    )
    # A role with a path reads itself, and no other.
    role = fake_aws.client(session, "iam", "us-east-1").get_role(RoleName=role_arn.rsplit("/", 1)[-1])["Role"]
    assert role["Arn"] == role_arn
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        fake_aws.client(session, "iam", "us-east-1").get_role(RoleName="another")


def test_every_declared_parameter_is_shown(page: QuickCreatePage) -> None:
    shown = {field.name: (field.value, field.no_echo) for field in page.fields}
    assert shown == {
        "ExternalId": (EXTERNAL_ID, False),
        "VendorAccount": ("111122223333", False),
        "Secret": ("", True),
        "Label": ("plain", False),
    }
    assert {field.name: field.description for field in page.fields}["Label"] == "Shown in the output"
    assert page.capabilities == ("CAPABILITY_IAM",)
    assert page.ignored == {}


def test_noecho_unknown_and_miscased_parameters_are_dropped(
    fake_aws: FakeAws, aws_customer: Account, link_to: Publish, template: dict[str, Any]
) -> None:
    link = link_to(template, Secret="from-the-link", externalid="x", Label="mine")
    page = QuickCreatePage.open(fake_aws, link, customer=aws_customer)
    assert page.ignored == {
        "Secret": "a NoEcho parameter",
        "externalid": "the template has no such parameter",
    }
    values = {field.name: field.value for field in page.fields}
    assert values == {"ExternalId": "", "VendorAccount": "", "Secret": "", "Label": "mine"}
    assert "from-the-link" not in repr(page)


def test_what_is_typed_in_counts(page: QuickCreatePage) -> None:
    assert page.fill("Label", "typed").create(acknowledge=True).outputs["Label"] == "typed"


def test_no_such_field(page: QuickCreatePage) -> None:
    with pytest.raises(FakeAwsError, match="no field 'Labels'"):
        page.fill("Labels", "x")


@pytest.mark.parametrize(
    ("role_name", "capability"), [(None, "CAPABILITY_IAM"), ("fixed-name", "CAPABILITY_NAMED_IAM")]
)
def test_capability_must_be_acknowledged(
    fake_aws: FakeAws,
    aws_customer: Account,
    link_to: Publish,
    template: dict[str, Any],
    role_name: str | None,
    capability: str,
) -> None:
    if role_name:
        template["Resources"]["Role"]["Properties"]["RoleName"] = role_name
    link = link_to(template, ExternalId=EXTERNAL_ID, VendorAccount="111122223333")
    page = QuickCreatePage.open(fake_aws, link, customer=aws_customer)
    assert page.capabilities == (capability,)
    with pytest.raises(FakeAwsError, match=rf"Requires capabilities : \[{capability}\]"):
        page.create(acknowledge=False)
    assert page.create(acknowledge=True).outputs["RoleArn"]


def test_nothing_to_acknowledge_without_iam(fake_aws: FakeAws, aws_customer: Account, link_to: Publish) -> None:
    link = link_to({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    page = QuickCreatePage.open(fake_aws, link, customer=aws_customer)
    assert page.capabilities == ()
    assert page.create(acknowledge=False).outputs == {}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ExternalId", "short", "'ExternalId' must contain at least 16 characters"),
        ("ExternalId", "", "'ExternalId' must contain at least 16 characters"),
        ("VendorAccount", "1111-2222-3333", r"'VendorAccount' must match pattern \[0-9\]\{12\}"),
    ],
    ids=["too-short", "left-empty", "pattern"],
)
def test_values_the_template_forbids(page: QuickCreatePage, name: str, value: str, message: str) -> None:
    with pytest.raises(FakeAwsError, match=f"stack 'connection' was not made: .*{message}"):
        page.fill(name, value).create(acknowledge=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://templates.example.com/stack.json",
        "https://d111111abcdef8.cloudfront.net/stack.json",
        "https://bucket.s3-website-eu-west-1.amazonaws.com/stack.json",
        "http://bucket.s3.eu-west-1.amazonaws.com/stack.json",
        "https://127.0.0.1/bucket/stack.json",
    ],
)
def test_template_must_be_on_s3(fake_aws: FakeAws, url: str) -> None:
    link = Link(region=REGION, template_url=url, stack_name="connection")
    with pytest.raises(FakeAwsError, match="TemplateURL must be a supported URL"):
        QuickCreatePage.open(fake_aws, link, customer=fake_aws.customer)


@pytest.mark.parametrize("form", ["{0}.s3.{1}.amazonaws.com", "{0}.s3.amazonaws.com", "s3.{1}.amazonaws.com/{0}"])
def test_every_form_of_s3_address_is_read(
    fake_aws: FakeAws, aws_customer: Account, template: dict[str, Any], form: str
) -> None:
    arrange.publish_template(fake_aws, json.dumps(template), region=REGION, key="v 1/t.json", bucket="forms")
    link = Link(
        region=REGION, template_url=f"https://{form.format('forms', REGION)}/v%201/t.json", stack_name="connection"
    )
    assert len(QuickCreatePage.open(fake_aws, link, customer=aws_customer).fields) == 4


def test_template_of_a_private_bucket_is_not_read(fake_aws: FakeAws, aws_customer: Account) -> None:
    s3 = fake_aws.client(fake_aws.publisher, "s3", REGION)
    arrange.create_bucket(s3, "private-templates", REGION)
    s3.put_object(Bucket="private-templates", Key="t.json", Body=b"{}")
    link = Link(
        region=REGION, template_url=f"https://private-templates.s3.{REGION}.amazonaws.com/t.json", stack_name="x"
    )
    with pytest.raises(FakeAwsError, match=r"'private-templates/t.json' to everybody \(HTTP 403\)"):
        QuickCreatePage.open(fake_aws, link, customer=aws_customer)
    missing = replace(link, template_url=f"https://no-such-bucket.s3.{REGION}.amazonaws.com/t.json")
    with pytest.raises(FakeAwsError, match="HTTP 404"):
        QuickCreatePage.open(fake_aws, missing, customer=aws_customer)


def test_pinned_version_is_read(fake_aws: FakeAws, aws_customer: Account, template: dict[str, Any]) -> None:
    arrange.create_template_bucket(fake_aws, REGION, "versioned")
    s3 = fake_aws.client(fake_aws.publisher, "s3", REGION)
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="versioned", Key="t.json", Body=json.dumps(template).encode())["VersionId"]
    s3.put_object(Bucket="versioned", Key="t.json", Body=b'{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}')
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": "arn:aws:s3:::versioned/*",
    }
    s3.put_bucket_policy(Bucket="versioned", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    url = f"https://versioned.s3.{REGION}.amazonaws.com/t.json"
    counts = [
        len(
            QuickCreatePage.open(
                fake_aws, Link(region=REGION, template_url=address, stack_name="x"), customer=aws_customer
            ).fields
        )
        for address in (url, f"{url}?versionId={old}")
    ]
    assert counts == [0, 4]


def test_template_too_large_for_a_request(
    fake_aws: FakeAws, aws_customer: Account, link_to: Publish, template: dict[str, Any]
) -> None:
    template["Metadata"] = {"Filling": "x" * 60_000}
    link = link_to(template, ExternalId=EXTERNAL_ID, VendorAccount="111122223333")
    page = QuickCreatePage.open(fake_aws, link, customer=aws_customer)
    assert page.create(acknowledge=True).outputs["Label"] == "plain"


def test_not_a_template(fake_aws: FakeAws, aws_customer: Account) -> None:
    url = arrange.publish_template(fake_aws, '{"Resources": {"A": {"Type": "AWS::No::Such"}}}', region=REGION, key="no")
    page = QuickCreatePage.open(fake_aws, Link(region=REGION, template_url=url, stack_name="x"), customer=aws_customer)
    with pytest.raises(FakeAwsError, match=r"Unrecognized resource types: \[AWS::No::Such\]"):
        page.create(acknowledge=True)
    url = arrange.publish_template(fake_aws, "[1, 2", region=REGION, key="broken")
    with pytest.raises(FakeAwsError, match="the console does not take the template"):
        QuickCreatePage.open(fake_aws, Link(region=REGION, template_url=url, stack_name="x"), customer=aws_customer)


def test_events_are_told_in_order(page: QuickCreatePage) -> None:
    told: list[StackEvent] = []
    page.create(acknowledge=True, watch=told.append)
    lines = [(event.logical_id, event.status) for event in told]
    assert lines[0] == ("connection", "CREATE_IN_PROGRESS")
    assert lines[-1] == ("connection", "CREATE_COMPLETE")
    assert lines.index(("Role", "CREATE_IN_PROGRESS")) < lines.index(("Role", "CREATE_COMPLETE"))
    assert len(lines) == len(set(lines))
