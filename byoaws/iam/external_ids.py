"""ExternalIds to try on a trust policy: those it names, those its patterns let in, near misses, and unrelated ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from byoaws.iam.assume import EXTERNAL_ID
from byoaws.iam.elements import Policy
from byoaws.iam.variables import has_variable

# botocore sts, shape externalIdType: 2 to 1224 characters. The characters are not checked here, because a template's
# value may be a stand-in for a parameter; but these four AWS never lets through.
_LENGTHS = range(2, 1225)
_NEVER_SENT = frozenset("*?$ ")
# No two alike: operators for numbers, dates, addresses and ARNs each read another one.
UNRELATED = (
    "Zq7-nobody-issued-this",
    "90817263544536271",
    "17",
    "2031-05-17T04:05:06Z",
    "198.51.100.77",
    "arn:aws:zq7:::nobody",
)
_FILLINGS = ("", "Zq7x")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What to try, each group without those before it."""

    given: bool
    """True if the right one was said."""
    right: tuple[str, ...]
    """The ExternalId that shall open; where none was given, those that the policy names."""
    unrelated: tuple[str, ...]
    """That nobody issued."""
    patterned: tuple[str, ...]
    """Made from the policy's wildcards; also texts with policy variables, which each caller fills in its own way."""
    further: tuple[str, ...]
    """Others that the policy names, and variants of the right ones: another case, a longer or a shorter text."""

    @property
    def all(self) -> tuple[str | None, ...]:
        """Every candidate, and none at all."""
        return (None, *self.right, *self.unrelated, *self.patterned, *self.further)


def candidates(policy: Policy, external_id: str | None, also: Sequence[str] = ()) -> Candidates:
    """Derive the candidates from what the policy holds an ExternalId against; `also` are further right ones."""
    values = [
        value
        for statement in policy.statements
        for condition in statement.conditions
        if condition.key.lower() == EXTERNAL_ID.lower()
        for value in condition.values
    ]
    named = _sendable(value for value in values if not has_variable(value))
    right = named if external_id is None else tuple(dict.fromkeys((external_id, *also)))
    patterns = [value for value in values if not _NEVER_SENT.isdisjoint(value)]
    patterned = _sendable(_fill(pattern, filling) for pattern in patterns for filling in _FILLINGS)
    templates = tuple(value for value in values if has_variable(value))
    near = _sendable(variant for value in (*right, *named) for variant in _variants(value))
    return Candidates(
        given=external_id is not None,
        right=right,
        unrelated=_without(UNRELATED, (*right, *named)),
        patterned=_without((*patterned, *templates), (*right, *named)),
        further=_without((*named, *near), (*right, *UNRELATED, *patterned)),
    )


def _fill(pattern: str, filling: str) -> str:
    return pattern.replace("*", filling).replace("?", "x")


def _variants(value: str) -> Sequence[str]:
    return (value.lower(), value.upper(), value.swapcase(), f"{value}x", f"x{value}", value[:-1], f"0{value}")


def _sendable(values: Iterable[str]) -> tuple[str, ...]:
    fitting = (value for value in values if len(value) in _LENGTHS and _NEVER_SENT.isdisjoint(value))
    return tuple(dict.fromkeys(fitting))


def _without(values: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    excluded = set(others)
    return tuple(value for value in dict.fromkeys(values) if value not in excluded)
