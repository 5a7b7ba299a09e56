"""The region table, held against botocore's, which we did not write."""

import botocore.session
import pytest

from byoaws import regions
from byoaws.errors import UsageError

SESSION = botocore.session.get_session()


@pytest.mark.parametrize("region", regions.sending_regions())
def test_a_sending_region_is_one_of_botocores_and_in_its_partition(region: str) -> None:
    partition = regions.partition_of(region).name
    assert SESSION.get_partition_for_region(region) == partition
    if partition != "aws-eusc":  # botocore's endpoints do not list SES there
        assert region in SESSION.get_available_regions("ses", partition) + SESSION.get_available_regions(
            "sesv2", partition
        )


@pytest.mark.parametrize("name", ["aws", "aws-us-gov", "aws-cn", "aws-eusc"])
def test_partitions(name: str) -> None:
    found = regions.partition(name)
    assert regions.partition_of(found.sts_region) is found
    (theirs,) = (one for one in SESSION.get_data("endpoints")["partitions"] if one["partition"] == name)
    assert theirs["dnsSuffix"] == found.dns_suffix


def test_mail_manager_is_in_27_commercial_regions() -> None:
    there = [region for region in regions.sending_regions() if regions.has_mail_manager(region)]
    assert len(there) == 27
    assert {regions.partition_of(region).name for region in there} == {"aws"}
    for region in there:
        regions.require_mail_manager(region)


@pytest.mark.parametrize("region", ["us-gov-west-1", "eusc-de-east-1", "ap-east-1", "mars-1"])
def test_a_region_without_mail_manager(region: str) -> None:
    with pytest.raises(UsageError, match=f"no Mail Manager in region '{region}'") as refused:
        regions.require_mail_manager(region)
    assert "eu-central-2" in refused.value.hint


def test_where_receipt_rules_are_not_mail_manager_is_proposed_if_it_is_there() -> None:
    for region, proposed in (("eu-central-2", True), ("us-gov-west-1", False)):
        with pytest.raises(UsageError) as refused:
            regions.require_region(region, receiving=True)
        assert ("set inbound: mail-manager" in refused.value.hint) is proposed


def test_every_region_that_receives_sends() -> None:
    receiving = [region for region in regions.sending_regions() if regions.receives(region)]
    assert len(receiving) == 23  # 22 commercial ones and the sovereign cloud
    assert not [region for region in receiving if region.startswith(("us-gov", "cn-"))]


@pytest.mark.parametrize("region", regions.sending_regions())
def test_a_sending_region_is_taken(region: str) -> None:
    regions.require_region(region)


@pytest.mark.parametrize(
    ("region", "receiving", "why"),
    [
        ("eu-nowhere-1", False, "is not an AWS region"),
        ("", False, "is not an AWS region"),
        ("EU-WEST-1", False, "is not an AWS region"),
        ("ap-east-1", False, "has no SES for CloudFormation stacks"),
        ("cn-north-1", False, "has no SES for CloudFormation stacks"),
        ("eu-central-2", True, "cannot receive mail in region 'eu-central-2'"),
        ("us-gov-west-1", True, "cannot receive mail"),
        ("me-central-1", True, "cannot receive mail"),
    ],
)
def test_a_region_where_the_stack_could_not_work(region: str, receiving: bool, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        regions.require_region(region, receiving=receiving)
    assert why in refused.value.message
    assert "eu-west-1" in refused.value.hint


def test_a_region_that_does_not_receive_may_still_send() -> None:
    regions.require_region("eu-central-2")
    assert not regions.receives("eu-central-2")
