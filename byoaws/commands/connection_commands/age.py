"""Which template a connection's stack was made from, and whether there is a newer one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from byoaws.commands.connection_commands.vendor_of import vendor_of

if TYPE_CHECKING:
    from byoaws.model import Connection, Json
    from byoaws.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """As recorded, or as the stack said itself: nothing is asked of anybody."""

    version: str | None
    newest: str | None
    outdated: bool | None
    """None where one of the two is not known."""

    def as_json(self) -> "dict[str, Json]":
        """The keys that `connections list --format json` adds."""
        return {"template_version": self.version, "newest_version": self.newest, "outdated": self.outdated}


def ages_of(
    connections: "Sequence[Connection]", settings: "Settings", said: "Mapping[str, str]" = MappingProxyType({})
) -> dict[str, Age]:
    """Return it of each connection by its id. Without connections no vendor file is read.

    Args:
        connections: Whose stacks they are.
        settings: Where vendor files are.
        said: By id, the version that a connection's stack said last, where that was settled: newer than what its
            link had, since a stack that is updated says so.
    """
    from byoaws.lifecycle.age import is_outdated, newest_version, recorded_version

    newest: dict[str, str | None] = {}
    found = {}
    for item in connections:
        if item.vendor not in newest:
            vendor = vendor_of(item, settings)
            newest[item.vendor] = newest_version(vendor) if vendor else None
        best, version = newest[item.vendor], said.get(item.id) or recorded_version(item)
        found[item.id] = Age(version=version, newest=best, outdated=is_outdated(item, version, best) if best else None)
    return found
