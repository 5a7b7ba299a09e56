"""Verify what stacks reported of themselves, of one connection or of all that wait, and say what came of each.

Any number of runs may be under way at once, and each may end anywhere: what is verified is written down connection by
connection, and what is not yet settled waits for the next run.
"""

import enum
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from byoaws.errors import AwsError, ConnectionConflict, UsageError
from byoaws.flows.check import Verifier
from byoaws.flows.registration import is_settled, settle
from byoaws.flows.stored import require_alive
from byoaws.flows.verify import Request
from byoaws.flows.webhook_secret.outcome import Outcome as SecretOutcome
from byoaws.model import Connection, ConnectionStatus, Json, StackClaim, Status, Verdict, VerificationReport
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor

_AT_ONCE = 8
"""Verifications; nearly all of the time of each is spent waiting for AWS."""


class Outcome(enum.StrEnum):
    """What became of one claim: the verdict on its role, or why there is none."""

    VERIFIED = "verified"
    INSECURE = "insecure"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    """The role cannot be this connection's, whoever opens it."""
    SETTLED = "settled"
    """Verified before: nothing was asked."""


EXIT_CODES = {Outcome.VERIFIED: 0, Outcome.SETTLED: 0, Outcome.UNKNOWN: 3}
"""1 for all others, as `byoaws verify` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a stack said, and the connection that it proved to be of, as it was before."""

    connection: Connection
    claim: StackClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one."""

    before: Waiting
    outcome: Outcome
    message: str
    todo: str = ""
    report: VerificationReport | None = None
    secret: SecretOutcome | None = None
    """What came of learning the webhook secret, where there was one to learn."""

    def as_row(self) -> dict[str, Json]:
        """The shape of `connections settle --format json`, without the report."""
        claim, secret = self.before.claim, self.secret
        return {
            "connection_id": claim.connection_id,
            "alias": self.before.connection.alias,
            "stack_id": claim.stack_id,
            "role_arn": claim.role_arn,
            "claimed_at": claim.claimed_at.isoformat(timespec="seconds"),
            "outcome": self.outcome.value,
            "message": self.message,
            "todo": self.todo,
            "webhook_secret": None if secret is None else {"message": secret.message, "todo": secret.todo},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What settling needs from outside; used by several threads at once."""

    vendor: Vendor
    verifier: Callable[[], Verifier]
    """One for each connection, since they are used in threads of their own."""
    open_store: Callable[[], Store]
    learn: Callable[[Request, VerificationReport], SecretOutcome | None]
    """`flows.webhook_secret.learn`, with all but these two filled in."""


def waiting(store: Store, vendor: Vendor) -> tuple[list[Waiting], int]:
    """Return this vendor's connections with a claim that is not settled, oldest first; and how many others have."""
    claims = store.claims()
    connections = {item.id: item for item in store.list()} if claims else {}
    found = [
        Waiting(connection=connections[claim.connection_id], claim=claim)
        for claim in claims
        if claim.connection_id in connections
    ]
    open_ones = [
        item
        for item in found
        if item.connection.status is not ConnectionStatus.DISCONNECTED and not is_settled(item.claim, item.connection)
    ]
    ours = [item for item in open_ones if item.connection.vendor == vendor.name]
    return ours, len(open_ones) - len(ours)


def of_one(store: Store, connection_id: str, vendor: Vendor) -> Waiting:
    """Return what a stack of one connection said, settled or not.

    Raises:
        UnknownConnection: no connection by that id.
        UsageError: another vendor's connection, disconnected, or no stack of it has reported itself.
    """
    connection = store.get(connection_id)
    require_alive(connection, vendor)
    claim = store.claimed(connection_id)
    if claim is None:
        raise UsageError(
            f"no stack of connection '{connection_id}' has reported itself",
            hint=f"byoaws verify ROLE_ARN --connection {connection_id}, with the RoleArn output of the stack",
        )
    return Waiting(connection=connection, claim=claim)


def settle_all(found: Sequence[Waiting], means: Means) -> Iterator[Settled]:
    """Settle each, several at once; yield what came of them in the order in which they were given.

    Raises:
        StoreError: the store cannot be read or written; what was written down before stays.
    """
    pool = ThreadPoolExecutor(max_workers=_AT_ONCE)
    try:
        for each in [pool.submit(_or_refused, item, means) for item in found]:
            yield each.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def settle_one(item: Waiting, means: Means) -> Settled:
    """Settle one.

    Raises:
        UsageError, AwsError, StoreError: as `flows.registration.settle`.
    """
    claim, before = item.claim, item.connection
    if is_settled(claim, before):
        return Settled(before=item, outcome=Outcome.SETTLED, message="verified before")
    settled = settle(before.id, means.vendor, means.verifier(), means.open_store)
    if settled is None:  # only a store that forgets
        raise UsageError(f"no stack of connection '{before.id}' has reported itself any more", hint="run it again")
    request, report = settled
    message, todo = _told(report, before)
    return Settled(
        before=item,
        outcome=Outcome(report.verdict.value),
        message=message,
        todo=todo,
        report=report,
        secret=means.learn(request, report),
    )


def exit_code(settled: Sequence[Settled]) -> int:
    """Return 1 where one is refused for sure, else 3 where one could not be told, else 0."""
    codes = {EXIT_CODES.get(one.outcome, 1) for one in settled}
    return 1 if 1 in codes else max(codes, default=0)


def _or_refused(item: Waiting, means: Means) -> Settled:
    """One connection's trouble keeps no other from being settled."""
    try:
        return settle_one(item, means)
    except (ConnectionConflict, AwsError) as error:
        return Settled(before=item, outcome=Outcome.UNKNOWN, message=str(error), todo=error.hint or "run it again")
    except UsageError as error:
        return Settled(before=item, outcome=Outcome.REFUSED, message=str(error), todo=error.hint)


def _told(report: VerificationReport, before: Connection) -> tuple[str, str]:
    """What was found, and what to do."""
    if report.verdict is Verdict.VERIFIED:
        return "verified", ""
    error = report.last_error() or f"the role is {report.verdict.value}"
    worst_first = sorted(report.probes, key=lambda probe: probe.status is not Status.FAIL)
    fix = next((probe.fix for probe in worst_first if probe.status in (Status.FAIL, Status.UNKNOWN)), "").rstrip(".")
    more = f"byoaws connections settle {before.id} shows the whole report"
    kept = f"; the connection keeps {before.role_arn}" if before.role_arn not in (None, report.role_arn) else ""
    return error + kept, f"{fix}; {more}" if fix else more
