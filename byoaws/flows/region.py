"""Regions that a vendor's stack works in: those with SES, unless the vendor has nothing to do with mail."""

from byoaws.iam.compose import actions, packs_of
from byoaws.regions import require_aws_region, require_region
from byoaws.vendor_model import Vendor

_WITHOUT_MAIL = {"access", "user"}


def require_region_of(vendor: Vendor, region: str, *, new_stack: bool = False) -> None:
    """Refuse a region where the vendor's stack could not work; a new one with an inbound part must receive there.

    Raises:
        UsageError: no such region; or no SES there, where the vendor's packs or blocks need it.
    """
    if needs_ses(vendor):
        require_region(region, receiving=new_stack and "inbound" in vendor.stack.blocks)
    else:
        require_aws_region(region)


def needs_ses(vendor: Vendor) -> bool:
    """True if a block of the stack, or an action of a pack, is SES's."""
    if not _WITHOUT_MAIL.issuperset(vendor.stack.blocks):
        return True
    return any(action.startswith("ses:") for action in actions(packs_of(vendor)))
