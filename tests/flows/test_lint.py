"""What the linter is told of a vendor's link is what the link then carries."""

from dataclasses import replace

import pytest

from byoaws.flows.link import mint, offer
from byoaws.flows.lint import asked_actions, link_facts
from byoaws.vendor_model import Access, SecretMode, Vendor

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


def test_the_linter_is_told_what_the_packs_ask_for(vendor: Vendor) -> None:
    asked = asked_actions(replace(vendor, packs=("ses-send", "ses-account-read")))
    assert asked == {"ses:SendEmail", "ses:SendRawEmail", "ses:GetAccount"}


def test_a_link_for_a_user_s_keys_carries_no_external_id(vendor: Vendor) -> None:
    stack = replace(vendor.stack, blocks=("user",))
    built = replace(vendor, access=Access.USER, packs=("selfmx-full",), stack=stack)
    assert link_facts(built).prefilled == set(offer(built, mint(built), region="eu-west-1").link.parameters) == set()
