"""Learn the webhook secret that a customer's stack made, and exchange it for a new one without losing a delivery.

Each run looks at what is stored and at what the customer's secret holds, brings the two in line, and does the next step
of `webhook_secret.exchange`. A run that is interrupted anywhere is finished by the next one.
"""

from dataclasses import dataclass

from byoaws.errors import AwsError, UsageError
from byoaws.flows.stored import require_alive
from byoaws.flows.webhook_secret import exchange
from byoaws.flows.webhook_secret.outcome import Outcome, State
from byoaws.flows.webhook_secret.side import READ_PACK, Unread, is_of, lacks, look
from byoaws.flows.webhook_secret.steps import Case, Seen, due, finish, overlap, spread, spread_needed, with_change
from byoaws.iam.compose import actions, packs_of
from byoaws.model import Connection, ConnectionStatus
from byoaws.vendor_model import SecretMode, Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for."""

    overlap: int = exchange.OVERLAP
    """Seconds, for an exchange that begins now."""
    finish: bool = False
    """Drop the old key now."""
    sure: bool = False
    """Somebody says that the customer's side signs with the new key."""


def rotate(case: Case, connection_id: str, wanted: Wanted) -> Outcome:
    """Begin an exchange, go on with it, or end it: whatever is next.

    Raises:
        UnknownConnection: no connection by that id.
        UsageError: no forwarder signs for this vendor, the secret is not known, or it is too early to end.
        ConnectionConflict: another command changed the connection at the same moment.
        AwsError: AWS did not answer; what was begun goes on with the next run.
    """
    connection = case.store.get(connection_id)
    require_alive(connection, case.vendor)
    if not signs(case.vendor):
        raise UsageError(
            f"the stack of {case.vendor.title} has no forwarder, so nothing is signed with a webhook secret",
            hint="block 'forwarder' in the vendor file makes one",
        )
    seen = _look(case, connection, wanted.overlap)
    if seen.connection.webhook_secret is None:
        why, todo = (seen.side.why, seen.side.todo) if isinstance(seen.side, Unread) else ("", "")
        raise UsageError(f"the webhook secret of connection '{connection_id}' is not known: {why}", hint=todo)
    if seen.connection.next_webhook_secret is None:
        if wanted.finish:
            raise UsageError(
                f"no exchange of the webhook secret of connection '{connection_id}' is under way",
                hint=f"byoaws connections rotate-secret {connection_id} begins one",
            )
        seen = with_change(seen, exchange.begun(seen.connection, overlap=wanted.overlap, at=case.now()))
    if wanted.finish or due(seen):
        return finish(seen, sure=wanted.sure)
    return overlap(seen) if seen.connection.secret_spread_at else spread(seen)


def settle(case: Case, connection_id: str) -> Outcome | None:
    """After a verification: learn a secret that is not known yet, and end an exchange that is due. Begins none.

    None where there is nothing to do. What goes wrong in the customer's account is part of the outcome: the
    verification stands without it.

    Raises:
        StoreError: the store cannot be read or written.
    """
    connection = case.store.get(connection_id)
    unknown = connection.webhook_secret is None and case.vendor.webhook_secret is SecretMode.GENERATED
    if not signs(case.vendor) or not (unknown or connection.next_webhook_secret or case.given_arn):
        return None
    try:
        seen = _look(case, connection, exchange.OVERLAP)
        if seen.secrets is None and seen.connection.next_webhook_secret:
            return spread_needed(seen)
        if isinstance(seen.side, Unread):
            return seen.outcome(
                State.UNREAD, f"the webhook secret could not be read: {seen.side.why}", todo=seen.side.todo
            )
        if due(seen):
            return finish(seen, sure=False)
    except (AwsError, UsageError) as error:
        message = f"the webhook secret could not be read: {error}"
        return Outcome(state=State.UNREAD, connection=connection, message=message, todo=error.hint or "try again")
    if seen.connection.next_webhook_secret is None:
        return seen.outcome(State.KNOWN, "the webhook secret was read, and is kept encrypted")
    return overlap(seen) if seen.connection.secret_spread_at else spread_needed(seen)


def signs(vendor: Vendor) -> bool:
    """True if something in the vendor's stack signs with a webhook secret."""
    return "forwarder" in vendor.stack.blocks


def _look(case: Case, connection: Connection, overlap: int) -> Seen:
    if not any(action.startswith("secretsmanager:") for action in actions(packs_of(case.vendor))):
        why = Unread(why="the vendor's packs give the role no right to it", todo=lacks(READ_PACK))
        return Seen(case=case, connection=connection, side=why, secrets=None)
    if connection.status is not ConnectionStatus.VERIFIED:
        raise UsageError(
            f"connection '{connection.id}' is {connection.status.value}, and only a verified one's role is used",
            hint=f"byoaws verify --connection {connection.id}",
        )
    secrets = case.open_secrets(connection)
    side = look(secrets, connection, case.given_arn or _claimed(case, connection))
    seen = Seen(case=case, connection=connection, side=side, secrets=secrets)
    if isinstance(side, Unread):
        return seen
    return with_change(seen, exchange.adopted(connection, side.arn, side.keys, overlap=overlap, at=case.now()))


def _claimed(case: Case, connection: Connection) -> str | None:
    """The ARN that the stack itself reported, unless one was read before; a claim, and so held to the account."""
    claim = None if connection.secret_arn else case.store.claimed(connection.id)
    if claim is None or claim.secret_arn is None:
        return None
    return claim.secret_arn if is_of(claim.secret_arn, connection) else None
