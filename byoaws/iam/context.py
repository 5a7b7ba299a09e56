"""What is known of a request: values of condition keys, keys known to be absent, and keys of which nothing is known.

Names of keys are not case-sensitive. Source: "IAM JSON policy elements: Condition" ("Context key names are not
case-sensitive").
"""

import enum
import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Values: TypeAlias = str | Sequence[str]


class Lookup(enum.Enum):
    """Why a key has no value here."""

    ABSENT = "absent"
    """AWS puts no such key into this request."""
    NOT_KNOWN = "not known"
    """It may be there or not, with any value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Condition keys of one request."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Lower-case key to its values."""
    absent: frozenset[str] = frozenset()
    """Lower-case keys that the request certainly lacks."""
    may_have: frozenset[str] | None = None
    """Lower-case keys of which nothing is known, prefixes ending in `*`; all others are absent. None: any key."""

    def __getitem__(self, key: str) -> tuple[str, ...] | Lookup:
        name = key.lower()
        if name in self.values:
            # A key with no value at all is as good as absent: "the key exists and its value is not null".
            return self.values[name] or Lookup.ABSENT
        if name in self.absent or not self._may_have(name):
            return Lookup.ABSENT
        return Lookup.NOT_KNOWN

    def _may_have(self, name: str) -> bool:
        if self.may_have is None or name in self.may_have:
            return True
        return any(entry.endswith("*") and name.startswith(entry[:-1]) for entry in self.may_have)


def context(
    values: Mapping[str, Values], *, absent: Collection[str] = (), may_have: Collection[str] | None = None
) -> Context:
    """Make a context from keys in any case and from single values or lists."""
    return Context(
        values={key.lower(): (found,) if isinstance(found, str) else tuple(found) for key, found in values.items()},
        absent=frozenset(key.lower() for key in absent),
        may_have=None if may_have is None else _lower_case(tuple(may_have)),
    )


@functools.lru_cache(maxsize=64)
def _lower_case(keys: tuple[str, ...]) -> frozenset[str]:
    """Remembered, as thousands of calls may have the same few dozen keys."""
    return frozenset(key.lower() for key in keys)
