"""A stored connection: which one is meant, what is to be verified of it, and how it stands afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from byoaws.errors import UsageError
from byoaws.model import Connection, ConnectionStatus, Verdict, VerificationReport
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Rotation, Target

_STATUS = {
    Verdict.VERIFIED: ConnectionStatus.VERIFIED,
    Verdict.INSECURE: ConnectionStatus.INSECURE,
    Verdict.FAILED: ConnectionStatus.FAILED,
}


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
