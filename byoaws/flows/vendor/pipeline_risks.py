"""What a Mail Manager pipeline costs the customer in money or safety, though there is no mistake in it."""

from collections.abc import Iterator

from byoaws.facts.prices import shipped_prices
from byoaws.flows.cost.pipeline_month import forwarded_copies
from byoaws.flows.region import fips_points
from byoaws.flows.vendor.open_relay import open_relays
from byoaws.flows.vendor.risk import Risk
from byoaws.pipeline import Kind, Pipeline
from byoaws.vendor_model import Vendor


def cost_of_ingress(vendor: Vendor) -> str | None:
    """Say what the ingress points cost, whatever comes in; None where there are none.

    The price is of a third party, as `facts/prices.yaml` says.
    """
    if vendor.pipeline is None:
        return None
    count = len(vendor.pipeline.parts[Kind.INGRESS_POINT])
    table = shipped_prices()
    price = table["mail-manager-endpoint"]
    total = price.tiers[0].price * count
    each = f"{count} ingress points at {table.currency} {price.tiers[0].price} each" if count > 1 else "1 ingress point"
    return (
        f"Mail Manager costs the customer about {table.currency} {total} a month even if no mail comes ({each}; as "
        f"quoted by a third party on {price.read})"
    )


def pipeline_risks(vendor: Vendor) -> Iterator[Risk]:
    """Yield the warnings of a vendor's pipeline, if it has one."""
    pipeline = vendor.pipeline
    if pipeline is None:
        return
    yield Risk(
        code="W113",
        name="ingress-cost",
        summary=str(cost_of_ingress(vendor)),
        fix="where receipt rules do, they cost nothing by the month: inbound: receipt-rules",
    )
    yield from _open(pipeline)
    yield from _relays(pipeline)
    yield from _addons(pipeline)
    if points := fips_points(vendor):
        yield Risk(
            code="W116",
            name="fips-regions",
            summary=f"tls_policy: fips of {', '.join(points)}: AWS has it in the US and Canada only, and it cannot be "
            "changed afterwards",
            fix="set tls_policy: required, unless a rule of the customer's asks for FIPS",
        )
    if unused := [f"{part.kind.words} '{part.name}'" for part in pipeline.unused]:
        yield Risk(
            code="W117",
            name="unused-parts",
            summary=f"nothing in the pipeline names {', '.join(unused)}",
            fix="take it out, or name it in a rule",
        )
    if "forwarder" in vendor.stack.blocks and not forwarded_copies(pipeline):
        yield Risk(
            code="W118",
            name="nothing-forwarded",
            summary="block 'forwarder' posts what is written to the stack's bucket under inbound/, and no rule writes "
            "there",
            fix="add the action write_to_s3 without s3_bucket and s3_prefix, or take the block out",
        )


def _open(pipeline: Pipeline) -> Iterator[Risk]:
    policies = pipeline.parts[Kind.TRAFFIC_POLICY]
    for name, point in pipeline.parts[Kind.INGRESS_POINT].items():
        policy = point["TrafficPolicyId"].name
        anyone = point["Type"] == "OPEN" and "PublicNetworkConfiguration" in point["NetworkConfiguration"]
        if anyone and policies[policy]["DefaultAction"] == "ALLOW":
            yield Risk(
                code="W114",
                name="open-ingress",
                summary=f"ingress point '{name}' lets in whatever its traffic policy '{policy}' does not deny, for any "
                "domain; each message is charged for",
                fix="set default_action: deny, and allow recipient: inbound-recipients",
            )


def _relays(pipeline: Pipeline) -> Iterator[Risk]:
    for point, rule_set in open_relays(pipeline):
        yield Risk(
            code="W119",
            name="open-relay",
            summary=f"ingress point '{point}' takes mail for any recipient from anybody, and rule set '{rule_set}' "
            "passes it on (relay or send): spammers will use it, and the customer's addresses will be blocked",
            fix="let in only recipient: inbound-recipients (or equals, ends_with: ['@DOMAIN'], in_address_list), or "
            "put such a condition on the rule",
        )


def _addons(pipeline: Pipeline) -> Iterator[Risk]:
    subscribed = [name for name, addon in pipeline.parts[Kind.ADDON].items() if "AddonName" in addon]
    if subscribed:
        yield Risk(
            code="W115",
            name="addon-terms",
            summary=f"the stack subscribes to {', '.join(subscribed)}: with that the customer accepts the maker's "
            "terms and price per message, and an account that has subscribed already cannot make the stack",
            fix="tell the customer beforehand, or take the customer's own: addon_instance_arn: {parameter: NAME}",
        )
