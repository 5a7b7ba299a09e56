"""What the linter is told of a vendor's link is what the link then carries."""

from dataclasses import replace

import pytest

from byoaws.flows.link import mint, offer
from byoaws.flows.lint import link_facts
from byoaws.model import SecretMode, Vendor

PACKS = ("ses-send", "ses-identities", "ses-account-read", "self-read")


@pytest.mark.parametrize("mode", SecretMode)
@pytest.mark.parametrize(
    "blocks",
    [
        ("sending", "access"),
        ("sending", "notifications", "access"),
        ("sending", "notifications", "inbound", "forwarder", "access"),
    ],
    ids=len,
)
def test_facts_are_those_of_the_link(blocks: tuple[str, ...], mode: SecretMode, vendor: Vendor) -> None:
    packs = (*PACKS, "inbound-read") if "inbound" in blocks else PACKS
    if mode is SecretMode.GENERATED and "forwarder" in blocks:
        packs = (*packs, "webhook-secret-read")
    built = replace(vendor, webhook_secret=mode, packs=packs, stack=replace(vendor.stack, blocks=blocks))
    facts = link_facts(built)
    carried = offer(built, mint(built), region="eu-west-1").link.parameters
    assert facts.prefilled == set(carried)
    assert facts.external_id == "ExternalId"
    assert facts.secret == ("WebhookSecret" if "WebhookSecret" in carried else None)
