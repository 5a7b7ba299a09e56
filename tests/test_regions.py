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
