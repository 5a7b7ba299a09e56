"""Policies on paper: the same as in the stack, with patterns in place of its names."""

from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import UsageError
from byoaws.flows import policy
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor

EXTERNAL_ID = "0123456789abcdef" * 3
ANY = policy.Where()


def role_of(vendor: Vendor) -> dict[str, Any]:
    (role,) = (
        item["Properties"]
        for item in build(vendor)["Resources"].values()
        if item["Type"] == "AWS::IAM::Role" and "sts:ExternalId" in str(item)
    )
    return role


def test_trust_is_that_of_the_stack(vendor: Vendor) -> None:
    (paper,) = policy.trust(vendor, EXTERNAL_ID, ANY)["Statement"]
    (stack,) = role_of(vendor)["AssumeRolePolicyDocument"]["Statement"]
    assert stack["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    assert paper["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    assert {key: stack[key] for key in ("Effect", "Action")} == {key: paper[key] for key in ("Effect", "Action")}
    assert set(paper) == set(stack)


def test_permissions_allow_the_actions_that_the_packs_name(vendor: Vendor) -> None:
    def actions(packs: tuple[str, ...]) -> set[str]:
        document = policy.permissions(replace(vendor, packs=packs), ANY)
        return {action for statement in document["Statement"] for action in statement["Action"]}

    assert "ses:GetAccount" in actions(("ses-account-read",))
    assert "ses:GetAccount" not in actions(("ses-send",))
    assert actions(("ses-send",)) | actions(("ses-account-read",)) == actions(("ses-send", "ses-account-read"))


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"region": "moon-1"}, "'moon-1' is not an AWS region"),
        ({"region": "mx-central-1"}, "no SES"),
        ({"account_id": "123"}, "'123' is not an AWS account id"),
        ({"account_id": "\u0661" * 12}, "not an AWS account id"),
        ({"account_id": "x" * 100}, f"'{'x' * 60}' is not"),
    ],
    ids=["region", "no-ses", "short-account", "digits-that-are-not-ours", "long-account"],
)
@pytest.mark.parametrize("kind", ["trust", "permissions", "deployer"])
def test_places_that_are_none(kind: str, where: dict[str, str], words: str, vendor: Vendor) -> None:
    make = {
        "trust": lambda at: policy.trust(vendor, EXTERNAL_ID, at),
        "permissions": lambda at: policy.permissions(vendor, at),
        "deployer": lambda at: policy.deployer(vendor, at),
    }[kind]
    with pytest.raises(UsageError) as refused:
        make(policy.Where(**where))
    assert words in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(("region", "partition"), [("*", "aws"), ("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov")])
def test_partition(region: str, partition: str, vendor: Vendor) -> None:
    where = policy.Where(region=region)
    assert where.partition == partition
    assert policy.names_on_paper(vendor, where)["AWS::Partition"] == partition
    principal = policy.trust(vendor, EXTERNAL_ID, where)["Statement"][0]["Principal"]["AWS"]
    assert principal == f"arn:{partition}:iam::111122223333:root"


@pytest.mark.parametrize("external_id", ["", "x", "a*", "x" * 1225, "${aws:username}"])
def test_external_ids_that_aws_or_iam_would_read_otherwise(external_id: str, vendor: Vendor) -> None:
    with pytest.raises(UsageError):
        policy.trust(vendor, external_id, ANY)


def test_placeholders_are_told_of(vendor: Vendor) -> None:
    unset = replace(vendor, account=replace(vendor.account, account_id=None))
    assert list(policy.placeholders(vendor, EXTERNAL_ID)) == []
    assert len(list(policy.placeholders(unset, None))) == 2
    # IAM refuses it as it stands: it is no account.
    assert "<MailmarkAwsAccountId>" in policy.trust(unset, None, ANY)["Statement"][0]["Principal"]["AWS"]
