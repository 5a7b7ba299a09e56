"""Build the link for one customer, and the same stack as a command line and as Terraform."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from byoaws.errors import LinkError, UsageError
from byoaws.flows.links.template import ReadTemplates, template_at
from byoaws.flows.region import require_region_of
from byoaws.model import Json
from byoaws.quickcreate import external_id, webhook_secret
from byoaws.quickcreate.alternatives import aws_cli, terraform
from byoaws.quickcreate.check import capabilities
from byoaws.quickcreate.url import Link, build
from byoaws.templates.stack import build as build_stack
from byoaws.vendor_model import Access, SecretMode, Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a customer is given."""

    link: Link
    url: str = field(repr=False)
    capabilities: tuple[str, ...]
    customers: tuple[str, ...]
    """Parameters that the customer fills in: the link has no value for them, and the template no default."""
    cli: str = field(repr=False)
    terraform: str = field(repr=False)

    def as_json(self) -> dict[str, Json]:
        """The shape of `byoaws link --format json`."""
        return {
            "url": self.url,
            "region": self.link.region,
            "stack_name": self.link.stack_name,
            "template_url": self.link.template_url,
            "parameters": dict(self.link.parameters),
            "customer_fills_in": list(self.customers),
            "capabilities": list(self.capabilities),
            "cli": self.cli,
            "terraform": self.terraform,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """What is made anew for one customer."""

    external_id: str
    webhook_secret: str | None = field(repr=False)
    """None where the customer's stack makes it."""
    registration_token: str | None = field(default=None, repr=False)
    """None where there is no connection, or stacks do not report themselves."""


def mint(vendor: Vendor, *, given_external_id: str | None = None) -> Minted:
    """Mint the ExternalId, unless the operator gave one, and the webhook secret, if the vendor hands it out.

    Raises:
        UsageError: an ExternalId AWS does not allow.
    """
    if vendor.access is Access.USER and given_external_id is not None:
        raise UsageError(
            f"{vendor.title} works with a user's keys, and there is no ExternalId", hint="leave --external-id out"
        )
    by_vendor = vendor.webhook_secret is SecretMode.PARAMETER and "forwarder" in vendor.stack.blocks
    return Minted(
        external_id=external_id.check(given_external_id)
        if given_external_id is not None
        else external_id.mint(prefix=vendor.external_id_prefix, size=vendor.external_id_bytes),
        webhook_secret=webhook_secret.mint() if by_vendor else None,
    )


def offer(
    vendor: Vendor,
    minted: Minted,
    *,
    region: str,
    template_url: str | None = None,
    stack_name: str | None = None,
    parameters: Mapping[str, str] | None = None,
    source: ReadTemplates | None = None,
    connection_id: str | None = None,
) -> Offer:
    """Build the link; it is checked against the template that it points to, as `links.template` tells which.

    Args:
        parameters: Further stack parameters, by name.
        connection_id: What the forwarder's posts say that they are of; None where nothing is stored.
        source: Where a published template that is not ours of today is read from; None refuses such a one.

    Raises:
        UsageError: no such region, no SES there, or a parameter that only byoaws may set.
        LinkError: the console would refuse the link, or silently change it.
    """
    require_region_of(vendor, region, new_stack=True)
    template = build_stack(vendor)
    declared = template.get("Parameters") or {}
    ours = {name: value for name, value in _values(vendor, minted, connection_id).items() if name in declared}
    link = Link(
        region=region,
        template_url=template_url or _template_url(vendor),
        stack_name=stack_name or vendor.stack.name,
        parameters={**ours, **_further(vendor, parameters or {})},
    )
    url = build(link)
    deployed = template_at(link.template_url, vendor, template, source)
    customers = _customers(vendor, link)
    deployed.check(link.parameters, customers=customers)
    needed = capabilities(deployed.template)
    # Whoever forgets to fill one in is refused by its pattern.
    whole = replace(link, parameters={**link.parameters, **{name: f"<{name}>" for name in customers}})
    return Offer(
        link=link,
        url=url,
        capabilities=tuple(needed),
        customers=customers,
        cli=aws_cli(whole, needed),
        terraform=terraform(whole, needed),
    )


def _customers(vendor: Vendor, link: Link) -> tuple[str, ...]:
    declared = vendor.pipeline.parameters if vendor.pipeline else ()
    return tuple(one.name for one in declared if one.default is None and one.name not in link.parameters)


def _values(vendor: Vendor, minted: Minted, connection_id: str | None) -> dict[str, str]:
    names = vendor.parameters
    if vendor.access is Access.ROLE and vendor.account.account_id is None:
        raise UsageError(
            f"the AWS account of vendor '{vendor.name}' is not set, so no customer's role could trust it",
            hint=_set(vendor, "aws.account_id", "AWS_ACCOUNT_ID"),
        )
    values = {
        names.external_id: minted.external_id,
        names.vendor_account_id: vendor.account.account_id,
        names.inbound_webhook_url: vendor.inbound_webhook_url,
        names.sending_webhook_url: vendor.sending_webhook_url,
        names.webhook_secret: minted.webhook_secret,
        names.connection_id: connection_id,
        names.registration_url: vendor.registration_url,
        names.registration_token: minted.registration_token,
    }
    return {name: value for name, value in values.items() if value is not None}


def _further(vendor: Vendor, given: Mapping[str, str]) -> dict[str, str]:
    names = vendor.parameters
    for name, instead in (
        (names.external_id, "--external-id"),
        (names.webhook_secret, "the minted one"),
        (names.registration_token, "byoaws connect, which mints one"),
        (names.vendor_account_id, "aws.account_id in the vendor file"),
    ):
        if name in given:
            raise UsageError(f"parameter '{name}' cannot be set by --param", hint=f"use {instead}")
    return dict(given)


def _template_url(vendor: Vendor) -> str:
    if vendor.template_url is None:
        raise LinkError(
            f"the template of vendor '{vendor.name}' is published nowhere, so a link would end in "
            '"TemplateURL must be a supported URL"',
            hint="publish it with `byoaws publish`, then "
            + _set(vendor, "template_url", "CFN_TEMPLATE_URL", "--template-url"),
        )
    return vendor.template_url


def _set(vendor: Vendor, key: str, variable: str, option: str = "") -> str:
    name = f"{vendor.name.upper().replace('-', '_')}_{variable}"
    also = f", or give {option}" if option else ""
    return f"set {key} in the vendor file (built-in files read {name}){also}"
