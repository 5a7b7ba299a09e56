"""The vendor of a stored connection, where no option has to name it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byoaws.model import Connection
    from byoaws.settings import Settings
    from byoaws.vendor_model import Vendor


def vendor_of(connection: "Connection", settings: "Settings") -> "Vendor | None":
    """Return the chosen vendor if the connection is of it, else the built-in one of that name; None for neither."""
    from byoaws import factory
    from byoaws.errors import ByoawsError
    from byoaws.vendors.file import builtin_vendors, load_vendor

    try:
        chosen = factory.vendor(settings)
        if chosen.name == connection.vendor:
            return chosen
    except ByoawsError:
        chosen = None  # the connection may be of another one
    try:
        return load_vendor(connection.vendor, settings.env) if connection.vendor in builtin_vendors() else None
    except ByoawsError:
        return None
