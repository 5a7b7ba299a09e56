"""Open a stored connection's role for work, and take note where AWS no longer opens it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from byoaws.aws.interface import Caller
from byoaws.errors import AccessDenied, AwsError, BadCredentials, ConnectionFailed, ConnectionUnusable, UsageError
from byoaws.flows.stored import require_alive
from byoaws.model import Connection, ConnectionStatus
from byoaws.regions import partition_of
from byoaws.store.interface import Store
from byoaws.vendor_model import Access, Vendor
from byoaws.verify.refusals import operators, our_policy
from byoaws.verify.trusted import not_trusted

T = TypeVar("T", covariant=True)

NEVER = frozenset({ConnectionStatus.DISCONNECTED, ConnectionStatus.INSECURE})
"""What no caller can allow."""
_ROUNDS = 3

_WHY = {
    ConnectionStatus.PENDING: (
        "has never been verified",
        "byoaws verify ROLE_ARN --connection {id}, with the RoleArn output of the stack",
    ),
    ConnectionStatus.INSECURE: (
        "is insecure: its role opens for others than the vendor",
        "byoaws verify --connection {id} says how to mend the role",
    ),
    ConnectionStatus.DISCONNECTED: ("is disconnected", "begin a new one: byoaws connect"),
}


class Assume(Protocol[T]):
    """One AssumeRole call; raises AwsError."""

    def __call__(
        self, *, role_arn: str, external_id: str, session_name: str, duration: int, sts_region: str, policy: str | None
    ) -> T:
        """Return the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges(Generic[T]):
    """What is needed from outside."""

    store: Store
    vendor: Vendor
    assume: Assume[T]
    caller: Callable[[str], Caller]
    """Who the vendor is, by the STS of a region."""
    now: Callable[[], datetime]


def usable(edges: Edges[T], connection_id: str, allow: Collection[ConnectionStatus] = ()) -> Connection:
    """Return a connection that may be used as it stands: `verified`, or as `allow` says.

    Raises:
        UnknownConnection: no connection by that id.
        UsageError: another vendor's connection, or one without a role.
        ConnectionFailed: it is `failed`: AWS did not open its role, or a probe failed.
        ConnectionUnusable: it stands otherwise so that it must not be used.
    """
    connection = edges.store.get(connection_id)
    if connection.vendor == edges.vendor.name and connection.status is ConnectionStatus.DISCONNECTED:
        raise _unusable(connection)
    require_alive(connection, edges.vendor)
    if edges.vendor.access is Access.USER:
        raise UsageError(
            f"{edges.vendor.title} works with a user's keys, and there is no role to open",
            hint="the software that runs at the customer's uses the keys itself",
        )
    if connection.status in NEVER or connection.status not in {ConnectionStatus.VERIFIED, *allow}:
        if connection.status is ConnectionStatus.FAILED:
            raise _failed(connection, "has failed", connection.last_error)
        raise _unusable(connection)
    if connection.role_arn is None:
        raise _unusable(connection)
    return connection


def open_for_use(
    edges: Edges[T], connection_id: str, allow: Collection[ConnectionStatus] = (), *, policy: str | None = None
) -> T:
    """Open the role, with the connection as it is stored now; while its ExternalId is exchanged, with either.

    The first time that AWS refuses, a `verified` connection becomes `failed`, with AWS's words. That does not happen
    where the refusal says nothing of the role (our own credentials or policy, throttling, no answer), nor where the
    connection was changed since it was read: then it is read anew.

    Raises:
        ConnectionFailed: AWS refused.
        AwsError: of another kind, which says nothing about the role.
        UsageError: as `usable`.
    """
    for _ in range(_ROUNDS):
        connection = usable(edges, connection_id, allow)
        try:
            return _try(edges, connection, policy)
        except AccessDenied as error:
            refusal = error
        _require_that_it_is_the_role(edges, connection, refusal)
        said = refusal.aws_message or refusal.message
        if connection.status is not ConnectionStatus.VERIFIED or edges.store.fail(connection, said, edges.now()):
            break
    raise _failed(connection, "has failed: aws does not open its role", said)


def _try(edges: Edges[T], connection: Connection, policy: str | None) -> T:
    # The new ExternalId first: it stays.
    ids = [one for one in (connection.pending_external_id, connection.external_id) if one is not None]
    for external_id in ids[:-1]:
        try:
            return _assume(edges, connection, external_id, policy)
        except AccessDenied:
            continue
    return _assume(edges, connection, ids[-1], policy)


def _assume(edges: Edges[T], connection: Connection, external_id: str, policy: str | None) -> T:
    return edges.assume(
        role_arn=connection.role_arn or "",
        external_id=external_id,
        session_name=edges.vendor.session_name,
        duration=edges.vendor.session_duration,
        sts_region=partition_of(connection.region).sts_region,
        policy=policy,
    )


def _require_that_it_is_the_role(edges: Edges[T], connection: Connection, refusal: AccessDenied) -> None:
    """Let a refusal pass that is the role's own.

    Raises:
        AccessDenied: it is a policy's on our side.
        BadCredentials: we are not whom roles trust. AWS then refuses every role, in the same words.
        AwsError: who we are could not be told.
    """
    if kind := our_policy(refusal):
        refusal.hint = operators(f"Let our {kind} allow sts:AssumeRole on the role of connection '{connection.id}'.")
        raise refusal
    try:
        caller = edges.caller(partition_of(connection.region).sts_region)
    except AwsError as error:
        raise _of_connection(error, connection) from None
    if mismatch := not_trusted(edges.vendor.account, caller):
        raise BadCredentials(
            f"the role of connection '{connection.id}' was refused, and {mismatch}",
            operation=refusal.operation,
            code=refusal.code,
            aws_message=refusal.aws_message,
            hint=operators("Run with the vendor's own credentials, or correct the vendor file."),
        )


def _of_connection(error: AwsError, connection: Connection) -> AwsError:
    error.hint = f"{error.hint or 'try again'} (while connection '{connection.id}' was opened)"
    return error


def _failed(connection: Connection, what: str, said: str | None) -> ConnectionFailed:
    words = f": {said}" if said else ""
    return ConnectionFailed(
        f"connection '{connection.id}' ({connection.alias}) {what}{words}",
        connection_id=connection.id,
        status=ConnectionStatus.FAILED.value,
        aws_message=said or "",
        hint=f"byoaws verify --connection {connection.id} says what is to be mended, and makes it usable again",
    )


def _unusable(connection: Connection) -> ConnectionUnusable:
    why, hint = _WHY.get(connection.status, _WHY[ConnectionStatus.PENDING])
    return ConnectionUnusable(
        f"connection '{connection.id}' ({connection.alias}) {why}",
        connection_id=connection.id,
        status=connection.status.value,
        hint=hint.format(id=connection.id),
    )
