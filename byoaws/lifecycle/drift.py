"""What was changed by hand, as data: one row for each thing that was held against the template."""

import enum
from dataclasses import dataclass

from byoaws.model import Json


class Held(enum.StrEnum):
    """What came of holding one thing against the template."""

    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing. The field names are the keys of `connections drift --format json`."""

    what: str
    """For example `trust-policy`."""
    resource: str
    """Its name in the template."""
    held: Held
    details: tuple[str, ...] = ()
    """What differs, or why it could not be told."""
    permission: str = ""
    """The action that the role lacks, where that is why."""

    def as_json(self) -> dict[str, Json]:
        """Return it as plain data."""
        return {
            "what": self.what,
            "resource": self.resource,
            "held": self.held.value,
            "details": [*self.details],
            "permission": self.permission or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All rows of one stack."""

    connection_id: str
    stack_name: str
    region: str
    version: str | None
    """Of the template that it was held against."""
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 all is as the template says, 1 something differs, 3 could not tell all of it."""
        held = {row.held for row in self.rows}
        return 1 if Held.DIFFERS in held else 3 if Held.UNKNOWN in held or not self.rows else 0

    def as_json(self) -> dict[str, Json]:
        """The shape of `byoaws connections drift --format json`."""
        return {
            "connection_id": self.connection_id,
            "stack_name": self.stack_name,
            "region": self.region,
            "version": self.version,
            "rows": [row.as_json() for row in self.rows],
            "notes": [*self.notes],
        }
