"""Begin a connection: mint, build the link, and only then open the store."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from byoaws.errors import UsageError
from byoaws.flows.links.link import Offer, mint, offer
from byoaws.flows.links.template import ReadTemplates
from byoaws.flows.registration import keep_token
from byoaws.model import Connection, Json
from byoaws.quickcreate import registration_token
from byoaws.store.interface import Store
from byoaws.vendor_model import Access, Vendor

_ALPHABET = string.ascii_lowercase + string.digits
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A new connection, and what its customer is given."""

    connection: Connection
    offer: Offer = field(repr=False)

    def as_json(self) -> dict[str, Json]:
        """The shape of `byoaws connect --format json`."""
        return {
            **self.offer.as_json(),
            "connection_id": self.connection.id,
            "external_id": self.connection.external_id,
        }


def connection_id() -> str:
    """Return a fresh connection id."""
    return "con_" + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def begin(
    open_store: Callable[[], Store],
    vendor: Vendor,
    *,
    alias: str,
    region: str,
    customer: str | None,
    now: Callable[[], datetime],
    template_url: str | None = None,
    source: ReadTemplates | None = None,
    registration_hours: int = registration_token.HOURS,
) -> Begun:
    """Begin a connection. Its ExternalId is minted here; there is no way to hand one in.

    Aliases may repeat: they are for people, and the connection's id is what counts. The link's one-time token is
    accepted for `registration_hours`.

    Raises:
        UsageError, LinkError: as `flows.links.link.offer`; the store is not even opened then.
        StoreError: the store cannot be opened or written.
    """
    _refuse_user(vendor)
    _check_name("an alias", alias)
    if customer is not None:
        _check_name("a customer", customer)
    minted = mint(vendor)
    token = registration_token.mint() if vendor.registration_url else None
    identifier = connection_id()
    # Of its own: two connections may lie in one account and region.
    stack_name = f"{vendor.stack.name}-{identifier[-6:]}"
    made = offer(
        vendor,
        replace(minted, registration_token=token),
        region=region,
        template_url=template_url,
        stack_name=stack_name,
        source=source,
        connection_id=identifier,
    )
    at = now()
    connection = Connection(
        id=identifier,
        alias=alias,
        vendor=vendor.name,
        region=region,
        external_id=minted.external_id,
        customer=customer,
        webhook_secret=minted.webhook_secret,
        stack_name=stack_name,
        template_url=made.link.template_url,
        created_at=at,
        updated_at=at,
    )
    store = open_store()
    try:
        store.add(connection)
        if token is not None:
            keep_token(store, identifier, token, now=at, hours=registration_hours)
    finally:
        store.close()
    return Begun(connection=connection, offer=made)


def _refuse_user(vendor: Vendor) -> None:
    if vendor.access is Access.USER:
        raise UsageError(
            f"{vendor.title} is run by its users with keys of their own, so there is no connection to keep",
            hint=f"byoaws link --vendor {vendor.option} makes their stack; byoaws verify --vendor {vendor.option} "
            "--profile NAME checks their keys",
        )


def _check_name(what: str, text: str) -> None:
    if not text.strip() or len(text) > _LONGEST_NAME or not text.isprintable():
        shown = "".join(char if char.isprintable() else "\ufffd" for char in text[:60])
        raise UsageError(f"'{shown}' is not {what}", hint=f"1 to {_LONGEST_NAME} printable characters")
