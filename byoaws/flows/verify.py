"""Verify one account, stored or not, and write down what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from byoaws.arn import parse_role_arn
from byoaws.aws.interface import Session
from byoaws.errors import UsageError
from byoaws.flows.check import Verifier
from byoaws.flows.external_id.promotion import promote
from byoaws.flows.region import require_region_of
from byoaws.flows.stored import after, find_connection, target_of
from byoaws.model import Connection, VerificationReport
from byoaws.quickcreate import external_id
from byoaws.quickcreate.template_url import BUCKET_NAME
from byoaws.regions import partition_of
from byoaws.store.interface import Store
from byoaws.vendor_model import Access, Vendor
from byoaws.verify.interface import Target

_WAIT, _WAIT_FOR_NEW = 15.0, 60.0
_NEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for; at least one of `role_arn` and `connection_id` is given."""

    role_arn: str | None
    connection_id: str | None
    external_id: str | None
    bucket_name: str | None
    region: str | None
    default_region: str
    wait: float | None
    """Seconds; None: 15, and 60 for a connection whose stack may be minutes old."""
    secret_arn: str | None = None
    """Of the webhook secret in the customer's account, where byoaws cannot find it."""


def verify_and_record(
    request: Request, vendor: Vendor, verifier: Verifier, open_store: Callable[[], Store]
) -> VerificationReport:
    """Verify, and store the result where a stored connection was meant.

    With an ExternalId and no connection the store is not opened at all.

    Raises:
        UsageError: it is not clear what to verify, or with which ExternalId; the message says what to do.
        StoreError: the store cannot be read or written.
    """
    _require_role_access(vendor)
    if request.role_arn is not None:
        parse_role_arn(request.role_arn)
    if request.region is not None:
        require_region_of(vendor, request.region)
    if request.bucket_name is not None and not BUCKET_NAME.fullmatch(request.bucket_name):
        raise UsageError(
            f"'{request.bucket_name[:70]}' is not the name of a bucket", hint="give the BucketName output of the stack"
        )
    if request.external_id is not None and request.connection_id is None:
        return verifier.check(_free_target(request, vendor, request.external_id))
    store = open_store()
    try:
        connection = find_connection(store, connection_id=request.connection_id, role_arn=request.role_arn)
        if connection is None:
            raise UsageError(
                f"no stored connection has the role {request.role_arn}, so its ExternalId is not known here",
                hint="give --external-id, or --connection ID of the connection this role belongs to "
                "(byoaws connections list)",
            )
        return _check_stored(request, vendor, verifier, store, connection)
    finally:
        store.close()


def verify_keys(
    request: Request, vendor: Vendor, verifier: Verifier, open_account: Callable[[str], Session]
) -> VerificationReport:
    """Verify a vendor that is given keys, by a profile that holds them. Nothing is stored.

    Raises:
        UsageError: no such region, something that only a role has, or the vendor's access is by a role.
    """
    if vendor.access is not Access.USER:
        raise UsageError("no role to verify", hint="give a ROLE_ARN, or --connection ID")
    if (request.external_id, request.bucket_name, request.secret_arn) != (None, None, None):
        raise UsageError(
            f"{vendor.title} works with a user's keys: there is no ExternalId, and nothing is stored",
            hint="leave --external-id, --bucket and --secret-arn out",
        )
    region = request.region or request.default_region
    require_region_of(vendor, region)
    return verifier.check_keys(Target(region=region, vendor=vendor), open_account(region))


def _require_role_access(vendor: Vendor) -> None:
    if vendor.access is Access.USER:
        raise UsageError(
            f"{vendor.title} works with a user's keys and has no role in the customer's account",
            hint=f"byoaws verify --vendor {vendor.option} --profile NAME, where the profile holds the keys",
        )


def _free_target(request: Request, vendor: Vendor, given: str) -> Target:
    if request.secret_arn is not None:
        raise UsageError("--secret-arn is of a stored connection", hint="give --connection ID as well")
    if request.bucket_name is not None:
        raise UsageError("--bucket is stored with a connection", hint="give --connection ID as well")
    if request.role_arn is None:
        raise UsageError("no role to verify", hint="give a ROLE_ARN, or --connection ID")
    region = request.region or request.default_region
    require_region_of(vendor, region)
    _require_same_partition(request.role_arn, region)
    return Target(
        role_arn=request.role_arn,
        external_id=external_id.check(given),
        region=region,
        vendor=vendor,
        wait=_WAIT if request.wait is None else request.wait,
    )


def _check_stored(
    request: Request, vendor: Vendor, verifier: Verifier, store: Store, connection: Connection
) -> VerificationReport:
    if request.region not in (None, connection.region):
        raise UsageError(
            f"connection '{connection.id}' is in region {connection.region}, not {request.region}",
            hint="leave --region out; a stack in another region is a connection of its own",
        )
    target = target_of(
        store,
        connection,
        vendor,
        role_arn=request.role_arn,
        external_id=request.external_id,
        wait=default_wait(connection, verifier.now()) if request.wait is None else request.wait,
    )
    _require_same_partition(target.role_arn, target.region)
    _refuse_other_holder(store, connection, target.role_arn)
    report = verifier.check(target)
    store.record(after(connection, report, bucket_name=request.bucket_name), report)
    promote(store, connection.id, report)
    return report


def default_wait(connection: Connection, now: datetime) -> float:
    """Seconds to wait for a connection's role: longer while it has never opened and was just begun.

    IAM is eventually consistent; a role may refuse everybody for up to a minute. Source: IAM user guide,
    "Changes that I make are not always immediately visible".
    """
    if connection.verified_at is not None:
        return _WAIT
    new = connection.checked_at is None or now - connection.created_at < _NEW
    return _WAIT_FOR_NEW if new else _WAIT


def _require_same_partition(role_arn: str, region: str) -> None:
    """A role of one partition is unknown in every other."""
    role, there = parse_role_arn(role_arn).partition, partition_of(region).name
    if role != there:
        raise UsageError(
            f"the role is in partition '{role}', and region '{region}' is in '{there}'",
            hint="give --region of the stack that made the role",
        )


def _refuse_other_holder(store: Store, connection: Connection, role_arn: str) -> None:
    """A role belongs to one connection: else one customer could be shown another's account as theirs."""
    holder = store.find_by_role(role_arn)
    if holder is not None and holder.id != connection.id:
        raise UsageError(
            f"the role {role_arn} belongs to connection '{holder.id}'",
            hint="each connection needs a stack of its own, made from its own link",
        )
