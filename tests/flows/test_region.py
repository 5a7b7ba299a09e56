"""A vendor without mail works where SES is not; any other does not."""

from dataclasses import replace

import pytest

from byoaws.errors import UsageError
from byoaws.flows.link import mint, offer
from byoaws.flows.region import needs_ses, require_region_of
from byoaws.packs import Grant, Pack, PackStatement
from byoaws.vendor_model import StackFacts, Vendor
from byoaws.vendors.file import load_vendor

ACCESS = StackFacts(name="watch", version="1.0.0", blocks=("access",))
READ = PackStatement(
    sid="Read", grants=(Grant(action="cloudwatch:GetMetricData", reason="See it."),), resources=("*",), condition=None
)
MAILMARK = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
WATCH = replace(
    MAILMARK, stack=ACCESS, packs=("watch",), own_packs=(Pack(name="watch", title="Watch", statements=(READ,)),)
)


@pytest.mark.parametrize(
    ("vendor", "needed"),
    [
        (MAILMARK, True),
        (load_vendor("sendfleet", {}), True),
        (load_vendor("selfmx", {}), True),
        (replace(MAILMARK, stack=ACCESS, packs=("self-read",)), False),
        (WATCH, False),
        (replace(WATCH, stack=replace(ACCESS, blocks=("sending", "access"))), True),
    ],
    ids=["stack", "role", "user", "pack without SES", "own pack without SES", "block of SES"],
)
def test_needs_ses(vendor: Vendor, needed: bool) -> None:
    assert needs_ses(vendor) is needed


def test_a_vendor_without_mail_works_where_ses_is_not() -> None:
    made = offer(
        WATCH,
        mint(WATCH),
        region="mx-central-1",
        template_url="https://acme-cfn.s3.us-east-1.amazonaws.com/t.yaml",
    )
    assert made.link.region == "mx-central-1"
    with pytest.raises(UsageError, match="has no SES"):
        require_region_of(MAILMARK, "mx-central-1")
    with pytest.raises(UsageError, match="is not an AWS region"):
        require_region_of(WATCH, "mars-1")


def test_mail_is_received_in_some_regions_only() -> None:
    require_region_of(MAILMARK, "us-gov-west-1")
    with pytest.raises(UsageError, match="receive"):
        require_region_of(MAILMARK, "us-gov-west-1", new_stack=True)
