"""The vendors that can be named: built in, and added by other distributions."""

from collections.abc import Mapping

from byoaws.errors import ByoawsError
from byoaws.vendors.file import builtin_vendors, load_vendor


def known(env: Mapping[str, str]) -> tuple[list[dict[str, str]], list[str]]:
    """Return `name`, `title`, `access` and `source` of each vendor, and a message for each that cannot be read."""
    found, unreadable = [], []
    for name in builtin_vendors():
        try:
            vendor = load_vendor(name, env)
        except ByoawsError as error:
            unreadable.append(f"vendor '{name}' cannot be read: {error}")
        else:
            row = {"name": name, "title": vendor.title, "access": vendor.access.value, "source": vendor.source}
            found.append(row)
    return found, unreadable
