"""What the linter must know of a vendor."""

from byoaws.iam.compose import actions, packs_of
from byoaws.lint.interface import LinkFacts
from byoaws.vendor_model import Access, SecretMode, Vendor


def link_facts(vendor: Vendor) -> LinkFacts:
    """Say which parameters the vendor's Quick-Create link fills in."""
    names = vendor.parameters
    secret = names.webhook_secret if vendor.webhook_secret is SecretMode.PARAMETER else None
    # A user's keys need neither.
    filled = {names.external_id, names.vendor_account_id} if vendor.access is Access.ROLE else set()
    if "forwarder" in vendor.stack.blocks:
        filled |= {names.inbound_webhook_url} | ({secret} if secret else set())
    if "notifications" in vendor.stack.blocks:
        filled.add(names.sending_webhook_url)
    return LinkFacts(
        prefilled=frozenset(filled),
        external_id=names.external_id,
        secret=secret if secret in filled else None,
    )


def asked_actions(vendor: Vendor) -> frozenset[str]:
    """Say which IAM actions the vendor's permission packs ask for."""
    return frozenset(actions(packs_of(vendor)))
