"""Hold a customer's stack against its template, as far as its role may look."""

from collections.abc import Callable, Iterator

from byoaws.errors import AccessDenied, AwsError, UsageError
from byoaws.flows.drift import (
    access,
    alarms,
    bucket,
    events,
    functions,
    mail_manager,
    queues,
    receiving,
    retries,
    roles,
    subscriptions,
)
from byoaws.flows.drift.world import World, world_of, world_with
from byoaws.flows.links.template import ReadTemplates
from byoaws.flows.upgrade.deployed import PACK, as_recorded, from_stack
from byoaws.flows.upgrade.run import known_values
from byoaws.lifecycle.drift import Drift, Row
from byoaws.lifecycle.port import Reader
from byoaws.lifecycle.stack import Deployed, version_of
from byoaws.model import Connection
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor
from byoaws.vendors.words import plain

CHECKS: tuple[Callable[[World], Iterator[Row]], ...] = (
    access.rows,
    events.rows,
    subscriptions.rows,
    receiving.rows,
    mail_manager.rows,
    bucket.rows,
    functions.rows,
    retries.rows,
    roles.rows,
    queues.rows,
    alarms.rows,
)
"""One for each subject, in the order in which they are told."""


def drift(connection: Connection, vendor: Vendor, open_role: Callable[[], Reader], source: ReadTemplates) -> Drift:
    """Hold everything that there is against the template.

    Raises:
        UsageError: not a verified connection of this vendor.
        AwsError: the role does not open.
    """
    reader = open_role()
    deployed, notes = _template(connection, vendor, reader, source)
    values = known_values(connection, vendor)
    try:
        world = world_of(connection, deployed, reader, values)
    except AwsError as error:
        world = world_with(connection, deployed, reader, values)
        notes = (*notes, f"what AWS calls the stack's resources could not be asked: {plain(str(error), 300)}")
    return Drift(
        connection_id=connection.id,
        stack_name=connection.stack_name or vendor.stack.name,
        region=connection.region,
        version=deployed.version,
        rows=tuple(row for check in CHECKS for row in check(world)),
        notes=notes,
    )


def _template(
    connection: Connection, vendor: Vendor, reader: Reader, source: ReadTemplates
) -> tuple[Deployed, tuple[str, ...]]:
    """The stack's own template; else the recorded one; else the one that we would generate."""
    try:
        return from_stack(connection, vendor, reader), ()
    except (AwsError, UsageError) as error:
        more = f"; the pack '{PACK}' lets the role read it" if isinstance(error, AccessDenied) else ""
        notes = [f"the stack's own template could not be read: {plain(str(error), 500)}{more}"]
    try:
        return as_recorded(connection, source), (*notes, "held against the template of the link")
    except (AwsError, UsageError) as error:
        notes.append(f"nor that of the link: {plain(str(error), 500)}")
    ours = build(vendor)
    deployed = Deployed(template=ours, version=version_of(ours), from_stack=False)
    return deployed, (*notes, "held against the template that we generate now")
