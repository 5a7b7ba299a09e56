"""When a connection is checked next, and which change of its state people are told of. Pure: no clock, no chance.

What would otherwise be drawn at random comes from a hash of the connection's id, so that a fleet spreads evenly however
its checks began, and any run can be told in advance.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from byoaws.model import ConnectionStatus, Verdict
from byoaws.store.interface import Standing

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = {
    Verdict.VERIFIED: ConnectionStatus.VERIFIED,
    Verdict.INSECURE: ConnectionStatus.INSECURE,
    Verdict.FAILED: ConnectionStatus.FAILED,
}
_MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How often is checked, and how soon is told."""

    period: timedelta = timedelta(days=1)
    """Between two checks of a connection that is well."""
    soon: timedelta = timedelta(minutes=15)
    """After a failure, doubled with each further one up to the period."""
    hold: int = 2
    """How many checks in a row must find a state before it is told; `insecure` is told at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of state that people are told of."""

    before: ConnectionStatus | None
    """What they were told last; None: nothing yet."""
    after: ConnectionStatus


def step(
    standing: Standing, verdict: Verdict, policy: Policy, *, worked_before: bool
) -> tuple[Standing, Change | None]:
    """Return the standing after a check, and what is to be told of it.

    What could not be told changes nothing, and a state that does not hold is never told. `failed` is told only of a
    connection that `worked_before`, or of which something was told; `verified` only where it mends what was told.
    """
    found = _STATUS.get(verdict)
    if found is None:
        return replace(standing, unknown_count=standing.unknown_count + 1), None
    count = standing.same_result_count + 1 if standing.same_result is found else 1
    now = replace(standing, same_result=found, same_result_count=count, unknown_count=0)
    needed = 1 if found is ConnectionStatus.INSECURE else policy.hold
    if count < needed or found is standing.told:
        return now, None
    if standing.told is None and found is ConnectionStatus.VERIFIED:
        return replace(now, told=found), None
    if standing.told is None and found is ConnectionStatus.FAILED and not worked_before:
        return now, None
    return replace(now, told=found), Change(before=standing.told, after=found)


def next_check(connection_id: str, standing: Standing, at: datetime, policy: Policy) -> datetime:
    """Return when a connection that was checked at `at`, and then stood so, is checked next.

    One that is well is checked at its own time of the period, at least half a period later: so a fleet that was checked
    in one go spreads over the whole period by the next time.
    """
    trouble = _trouble(standing)
    if trouble:
        wait = min(policy.soon * (1 << min(trouble - 1, _MOST_DOUBLINGS)), policy.period)
        # A tenth earlier or later: what failed together need not come back together.
        return at + (0.9 + 0.2 * _share(f"{connection_id}/{trouble}")) * wait
    own = policy.period * _share(connection_id)
    earliest = at + policy.period / 2
    passed: timedelta = (earliest - _EPOCH - own) % policy.period
    return earliest + policy.period - passed


def _trouble(standing: Standing) -> int:
    """For how many checks it has not been well."""
    if standing.unknown_count:
        return standing.unknown_count
    return 0 if standing.same_result is ConnectionStatus.VERIFIED else standing.same_result_count


def _share(text: str) -> float:
    """A number from 0 up to 1, evenly spread, the same for the same text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / 2**64
