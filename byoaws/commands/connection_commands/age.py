"""Which template a connection's stack was made from, and whether there is a newer one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byoaws.commands.connection_commands.vendor_of import vendor_of

if TYPE_CHECKING:
    from byoaws.model import Connection, Json
    from byoaws.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """As recorded: nothing is asked of anybody."""

    version: str | None
    newest: str | None
    outdated: bool | None
    """None where one of the two is not known."""

    def as_json(self) -> "dict[str, Json]":
        """The keys that `connections list --format json` adds."""
        return {"template_version": self.version, "newest_version": self.newest, "outdated": self.outdated}


def ages_of(connections: "Sequence[Connection]", settings: "Settings") -> dict[str, Age]:
    """Return it of each connection by its id. Without connections no vendor file is read."""
    from byoaws.lifecycle.age import is_outdated, newest_version, recorded_version

    newest: dict[str, str | None] = {}
    found = {}
    for item in connections:
        if item.vendor not in newest:
            vendor = vendor_of(item, settings)
            newest[item.vendor] = newest_version(vendor) if vendor else None
        best = newest[item.vendor]
        found[item.id] = Age(
            version=recorded_version(item), newest=best, outdated=is_outdated(item, best) if best else None
        )
    return found
