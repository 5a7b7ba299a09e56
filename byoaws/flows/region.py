"""Regions that a vendor's stack works in: those with SES, unless the vendor has nothing to do with mail."""

from byoaws.errors import UsageError
from byoaws.iam.compose import actions, packs_of
from byoaws.pipeline import Kind
from byoaws.regions import is_in_us_or_canada, require_aws_region, require_mail_manager, require_region
from byoaws.vendor_model import Inbound, Vendor

_WITHOUT_MAIL = {"access", "user"}


def require_region_of(vendor: Vendor, region: str, *, new_stack: bool = False) -> None:
    """Refuse a region where the vendor's stack could not work; a new one with an inbound part must receive there.

    Raises:
        UsageError: no such region; or no SES there, where the vendor's packs or blocks need it.
    """
    if not needs_ses(vendor):
        require_aws_region(region)
        return
    receives = new_stack and "inbound" in vendor.stack.blocks
    by_rules = vendor.inbound is Inbound.RECEIPT_RULES
    require_region(region, receiving=receives and by_rules)
    if receives and not by_rules:
        require_mail_manager(region)
        _require_fips(vendor, region)


def fips_points(vendor: Vendor) -> list[str]:
    """Return the names of the ingress points that ask for FIPS. Source: botocore's model `mailmanager`, TlsPolicy."""
    points = vendor.pipeline.parts[Kind.INGRESS_POINT] if vendor.pipeline else {}
    return [name for name, properties in points.items() if properties["TlsPolicy"] == "FIPS"]


def _require_fips(vendor: Vendor, region: str) -> None:
    points = fips_points(vendor)
    if points and not is_in_us_or_canada(region):
        raise UsageError(
            f"ingress point '{points[0]}' has tls_policy: fips, which AWS has in the US and Canada only, not in "
            f"region '{region}'",
            hint="choose a region there, or set tls_policy: required in the vendor file",
        )


def needs_ses(vendor: Vendor) -> bool:
    """True if a block of the stack, or an action of a pack, is SES's."""
    if not _WITHOUT_MAIL.issuperset(vendor.stack.blocks):
        return True
    return any(action.startswith("ses:") for action in actions(packs_of(vendor)))
