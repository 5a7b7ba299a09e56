"""What the linter must know of a vendor's link."""

from byoaws.lint.interface import LinkFacts
from byoaws.model import SecretMode, Vendor


def link_facts(vendor: Vendor) -> LinkFacts:
    """Say which parameters the vendor's Quick-Create link fills in."""
    names = vendor.parameters
    secret = names.webhook_secret if vendor.webhook_secret is SecretMode.PARAMETER else None
    filled = {names.external_id, names.vendor_account_id}
    if "forwarder" in vendor.stack.blocks:
        filled |= {names.inbound_webhook_url} | ({secret} if secret else set())
    if "notifications" in vendor.stack.blocks:
        filled.add(names.sending_webhook_url)
    return LinkFacts(
        prefilled=frozenset(filled),
        external_id=names.external_id,
        secret=secret if secret in filled else None,
    )
