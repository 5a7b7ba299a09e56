"""Build a link: it says what the template takes, and nothing that AWS would silently drop."""

from dataclasses import replace
from typing import Any

import pytest

from byoaws.errors import ByoawsError, LinkError, UsageError
from byoaws.flows import link as flow
from byoaws.model import Vendor
from byoaws.quickcreate.url import parse
from byoaws.regions import receives, sending_regions

GIVEN = "0123456789abcdef" * 3


def offer(vendor: Vendor, **given: Any) -> flow.Offer:
    return flow.offer(vendor, flow.mint(vendor), **{"region": "eu-west-1", **given})


@pytest.mark.parametrize("region", [region for region in sending_regions() if receives(region)])
def test_every_region_with_receiving_has_a_link_in_its_own_partition(region: str, vendor: Vendor) -> None:
    sovereign = region.startswith("eusc-")
    url = f"https://templates.s3.{region}.amazonaws.{'eu' if sovereign else 'com'}/k"
    made = offer(vendor, region=region, template_url=url)
    assert parse(made.url).region == region
    assert made.as_json()["region"] == region


def test_only_parameters_that_the_template_has(vendor: Vendor) -> None:
    blocks = replace(vendor.stack, blocks=("sending", "access"))
    packs = ("ses-send", "ses-identities", "ses-account-read", "self-read")
    small = replace(vendor, stack=blocks, packs=packs)
    assert flow.mint(small).webhook_secret is None
    assert set(offer(small).link.parameters) == {"ExternalId", "MailmarkAwsAccountId"}
    # Without an inbound part, SES need not receive there.
    assert offer(small, region="eu-central-2").link.region == "eu-central-2"


def test_a_given_external_id_is_used_as_it_is(vendor: Vendor) -> None:
    minted = flow.mint(vendor, given_external_id=GIVEN)
    assert minted.external_id == GIVEN
    assert flow.offer(vendor, minted, region="eu-west-1").link.parameters["ExternalId"] == GIVEN


def test_prefix_and_length_of_the_vendor_file(vendor: Vendor) -> None:
    minted = flow.mint(replace(vendor, external_id_prefix="acme-", external_id_bytes=32))
    prefix, _, random = minted.external_id.partition("-")
    assert (prefix, len(bytes.fromhex(random))) == ("acme", 32)


def test_no_echo_is_refused_since_aws_would_drop_it(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    template = flow.build_stack(vendor)
    template["Parameters"]["Password"] = {"Type": "String", "NoEcho": True, "Default": ""}
    monkeypatch.setattr(flow, "build_stack", lambda vendor: template)
    with pytest.raises(LinkError, match="'Password' is NoEcho") as refused:
        offer(vendor, parameters={"Password": "hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"Nonsense": "1"}, "not in the template"),
        ({"sendingwebhookurl": "https://x.example"}, "'SendingWebhookUrl' (letter case counts)"),
        ({"ExternalId": GIVEN}, "cannot be set by --param"),
        ({"WebhookSecret": "hunter2"}, "cannot be set by --param"),
        ({"Nonsense": "1", "Rubbish": "2"}, "'Rubbish'"),
    ],
    ids=["unknown", "miscased", "external-id", "secret", "all-at-once"],
)
def test_parameters_that_are_refused(parameters: dict[str, str], words: str, vendor: Vendor) -> None:
    with pytest.raises(UsageError) as refused:
        offer(vendor, parameters=parameters)
    assert words in refused.value.message
    assert refused.value.hint
    assert not [value for value in parameters.values() if len(value) > 1 and value in refused.value.message]


@pytest.mark.parametrize(
    ("missing", "words", "variable"),
    [
        ("account", "is not set", "ACME_MAIL_AWS_ACCOUNT_ID"),
        ("template_url", "published nowhere", "ACME_MAIL_CFN_TEMPLATE_URL"),
    ],
)
def test_what_the_operator_has_not_set(missing: str, words: str, variable: str, vendor: Vendor) -> None:
    without = {"account": replace(vendor.account, account_id=None), "template_url": None}[missing]
    with pytest.raises(ByoawsError) as refused:
        offer(replace(vendor, name="acme-mail", **{missing: without}))
    assert words in refused.value.message
    assert variable in refused.value.hint


def test_no_secret_in_the_repr(vendor: Vendor) -> None:
    minted = flow.mint(vendor)
    made = flow.offer(vendor, minted, region="eu-west-1")
    assert minted.webhook_secret
    assert minted.webhook_secret not in repr(minted) + repr(made)
