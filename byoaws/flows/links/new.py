"""A link for a connection that there is already: the same ExternalId, and a one-time token of its own."""

from collections.abc import Callable
from datetime import datetime

from byoaws.flows.links.link import Minted, Offer, offer
from byoaws.flows.links.template import ReadTemplates
from byoaws.flows.registration import keep_token
from byoaws.flows.stored import require_alive
from byoaws.quickcreate import registration_token
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor


def new_link(
    store: Store,
    connection_id: str,
    vendor: Vendor,
    *,
    now: Callable[[], datetime],
    template_url: str | None = None,
    source: ReadTemplates | None = None,
    registration_hours: int = registration_token.HOURS,
) -> Offer:
    """Return a link for a stack of this connection; from now on the token of every earlier link is void.

    Raises:
        UnknownConnection: no connection by that id.
        UsageError: another vendor's connection, or one that is disconnected; or, with LinkError, as `links.link.offer`.
        StoreError: the store cannot be read or written.
    """
    connection = store.get(connection_id)
    require_alive(connection, vendor)
    token = registration_token.mint() if vendor.registration_url else None
    minted = Minted(
        external_id=connection.pending_external_id or connection.external_id,
        webhook_secret=connection.webhook_secret,
        registration_token=token,
    )
    made = offer(
        vendor,
        minted,
        region=connection.region,
        template_url=template_url,
        stack_name=connection.stack_name,
        source=source,
        connection_id=connection.id,
    )
    if token is not None:
        keep_token(store, connection.id, token, now=now(), hours=registration_hours)
    return made
