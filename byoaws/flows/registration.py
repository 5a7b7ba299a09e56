"""Stacks that report themselves: tokens for their links, and what becomes of a report.

Two steps, since a stack waits a few seconds for its answer and a verification may take a minute: `accept` answers, and
`settle` verifies, as `byoaws verify` does.
"""

import enum
from collections.abc import Callable
from datetime import datetime, timedelta

from byoaws.arn import parse_role_arn
from byoaws.errors import UnknownConnection, UsageError, WebhookForged
from byoaws.flows.check import Verifier
from byoaws.flows.stored import disconnect, target_of
from byoaws.flows.verify import Request, default_wait, verify_and_record
from byoaws.model import Connection, ConnectionStatus, StackClaim, Verdict, VerificationReport
from byoaws.quickcreate import registration_token
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor
from byoaws.webhooks.registration import DELETED, Registration

_MOST_IN_A_ROW = 3
"""Claims of one connection, each made while the one before was verified."""
_SECRET_OUTPUT = "WebhookSecretArn"  # noqa: S105  an output's name


class Accepted(enum.StrEnum):
    """What a report led to."""

    CLAIMED = "claimed"
    """What it says is kept: `settle` verifies it."""
    DISCONNECTED = "disconnected"
    """The connection's stack is gone."""
    IGNORED = "ignored"
    """Rightly signed, and of a stack that is not the connection's: an old one, or a copy."""


def issue_token(store: Store, connection_id: str, *, now: datetime, hours: int = registration_token.HOURS) -> str:
    """Mint the one-time token for a connection's link; one of before is void from now on.

    The token is returned this once; the store keeps its hash.

    Raises:
        UnknownConnection: no connection by that id.
    """
    token = registration_token.mint()
    keep_token(store, connection_id, token, now=now, hours=hours)
    return token


def keep_token(store: Store, connection_id: str, token: str, *, now: datetime, hours: int) -> None:
    """Keep the hash of a token that was minted for a connection's link; raises as `issue_token`."""
    store.issue_token(connection_id, registration_token.fingerprint(token), now + timedelta(hours=hours))


def accept(store: Store, report: Registration, *, now: Callable[[], datetime]) -> Accepted:
    """Judge a report, and keep what it says or end its connection. It touches no AWS account.

    Raises:
        WebhookForged: it is of no connection, in another region, or its token is not that connection's, expired, or
            used by another stack or for another role, or shown in another account than the one that was verified. The
            message is the same for all of them.
        StoreError: the store cannot be read or written; the report must come again.
    """
    try:
        connection = store.get(report.connection_id)
    except UnknownConnection:
        raise _forged() from None
    if connection.region != report.region or connection.status is ConnectionStatus.DISCONNECTED:
        raise _forged()
    # Whoever sees a new link could take over what is connected. A customer who moves is connected by hand, or anew.
    if report.token is not None and connection.account_id not in (None, report.account_id):
        raise _forged()
    if report.token is None and not _is_its_stack(store, connection, report):
        return Accepted.IGNORED
    if report.type == DELETED:
        if connection.role_arn is None:
            return Accepted.IGNORED
        # First, and again where the report comes again: of what is disconnected nothing more is taken down.
        store.claim(_claim_of(report, now()), token_hash=None)
        disconnect(store, connection.id, now)
        return Accepted.DISCONNECTED
    proof = None if report.token is None else registration_token.fingerprint(report.token)
    if not store.claim(_claim_of(report, now()), token_hash=proof):
        raise _forged()
    return Accepted.CLAIMED


def _claim_of(report: Registration, at: datetime) -> StackClaim:
    return StackClaim(
        connection_id=report.connection_id,
        stack_id=report.stack_id,
        role_arn=report.role_arn,
        bucket_name=report.bucket_name,
        secret_arn=report.outputs.get(_SECRET_OUTPUT),
        claimed_at=at,
        template_version=report.template_version,
        is_deleted=report.type == DELETED,
    )


def _forged() -> WebhookForged:
    # One message for all: a stranger does not learn which connections there are, and what became of their tokens.
    return WebhookForged("the report is proven by no token or secret of a connection in its region")


def _is_its_stack(store: Store, connection: Connection, report: Registration) -> bool:
    """True if it is the stack whose role was verified, as it said when it proved itself by its token.

    A signature alone does not make it so: a secret may outlive a stack, or be in two stacks made from one link.
    """
    claim = store.claimed(connection.id)
    return claim is not None and claim.stack_id == report.stack_id and connection.role_arn in (None, claim.role_arn)


def settle(
    connection_id: str,
    vendor: Vendor,
    verifier: Verifier,
    open_store: Callable[[], Store],
) -> tuple[Request, VerificationReport] | None:
    """Verify what a connection's stack said last, and write down what came of it; None if none said anything.

    A role that does not verify never takes the place of one that did. Again is harmless, and goes on where a role did
    not open yet; so is twice at once. What a stack says meanwhile is verified as well: of two roles it is the one that
    was said last that stays. With what it returns, `flows.webhook_secret.learn` learns the webhook secret.

    Raises:
        UnknownConnection, UsageError: as `flows.verify.verify_and_record`; or another account is connected already.
        ConnectionConflict: the connection was disconnected meanwhile, or another command changed it.
        StoreError: the store cannot be read or written.
    """
    settled = None
    for _ in range(_MOST_IN_A_ROW):
        settled = _settled(connection_id, vendor, verifier, open_store)
        if settled is None or not _said_more(settled[0], connection_id, open_store):
            break
    return settled


def is_settled(claim: StackClaim, connection: Connection) -> bool:
    """True if what a stack said is what was verified, and that after the stack had said it."""
    if connection.verified_at is None or connection.role_arn != claim.role_arn:
        return False
    return connection.verified_at >= claim.claimed_at and claim.bucket_name in (None, connection.bucket_name)


def _said_more(request: Request, connection_id: str, open_store: Callable[[], Store]) -> bool:
    """True if another role or bucket was said since."""
    store = open_store()
    try:
        claim = store.claimed(connection_id)
    finally:
        store.close()
    return claim is not None and (claim.role_arn, claim.bucket_name) != (request.role_arn, request.bucket_name)


def _settled(
    connection_id: str, vendor: Vendor, verifier: Verifier, open_store: Callable[[], Store]
) -> tuple[Request, VerificationReport] | None:
    store = open_store()
    try:
        claim, connection = store.claimed(connection_id), store.get(connection_id)
        if claim is None:
            return None
        _refuse_other_account(claim, connection)
        request = _request(claim, connection)
        if connection.role_arn not in (None, claim.role_arn):
            report = _tried(store, connection, claim.role_arn, vendor, verifier)
            if report.verdict is not Verdict.VERIFIED:
                return request, report
    finally:
        store.close()
    return request, verify_and_record(request, vendor, verifier, open_store)


def _refuse_other_account(claim: StackClaim, connection: Connection) -> None:
    """As `accept`, for what was claimed before an account was verified, and is settled only afterwards."""
    said = parse_role_arn(claim.role_arn).account_id
    if connection.account_id not in (None, said):
        raise UsageError(
            f"a stack in account {said} says that it is of connection '{connection.id}', which has account "
            f"{connection.account_id}; it is not verified",
            hint="somebody else may have seen the link: byoaws connections new-link makes it void. If the customer did "
            f"move: byoaws verify ROLE_ARN --connection {connection.id}",
        )


def _tried(
    store: Store, connection: Connection, role_arn: str, vendor: Vendor, verifier: Verifier
) -> VerificationReport:
    """Verify another role than the connection's, and write nothing down."""
    wait = default_wait(connection, verifier.now())
    return verifier.check(target_of(store, connection, vendor, role_arn=role_arn, external_id=None, wait=wait))


def _request(claim: StackClaim, connection: Connection) -> Request:
    return Request(
        role_arn=claim.role_arn,
        connection_id=connection.id,
        external_id=None,
        bucket_name=claim.bucket_name,
        region=None,
        default_region=connection.region,
        wait=None,
        secret_arn=claim.secret_arn,
    )
