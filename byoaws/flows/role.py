"""Open the role of a stored connection, with whichever of its ExternalIds the role takes."""

from byoaws.aws.interface import CustomerAws, VendorAws
from byoaws.errors import AccessDenied
from byoaws.verify.interface import Target


def open_role(vendor_aws: VendorAws, target: Target) -> CustomerAws:
    """Open the role; while one ExternalId is exchanged for another, with the new one, else with the old one.

    Raises:
        AccessDenied: the role refuses both.
        AwsError: of another kind, which says nothing about the role.
    """
    rotation = target.rotation
    if rotation is None:
        return _assume(vendor_aws, target, target.external_id)
    try:
        return _assume(vendor_aws, target, rotation.new)
    except AccessDenied:
        return _assume(vendor_aws, target, rotation.old)


def _assume(vendor_aws: VendorAws, target: Target, external_id: str) -> CustomerAws:
    vendor = target.vendor
    return vendor_aws.assume_role(
        role_arn=target.role_arn,
        external_id=external_id,
        session_name=vendor.session_name,
        duration=vendor.session_duration,
        region=target.region,
    )
