"""Regions in which Mail Manager's API can be asked at all."""

from byoaws.errors import UsageError
from byoaws.regions import has_mail_manager, sending_regions


def require_region(region: str) -> None:
    """Refuse a region that certainly has no Mail Manager; of GovCloud's, sources differ, and AWS is asked.

    Raises:
        UsageError: there is none.
    """
    if not has_mail_manager(region) and not region.startswith("us-gov-"):
        known = ", ".join(name for name in sending_regions() if has_mail_manager(name))
        raise UsageError(f"SES has no Mail Manager in region '{region}'", hint=f"regions with it: {known}")
