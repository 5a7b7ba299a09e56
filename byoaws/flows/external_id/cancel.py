"""Take back an ExternalId that is pending, as long as the role still opens with the one that it was to replace.

The one that is taken back stays on record as issued, and is never issued again: whoever still has the link or the
command that carries it can open nothing with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from byoaws.aws.interface import VendorAws
from byoaws.errors import AccessDenied, AwsError, UsageError
from byoaws.flows.stored import require_alive, target_of
from byoaws.model import Connection, Json
from byoaws.regions import partition_of
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Target, VendorAwsFactory
from byoaws.verify.refusals import operators, our_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """An exchange that was taken back."""

    connection: Connection
    cancelled: str
    opens_with_it: bool | None
    """Whether the role opens with the one that was taken back as well; None if that could not be told."""

    def as_json(self) -> dict[str, Json]:
        """The shape of `connections rotate-external-id --cancel --format json`."""
        return {
            "connection_id": self.connection.id,
            "external_id": self.connection.external_id,
            "cancelled_external_id": self.cancelled,
            "opens_with_cancelled": self.opens_with_it,
        }


def cancel(
    store: Store,
    connection_id: str,
    vendor: Vendor,
    vendor_aws: VendorAwsFactory,
    now: Callable[[], datetime],
) -> Cancelled:
    """Drop the pending ExternalId, if and only if the role opens with the present one.

    Raises:
        UnknownConnection: no connection by that id.
        UsageError: another vendor's connection, disconnected, nothing is pending, or the role refuses the present one.
        ConnectionConflict: another command changed the connection meanwhile: perhaps the exchange is finished.
        AwsError: whether the role opens could not be told; nothing is changed.
    """
    connection = store.get(connection_id)
    require_alive(connection, vendor)
    pending = connection.pending_external_id
    if pending is None:
        raise UsageError(
            f"no ExternalId of connection '{connection_id}' is pending; its ExternalId is {connection.external_id}",
            hint=f"byoaws connections rotate-external-id {connection_id} begins an exchange",
        )
    target = target_of(store, connection, vendor, role_arn=None, external_id=None, wait=0)
    aws = vendor_aws(partition_of(target.region).sts_region)
    if not _opens(aws, target, connection.external_id):
        raise _refused(connection, opens_with_new=_opens_or_unknown(aws, target, pending))
    also = _opens_or_unknown(aws, target, pending)
    # Whoever finished the exchange in this moment has changed the connection, and this write is refused.
    dropped = store.exchange(replace(connection, pending_external_id=None, updated_at=now()))
    return Cancelled(connection=dropped, cancelled=pending, opens_with_it=also)


def _refused(connection: Connection, *, opens_with_new: bool | None) -> UsageError:
    head = f"the role of connection '{connection.id}' refuses the present ExternalId"
    verify = f"byoaws verify --connection {connection.id}"
    if opens_with_new:
        return UsageError(
            f"{head} and opens with the pending one: the customer's stack has it, and nothing is left to cancel",
            hint=f"{verify} finishes the exchange",
        )
    if opens_with_new is None:
        return UsageError(f"{head}, so the pending one is kept", hint=f"{verify} says how the role stands")
    return UsageError(
        f"{head} and the pending one: nobody can tell which of the two the customer's stack will have",
        hint=f"{verify} says why it does not open; cancel once it opens with the present one",
    )


def _opens(aws: VendorAws, target: Target, external_id: str) -> bool:
    """True if the role opens; raises AwsError where that cannot be told."""
    vendor = target.vendor
    try:
        aws.assume_role(
            role_arn=target.role_arn,
            external_id=external_id,
            session_name=vendor.session_name,
            duration=vendor.session_duration,
            region=target.region,
        )
    except AccessDenied as error:
        if our_policy(error) is not None:
            error.hint = operators(error.hint or "A policy on your side refuses the call before the role is asked.")
            raise
        return False
    return True


def _opens_or_unknown(aws: VendorAws, target: Target, external_id: str) -> bool | None:
    try:
        return _opens(aws, target, external_id)
    except AwsError:  # not lost: it is told as "could not tell"
        return None
