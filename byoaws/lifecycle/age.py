"""Which template a connection's stack was made from, as recorded or as it says, and which one is the newest."""

from byoaws.lifecycle.stack import order
from byoaws.model import Connection, ConnectionStatus
from byoaws.quickcreate.published import published_at_url
from byoaws.vendor_model import Vendor


def newest_version(vendor: Vendor) -> str:
    """The version that customers' stacks should have: the published one, else the one that we generate."""
    found = published_at_url(vendor.template_url or "")
    return found[1].version if found and found[1].vendor == vendor.name else vendor.stack.version


def recorded_version(connection: Connection) -> str | None:
    """The version of the template that the customer was given; None where its URL does not say."""
    found = published_at_url(connection.template_url or "")
    return found[1].version if found and found[1].vendor == connection.vendor else None


def is_outdated(connection: Connection, version: str | None, newest: str) -> bool | None:
    """Whether the customer's stack, of that version, is older than the newest template; None: not known."""
    if connection.status is ConnectionStatus.DISCONNECTED or version is None or not order(version):
        return None
    return order(version) < order(newest)
