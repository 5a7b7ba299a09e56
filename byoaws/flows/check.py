"""Verify an account, and keep what came of it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from byoaws.arn import parse_role_arn
from byoaws.aws.interface import Session
from byoaws.errors import AwsError, UsageError
from byoaws.model import Connection, ConnectionStatus, Verdict, VerificationReport
from byoaws.registry import PROBES
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor
from byoaws.verify.clock import AsyncClock
from byoaws.verify.interface import Facts, Progress, Rotation, Sending, Target, VendorPortFactory

if TYPE_CHECKING:
    from byoaws.verify.facts import LiveFacts

ROTATION = "external-id-rotation"
"""The probe that is asked whenever an ExternalId is being exchanged, whatever the vendor file names."""
SEND = "send"
"""The probe that is asked only where somebody wants it asked, since it sends mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """What a verification needs from outside."""

    vendor_aws: VendorPortFactory
    clock: AsyncClock
    progress: Progress
    now: Callable[[], datetime]
    sending: Sending | None = None
    """Messages that are sent as well, where somebody asked for it."""

    def check_keys(self, target: Target, session: Session) -> VerificationReport:
        """Run the vendor's probes with a user's own keys."""
        import asyncio  # here and below, because few commands verify, and it takes long to import

        from byoaws.verify.keys import KeyFacts

        return asyncio.run(self._run(KeyFacts(target, session)))

    def check(self, target: Target) -> VerificationReport:
        """Run the vendor's probes against one account, where no event loop runs; raises as `check_async`."""
        import asyncio

        return asyncio.run(self.check_async(target))

    async def check_async(self, target: Target) -> VerificationReport:
        """Run the vendor's probes against one account.

        Raises:
            ArnError: not a role ARN.
            UsageError: the role is in the vendor's own account, which proves nothing about a customer's.
        """
        from byoaws.verify.facts import LiveFacts

        facts = LiveFacts(replace(target, sending=self.sending), self.vendor_aws, self.clock, self.progress)
        await _refuse_own_account(facts)
        return await self._run(await facts.settled())

    async def _run(self, facts: Facts) -> VerificationReport:
        from byoaws.verify.runner import run

        target = facts.target
        wanted = {*target.vendor.probes, *([ROTATION] if target.rotation else []), *([SEND] if target.sending else [])}
        # The table's order, whatever the file's.
        probes = [PROBES.load(name) for name in PROBES if name in wanted]
        return await run(facts, probes, self.progress, self.now)


async def _refuse_own_account(facts: "LiveFacts") -> None:
    role = parse_role_arn(facts.target.role_arn)
    own = {facts.target.vendor.account.account_id}
    with suppress(AwsError):  # not lost: the probe 'vendor-identity' asks again, and reports the operator's fault
        own.add((await facts.vendor_caller()).account_id)
    if role.account_id in own:
        raise UsageError(
            f"the role is in {facts.target.vendor.title}'s own account {role.account_id}: opening it proves nothing",
            hint="give the RoleArn output of the stack in the customer's account",
        )


def find_connection(store: Store, *, connection_id: str | None, role_arn: str | None) -> Connection | None:
    """Return the connection that is meant: by id, else the one that holds the role ARN.

    Raises:
        UnknownConnection: no connection by that id.
    """
    if connection_id is not None:
        return store.get(connection_id)
    return store.find_by_role(role_arn) if role_arn else None


def require_own(connection: Connection, vendor: Vendor) -> None:
    """Refuse another vendor's connection.

    Raises:
        UsageError: it is.
    """
    if connection.vendor != vendor.name:
        raise UsageError(
            f"connection '{connection.id}' belongs to vendor '{connection.vendor}', not '{vendor.name}'",
            hint=f"give --vendor {connection.vendor}, or that vendor's file",
        )


def require_alive(connection: Connection, vendor: Vendor) -> None:
    """Refuse another vendor's connection, and one that has ended.

    Raises:
        UsageError: it is.
    """
    require_own(connection, vendor)
    if connection.status is ConnectionStatus.DISCONNECTED:
        raise UsageError(f"connection '{connection.id}' is disconnected", hint="begin a new one: byoaws connect")


def target_of(
    store: Store, connection: Connection, vendor: Vendor, *, role_arn: str | None, external_id: str | None, wait: float
) -> Target:
    """Say what is to be verified for a stored connection.

    Raises:
        UsageError: another vendor's connection, another ExternalId than the stored one, disconnected, or no role ARN
            known.
    """
    require_alive(connection, vendor)
    if external_id not in (None, connection.external_id, connection.pending_external_id):
        raise UsageError(
            f"connection '{connection.id}' has another ExternalId than the one given",
            hint="leave --external-id out: the stored one is used",
        )
    last = store.last_report(connection.id) if not (role_arn or connection.role_arn) else None
    arn = role_arn or connection.role_arn or (last.role_arn if last else None)
    if arn is None:
        raise UsageError(
            f"connection '{connection.id}' has no role ARN yet",
            hint=f"byoaws verify ROLE_ARN --connection {connection.id}, with the RoleArn output of the stack",
        )
    new, old = connection.pending_external_id, connection.external_id
    return Target(
        role_arn=arn,
        external_id=new or old,
        rotation=Rotation(new=new, old=old) if new else None,
        region=connection.region,
        vendor=vendor,
        stack_name=connection.stack_name,
        bucket_name=connection.bucket_name,
        wait=wait,
    )


_STATUS = {
    Verdict.VERIFIED: ConnectionStatus.VERIFIED,
    Verdict.INSECURE: ConnectionStatus.INSECURE,
    Verdict.FAILED: ConnectionStatus.FAILED,
}


def after(connection: Connection, report: VerificationReport, *, bucket_name: str | None = None) -> Connection:
    """Return the connection as it stands after a verification.

    A role ARN is kept only once it is verified: AWS says not to store one that opens without the ExternalId, and a
    claim that did not verify must not keep its rightful owner from connecting. `unknown` changes no status.
    """
    at = report.checked_at
    known = replace(
        connection,
        status=_STATUS.get(report.verdict, connection.status),
        sandbox=connection.sandbox if report.sandbox is None else report.sandbox,
        last_error=report.last_error(),
        updated_at=at,
        checked_at=at,
    )
    if report.verdict is not Verdict.VERIFIED:
        return known
    return replace(
        known,
        role_arn=report.role_arn,
        account_id=report.account_id,
        bucket_name=bucket_name or connection.bucket_name,
        last_error=None,
        verified_at=at,
    )


def disconnect(store: Store, connection_id: str, now: Callable[[], datetime]) -> Connection:
    """End the link between vendor and account; the customer's stack is not touched.

    The role ARN is let go, so that the account can be connected anew; the webhook secrets are forgotten. ExternalIds
    stay on record, a pending one included.

    Raises:
        UnknownConnection: no connection by that id.
    """
    connection = store.get(connection_id)
    if connection.status is ConnectionStatus.DISCONNECTED:
        return connection
    ended = replace(
        connection,
        status=ConnectionStatus.DISCONNECTED,
        role_arn=None,
        webhook_secret=None,
        next_webhook_secret=None,
        secret_spread_at=None,
        secret_overlap=None,
        secret_arn=None,
        pending_external_id=None,
        updated_at=now(),
    )
    return store.exchange(ended)
