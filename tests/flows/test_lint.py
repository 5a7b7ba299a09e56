"""What the linter is told of a vendor's link is what the link then carries."""

from dataclasses import replace

import pytest

from byoaws.flows.links.link import mint, offer
from byoaws.flows.lint import asked_actions, facts_of_link, link_facts
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
    carried = offer(built, mint(built), region="eu-west-1", connection_id="con_1").link.parameters
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


@pytest.mark.parametrize(
    ("url", "prefilled", "external_id"),
    [
        (
            "#/stacks/create/review?templateURL=u&param_ExternalId=a&param_B=&stackName=s",
            {"ExternalId", "B"},
            "ExternalId",
        ),
        ("#/x?param_externalID=a", {"externalID"}, "externalID"),
        ("#/x?param_My%20Name=a&param_=b", {"My Name", ""}, "ExternalId"),
        ("?param_InTheQuery=1#nothing", {"InTheQuery"}, "ExternalId"),
        ("?Param_A=1&xparam_B=2&a=param_C=3", set(), "ExternalId"),
        ("not a link at all", set(), "ExternalId"),
    ],
)
def test_a_link_says_what_it_pre_fills_well_formed_or_not(url: str, prefilled: set[str], external_id: str) -> None:
    facts = facts_of_link(url)
    assert (facts.prefilled, facts.external_id, facts.secret, facts.url) == (prefilled, external_id, None, url)


def test_a_link_of_ours_is_read_as_the_console_reads_it(vendor: Vendor) -> None:
    made = offer(vendor, mint(vendor), region="eu-west-1")
    assert facts_of_link(made.url).prefilled == set(made.link.parameters)


@pytest.mark.parametrize(("url", "secret"), [("?param_WebhookSecret=x", "WebhookSecret"), ("?param_A=x", None)])
def test_with_a_vendor_its_names_count(url: str, secret: str | None, vendor: Vendor) -> None:
    facts = facts_of_link(url, replace(vendor, webhook_secret=SecretMode.PARAMETER))
    assert (facts.external_id, facts.secret, facts.url) == ("ExternalId", secret, url)


def test_the_link_is_in_no_repr() -> None:
    assert "s3cr3t" not in repr(facts_of_link("?param_WebhookSecret=s3cr3t"))
