"""A link for a connection that there is already: the same ExternalId, and a one-time token of its own."""

from collections.abc import Callable
from datetime import datetime

from byoaws.errors import UsageError
from byoaws.flows.links.link import Minted, Offer, offer
from byoaws.flows.links.template import ReadTemplates
from byoaws.flows.registration import keep_token
from byoaws.model import Connection, ConnectionStatus
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
        UsageError: another vendor's connection, or one that is disconnected; or as `flows.link.offer`, with LinkError.
        StoreError: the store cannot be read or written.
    """
    connection = store.get(connection_id)
    _require_open(connection, vendor)
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


def _require_open(connection: Connection, vendor: Vendor) -> None:
    if connection.vendor != vendor.name:
        raise UsageError(
            f"connection '{connection.id}' belongs to vendor '{connection.vendor}', not '{vendor.name}'",
            hint=f"give --vendor {connection.vendor}, or that vendor's file",
        )
    if connection.status is ConnectionStatus.DISCONNECTED:
        raise UsageError(f"connection '{connection.id}' is disconnected", hint="begin a new one: byoaws connect")
