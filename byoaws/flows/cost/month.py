"""How much of what AWS charges for goes through a vendor's stack in a month, and what that count leaves out."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from byoaws.facts.estimate import EXACT, units
from byoaws.facts.prices import Price, Prices
from byoaws.flows.cost import pipeline_month
from byoaws.iam.compose import actions, packs_of
from byoaws.vendor_model import Vendor

PLANS = {"essentials": "ses-outbound-essentials", "a-la-carte": "ses-outbound"}
"""SES's pricing plan to the name of its price for sending."""
MOST = 10**12
"""Messages a month; more is a slip of the keyboard."""
MOST_KB = 40 * 1024
"""SES takes messages up to 40 MB. Source: SES developer guide, "Service quotas"."""

_KB_PER_GB = Decimal(1024 * 1024)
_CHUNK_KB = 256
_FORWARDER_GB = Decimal("0.25")
"""Memory of the forwarder."""
_FORWARDER_SECONDS = 1
"""Assumed: it waits for S3 and for the vendor's webhook."""
_LOG_KB = Decimal(1)
"""Assumed, of each run of the forwarder."""
_SECRET_READS = 12 * 24 * 31
"""A warm forwarder reads its secret again every five minutes."""
_SEND = {"ses:SendEmail", "ses:SendRawEmail"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What goes through the stack in a month."""

    emails: int
    """Sent, counted by recipient, as SES counts."""
    inbound: int
    """Received."""
    average_kb: int
    """KB of a message, as it travels."""
    plan: str
    """SES's pricing plan: a key of `PLANS`."""


def sends(vendor: Vendor) -> bool:
    """True if the vendor sends mail from the customer's account: with a block for it, or by a permission alone."""
    return "sending" in vendor.stack.blocks or bool(_SEND & actions(packs_of(vendor)).keys())


def used(vendor: Vendor, month: Month) -> Iterator[tuple[str, Decimal]]:
    """Names of prices, and how much of each is used."""
    blocks, emails, inbound = vendor.stack.blocks, Decimal(month.emails), Decimal(month.inbound)
    if sends(vendor):
        yield PLANS[month.plan], emails
        yield "ses-data", _gb(emails, month.average_kb)
    if "sending" in blocks and "notifications" in blocks:
        yield "sns-publish", emails
        yield "sns-https", emails
    kept, forwarded = inbound, inbound
    if "inbound" in blocks and vendor.pipeline:
        yield from pipeline_month.used(vendor.pipeline, inbound, _gb(inbound, month.average_kb), month.plan)
        kept = inbound * pipeline_month.kept_copies(vendor.pipeline)
        forwarded = inbound * pipeline_month.forwarded_copies(vendor.pipeline)
    elif "inbound" in blocks:
        yield "ses-inbound", inbound
        yield "ses-inbound-chunk", EXACT.divide(EXACT.multiply(inbound, Decimal(month.average_kb)), Decimal(_CHUNK_KB))
    if "inbound" in blocks:
        yield "s3-put", kept
        yield "s3-storage", _gb(kept, month.average_kb)
    if "forwarder" in blocks:
        yield from _forwarder(forwarded)


def _forwarder(messages: Decimal) -> Iterator[tuple[str, Decimal]]:
    yield "s3-get", messages
    yield "lambda-request", messages
    yield "lambda-gb-second", EXACT.multiply(messages, _FORWARDER_GB * _FORWARDER_SECONDS)
    yield "logs-ingestion", _gb(messages, _LOG_KB)
    yield "secret-call", min(messages, Decimal(_SECRET_READS))
    yield "secret-month", Decimal(1)
    yield "alarm-month", Decimal(1)


def _gb(messages: Decimal, kb: int | Decimal) -> Decimal:
    return EXACT.divide(EXACT.multiply(messages, Decimal(kb)), _KB_PER_GB)


def assumed(vendor: Vendor, month: Month) -> Iterator[str]:
    """Say what the quantities rest on."""
    blocks = vendor.stack.blocks
    if sends(vendor):
        yield f"each sent e-mail has {month.average_kb} KB, all of them counted as attachments (an upper bound)"
    if "sending" in blocks and "notifications" in blocks:
        yield "each sent e-mail ends in one event: delivered, bounced or complained of"
    if "inbound" in blocks:
        yield (
            f"each received e-mail has {month.average_kb} KB, kept for the whole month; mail that is kept costs its "
            "storage again every month"
        )
        if vendor.pipeline:
            yield from pipeline_month.assumed(vendor.pipeline)
        else:
            yield "SES charges for full chunks of 256 KB only; counted here in proportion (an upper bound)"
    if "forwarder" in blocks:
        yield "the forwarder (256 MB, arm64) runs for 1 second and logs 1 KB per received e-mail, with no retries"


def not_counted(vendor: Vendor, month: Month, prices: Prices, *, free_tier: bool) -> Iterator[str]:
    """Say what may be on the bill as well, or may make it smaller."""
    blocks = vendor.stack.blocks
    if month.emails and not sends(vendor):
        yield f"the {month.emails:,} e-mails sent: the stack of '{vendor.name}' sends none"
    if month.inbound and "inbound" not in blocks:
        yield f"the {month.inbound:,} e-mails received: the stack of '{vendor.name}' has no block 'inbound'"
    if not free_tier and (free := [_free(price) for price in _free_prices(vendor, month, prices)]):
        yield f"free tiers, a month and shared with everything else in the account (--free-tier): {'; '.join(free)}"
    yield "taxes, discounts, credits, AWS Support, and other prices than those of " + prices.region
    if "forwarder" in blocks or ("sending" in blocks and "notifications" in blocks):
        yield "data transfer out to the vendor's webhooks, and retries while they do not answer"
        yield f"dead-letter queues, used only then ({_spoken(prices, 'sqs-request')})"
    if vendor.pipeline:
        yield from pipeline_month.not_counted(vendor.pipeline)
    extras = ("dedicated-ip",) if vendor.pipeline else ("dedicated-ip", "mail-manager-endpoint", "mail-manager-message")
    yield f"SES extras that the stack does not switch on: {'; '.join(_spoken(prices, name) for name in extras)}"


def _free_prices(vendor: Vendor, month: Month, prices: Prices) -> Iterator[Price]:
    return (prices[name] for name, _ in used(vendor, month) if prices[name].free)


def _free(price: Price) -> str:
    return f"{price.free.normalize():,f} {units(price.unit, price.free)} ({price.what})"


def _spoken(prices: Prices, name: str) -> str:
    price = prices[name]
    per = f"per {price.per:,} {units(price.unit, price.per)}" if price.per > 1 else f"a {price.unit}"
    return f"{price.what}: {prices.currency} {price.tiers[0].price} {per}"
