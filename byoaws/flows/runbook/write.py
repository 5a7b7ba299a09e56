"""Write a runbook for a stored connection, or for a vendor with placeholders where a connection's values would be."""

from collections.abc import Callable
from dataclasses import dataclass

from byoaws.errors import UsageError
from byoaws.flows.region import require_region_of
from byoaws.flows.runbook.facts import facts_of
from byoaws.flows.stored import require_own
from byoaws.model import Connection, ConnectionStatus, VerificationReport
from byoaws.runbooks.catalogue import Runbook, find
from byoaws.runbooks.render import markdown
from byoaws.store.interface import Store
from byoaws.vendor_model import Access, Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for."""

    name: str
    connection_id: str | None
    region: str | None
    default_region: str
    """For a runbook without a connection, where no region was given."""


def write(request: Request, vendor: Vendor, open_store: Callable[[], Store], *, as_html: bool = False) -> str:
    """Return the runbook as markdown, or as one HTML page. Without a connection the store is not opened.

    Raises:
        UnknownName: no such runbook.
        UnknownConnection: no connection by that id.
        UsageError: a runbook that says nothing to this vendor or of a connection that was ended, another vendor's
            connection, or no such region.
        StoreError: the store cannot be read.
    """
    runbook = find(request.name)
    if runbook.needs_external_id and vendor.access is Access.USER:
        raise UsageError(
            f"customers of {vendor.title} grant no role, so '{runbook.name}' has nothing to say",
            hint="byoaws runbook --list shows the others",
        )
    if request.region is not None:
        require_region_of(vendor, request.region)
    connection, report = _stored(request, vendor, runbook, open_store)
    region = connection.region if connection else request.region or request.default_region
    require_region_of(vendor, region)
    text = markdown(runbook, facts_of(vendor, connection, report, region=region))
    if not as_html:
        return text
    from byoaws.runbooks.page import html

    return html(text)


def _stored(
    request: Request, vendor: Vendor, runbook: Runbook, open_store: Callable[[], Store]
) -> tuple[Connection | None, VerificationReport | None]:
    if request.connection_id is None:
        return None, None
    store = open_store()
    try:
        connection = store.get(request.connection_id)
        _check(connection, request, vendor, runbook)
        return connection, store.last_report(connection.id)
    finally:
        store.close()


def _check(connection: Connection, request: Request, vendor: Vendor, runbook: Runbook) -> None:
    require_own(connection, vendor)
    if request.region not in (None, connection.region):
        raise UsageError(
            f"connection '{connection.id}' is in region {connection.region}, not {request.region}",
            hint="leave --region out",
        )
    if connection.status is ConnectionStatus.DISCONNECTED and not runbook.after_disconnect:
        raise UsageError(
            f"connection '{connection.id}' is disconnected, so there is nothing left to do by '{runbook.name}'",
            hint="byoaws runbook disconnect tells what to clean up; byoaws connect begins a new connection",
        )
