"""How commands look into the account of a stored connection."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byoaws.lifecycle.port import Reader
    from byoaws.model import Connection
    from byoaws.settings import Settings
    from byoaws.vendor_model import Vendor


def stored(connection_id: str, settings: "Settings") -> "Connection":
    """Return a connection; raises UnknownConnection or StoreError."""
    from byoaws import factory

    opened = factory.store(settings)
    try:
        return opened.get(connection_id)
    finally:
        opened.close()


def looker(connection: "Connection", vendor: "Vendor", settings: "Settings") -> "Callable[[], Reader]":
    """Return what opens the connection's role, to look; only that of a verified connection opens."""
    from byoaws import factory
    from byoaws.flows.upgrade.deployed import open_reader

    return lambda: open_reader(
        lambda: factory.store(settings),
        connection,
        vendor,
        factory.vendor_aws_of(settings),
        lambda region, role: factory.reader(settings, region, role),
    )
