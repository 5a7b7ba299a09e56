"""A vendor without mail works where SES is not; any other does not."""

from dataclasses import replace
from pathlib import Path

import pytest

from byoaws.errors import UsageError
from byoaws.flows.links.link import mint, offer
from byoaws.flows.region import needs_ses, require_region_of
from byoaws.packs import Grant, Pack, PackStatement
from byoaws.pipeline import Kind
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


MAIL_MANAGER = load_vendor(str(Path(__file__).parents[1] / "data" / "vendors" / "mail-manager-default.yaml"), {})


def with_tls(policy: str) -> Vendor:
    assert MAIL_MANAGER.pipeline
    parts = MAIL_MANAGER.pipeline.parts
    point = {**parts[Kind.INGRESS_POINT]["public"], "TlsPolicy": policy}
    pipeline = replace(MAIL_MANAGER.pipeline, parts={**parts, Kind.INGRESS_POINT: {"public": point}})
    return replace(MAIL_MANAGER, pipeline=pipeline)


def test_mail_manager_is_where_receipt_rules_are_not() -> None:
    require_region_of(MAIL_MANAGER, "eu-central-2", new_stack=True)
    with pytest.raises(UsageError, match="cannot receive mail in region 'eu-central-2'") as refused:
        require_region_of(MAILMARK, "eu-central-2", new_stack=True)
    assert "set inbound: mail-manager" in refused.value.hint


def test_a_link_to_a_region_without_mail_manager_is_refused() -> None:
    require_region_of(MAIL_MANAGER, "us-gov-west-1")  # what is there is verified all the same
    with pytest.raises(UsageError, match="no Mail Manager in region 'us-gov-west-1'"):
        offer(MAIL_MANAGER, mint(MAIL_MANAGER), region="us-gov-west-1", template_url="https://b.s3.amazonaws.com/t")


@pytest.mark.parametrize(
    ("policy", "region", "works"),
    [
        ("FIPS", "us-east-1", True),
        ("FIPS", "ca-west-1", True),
        ("FIPS", "eu-west-1", False),
        ("FIPS", "sa-east-1", False),
        ("REQUIRED", "eu-west-1", True),
    ],
)
def test_fips_is_in_the_us_and_canada_only(policy: str, region: str, works: bool) -> None:
    if works:
        require_region_of(with_tls(policy), region, new_stack=True)
        return
    with pytest.raises(UsageError, match="ingress point 'public' has tls_policy: fips") as refused:
        require_region_of(with_tls(policy), region, new_stack=True)
    assert region in refused.value.message
    assert "tls_policy: required" in refused.value.hint
    require_region_of(with_tls(policy), region)


def test_mail_is_received_in_some_regions_only() -> None:
    require_region_of(MAILMARK, "us-gov-west-1")
    with pytest.raises(UsageError, match="receive"):
        require_region_of(MAILMARK, "us-gov-west-1", new_stack=True)
