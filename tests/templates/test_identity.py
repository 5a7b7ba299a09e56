"""The stack's first domain: made, adopted, or left out; and what cannot be adopted."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import LinkError, UsageError
from byoaws.fakeaws import arrange
from byoaws.fakeaws.console.page import QuickCreatePage
from byoaws.fakeaws.console.stacks import delete_stack
from byoaws.flows.links import link
from byoaws.flows.stack import generate
from byoaws.lifecycle.expressions import Known
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor

REGION = "eu-west-1"
BLOCKS = ("sending", "identity", "notifications", "access")


@pytest.fixture(scope="module")
def vendor(make_vendor: Callable[..., Vendor]) -> Vendor:
    found = make_vendor(*BLOCKS)
    return replace(found, account=replace(found.account, account_id="111122223333", role_arn=None, principal=None))


@pytest.mark.parametrize(
    ("values", "made", "used"),
    [
        ({}, False, ""),
        ({"DomainName": "new.example"}, True, "new.example"),
        ({"ExistingIdentityName": "old.example"}, False, "old.example"),
        ({"DomainName": "new.example", "ExistingIdentityName": "old.example"}, False, "old.example"),
    ],
    ids=["neither", "made", "adopted", "both"],
)
def test_when_it_is_made(vendor: Vendor, values: dict[str, str], made: bool, used: str) -> None:
    template = build(vendor)
    given = {"DomainName": "", "ExistingIdentityName": "", **values}
    known = Known(conditions=template["Conditions"], values={**given, "Identity": given["DomainName"]})
    assert known.holds(template["Resources"]["Identity"]["Condition"]) is made
    assert known.evaluate(template["Outputs"]["IdentityName"]["Value"]) == used


def test_it_outlives_the_stack_and_is_known_as_the_vendors(vendor: Vendor) -> None:
    identity = build(vendor)["Resources"]["Identity"]
    assert (identity["DeletionPolicy"], identity["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert identity["Properties"]["Tags"] == [{"Key": "byoaws:vendor", "Value": vendor.name}]


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        *((name, True) for name in ("", "example.com", "a.b-c.example", "xn--bcher-kva.example", "1.example")),
        *((name, False) for name in ("example", "Example.com", "-a.example", "a..example", "a.example.", "*.example")),
        *((name, False) for name in ("a@b.example", "a.example\nb", "a b.example", "${x}.example", "a" * 64 + ".com")),
    ],
)
def test_what_is_a_domain(vendor: Vendor, name: str, fine: bool) -> None:
    parameters = build(vendor)["Parameters"]
    for parameter in ("DomainName", "ExistingIdentityName"):
        assert bool(re.fullmatch(parameters[parameter]["AllowedPattern"], name)) is fine


def test_it_needs_a_configuration_set(make_vendor: Callable[..., Vendor]) -> None:
    with pytest.raises(UsageError, match="needs block 'sending'"):
        build(make_vendor("identity", "access"))


def test_made_adopted_and_made_again(fake_aws: Any, vendor: Vendor) -> None:
    customer = fake_aws.new_customer()
    vendor = replace(vendor, account=replace(vendor.account, account_id=fake_aws.vendor.account_id))
    url = arrange.publish_template(fake_aws, generate(vendor, "yaml"), region=REGION, key="identity/template.yaml")
    offer = link.offer(
        vendor, link.mint(vendor), region=REGION, template_url=url, parameters={"DomainName": "mail.example"}
    )
    stack = QuickCreatePage.open(fake_aws, offer.link, customer=customer).create(acknowledge=True)
    assert stack.outputs["IdentityName"] == "mail.example"
    ses = fake_aws.client(customer, "sesv2", REGION)
    found = ses.get_email_identity(EmailIdentity="mail.example")
    assert found["ConfigurationSetName"] == stack.outputs["ConfigurationSetName"]
    assert {"Key": "byoaws:vendor", "Value": vendor.name} in found["Tags"]
    # From made to adopted and back: the identity is the same all the time.
    cfn = fake_aws.client(customer, "cloudformation", REGION)
    for existing in ("mail.example", ""):
        cfn.update_stack(
            StackName=stack.name,
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": "ExistingIdentityName", "ParameterValue": existing},
                *(
                    {"ParameterKey": name, "UsePreviousValue": True}
                    for name in build(vendor)["Parameters"]
                    if name != "ExistingIdentityName"
                ),
            ],
        )
        cfn.get_waiter("stack_update_complete").wait(StackName=stack.name, WaiterConfig={"Delay": 1})
        assert ses.get_email_identity(EmailIdentity="mail.example")["ConfigurationSetName"]
    delete_stack(fake_aws, customer, region=REGION, name=stack.name)
    assert ses.get_email_identity(EmailIdentity="mail.example")


def test_no_stack_adopts_a_bucket(make_vendor: Callable[..., Vendor]) -> None:
    """docs/architecture.md says why; whoever asks for it all the same is told that there is no such parameter."""
    vendor = make_vendor("inbound", "forwarder", "access")
    vendor = replace(vendor, account=replace(vendor.account, account_id="111122223333", role_arn=None, principal=None))
    assert "ExistingBucketName" not in json.dumps(build(vendor))
    with pytest.raises((LinkError, UsageError), match="ExistingBucketName"):
        link.offer(
            vendor,
            link.mint(vendor),
            region=REGION,
            template_url="https://acme.s3.us-east-1.amazonaws.com/template.yaml",
            parameters={"ExistingBucketName": "their-mail"},
        )
