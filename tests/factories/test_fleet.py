"""What checks a fleet, put together: whose fault stops it."""

import asyncio

import pytest

from byoaws.aws import shared
from byoaws.aws.interface import Caller
from byoaws.errors import BadCredentials, UsageError
from byoaws.factories.fleet import fleet_check, pace
from byoaws.fleet.breaker import Breaker
from byoaws.settings import read_settings
from byoaws.vendors.file import load_vendor
from byoaws.verify.interface import Target

OURS = "999988887777"


@pytest.fixture
def asked(monkeypatch):
    """STS regions that were asked; each but the first does not know our credentials, as AWS's partitions do."""
    regions = []

    class Partition:
        def __init__(self, profile, sts_region, **_):
            self.region = sts_region

        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            """Nothing is open."""

        async def caller(self):
            regions.append(self.region)
            if self.region != regions[0]:
                raise BadCredentials("no such key", code="InvalidClientTokenId")
            return Caller(account_id=OURS, arn=f"arn:aws:iam::{OURS}:user/us")

    monkeypatch.setattr(shared, "SharedAws", Partition)
    return regions


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_attack_a_role_arn_of_another_partition_does_not_stop_the_checks_of_all(tmp_path, asked, partition):
    """Our credentials are refused there as if they had ended, and anybody can give such an ARN as theirs."""
    vendor = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": OURS})
    settings, breaker = read_settings({"HOME": str(tmp_path)}, cwd=tmp_path), Breaker()

    async def check():
        async with fleet_check(settings, vendor, pace(500), breaker, 4) as verify:
            role = f"arn:{partition}:iam::444455556666:role/Access"
            with pytest.raises(UsageError, match="another partition"):
                await verify(Target(role_arn=role, external_id="ext-1", region="eu-central-1", vendor=vendor))

    asyncio.run(check())
    assert breaker.reason is None
    assert asked == ["us-east-1"]
