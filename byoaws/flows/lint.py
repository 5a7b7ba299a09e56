"""What the linter must know of a vendor."""

import re
from urllib.parse import unquote

from byoaws.iam.compose import actions, packs_of
from byoaws.lint.interface import LinkFacts
from byoaws.vendor_model import Access, SecretMode, Vendor

# Whatever is wrong with a link is for the rules to say, so nothing is expected of it here.
_PARAMETER = re.compile(r"[?&#]param_([^=&#]*)")
_EXTERNAL_ID = re.compile(r"external.?id", re.IGNORECASE)
_DEFAULT_EXTERNAL_ID = "ExternalId"


def link_facts(vendor: Vendor) -> LinkFacts:
    """Say which parameters the vendor's Quick-Create link fills in."""
    names = vendor.parameters
    secret = names.webhook_secret if vendor.webhook_secret is SecretMode.PARAMETER else None
    # A user's keys need neither.
    filled = {names.external_id, names.vendor_account_id} if vendor.access is Access.ROLE else set()
    if "forwarder" in vendor.stack.blocks:
        filled |= {names.inbound_webhook_url, names.connection_id} | ({secret} if secret else set())
    if "notifications" in vendor.stack.blocks:
        filled.add(names.sending_webhook_url)
    if "registration" in vendor.stack.blocks:
        filled |= {names.registration_url, names.registration_token, names.connection_id}
    return LinkFacts(
        prefilled=frozenset(filled),
        external_id=names.external_id,
        secret=secret if secret in filled else None,
    )


def facts_of_link(url: str, vendor: Vendor | None = None) -> LinkFacts:
    """Say which parameters this Quick-Create link fills in, well formed or not.

    Which of them holds the ExternalId the vendor says; without one it is the one that is called so.
    """
    filled = frozenset(unquote(name) for name in _PARAMETER.findall(url))
    if vendor is None:
        called_so = sorted(filter(_EXTERNAL_ID.search, filled))
        return LinkFacts(prefilled=filled, external_id=(called_so or [_DEFAULT_EXTERNAL_ID])[0], url=url)
    secret = vendor.parameters.webhook_secret
    return LinkFacts(
        prefilled=filled,
        external_id=vendor.parameters.external_id,
        secret=secret if secret in filled else None,
        url=url,
    )


def asked_actions(vendor: Vendor) -> frozenset[str]:
    """Say which IAM actions the vendor's permission packs ask for."""
    return frozenset(actions(packs_of(vendor)))
