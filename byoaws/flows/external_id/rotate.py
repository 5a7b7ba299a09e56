"""Exchange a connection's ExternalId for a new one, which is minted here and proven before it counts.

    1. `begin` mints it, and keeps it as pending beside the present one. Whoever runs it again is shown the same.
    2. The customer updates the stack. Until then the role opens with the old one, after that with the new one.
    3. A verification tries both. `promotion.promote` makes the new one the present one, once the role opened with it
       and refused the old one. The old one stays on record, and is never issued again.

Each step is one write. Whatever is interrupted goes on from where it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from byoaws.errors import UsageError
from byoaws.flows.stored import require_alive
from byoaws.model import Connection, Json
from byoaws.quickcreate import external_id
from byoaws.quickcreate.check import capabilities
from byoaws.quickcreate.update import console_steps, update_commands
from byoaws.store.interface import Store
from byoaws.templates.stack import build
from byoaws.vendor_model import Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """An ExternalId that is pending, and what the customer does about it."""

    connection: Connection
    new: str
    begun: bool
    """False if it was pending before."""
    console: tuple[str, ...]
    """Steps in the AWS console."""
    commands: tuple[str, ...]
    """The same by the AWS command line, for a POSIX shell."""
    verify: str
    """What the operator runs then."""

    def as_json(self) -> dict[str, Json]:
        """The shape of `connections rotate-external-id --format json`."""
        return {
            "connection_id": self.connection.id,
            "external_id": self.connection.external_id,
            "pending_external_id": self.new,
            "begun": self.begun,
            "console": list(self.console),
            "commands": list(self.commands),
            "verify": self.verify,
        }


def begin(store: Store, connection_id: str, vendor: Vendor, now: Callable[[], datetime]) -> Exchange:
    """Mint a new ExternalId for a connection, unless one is pending; there is no way to hand one in.

    Raises:
        UnknownConnection: no connection by that id.
        UsageError: another vendor's connection, disconnected, or its role was never verified.
        ConnectionConflict: another command changed the connection at the same moment.
    """
    connection = store.get(connection_id)
    require_alive(connection, vendor)
    if connection.role_arn is None:
        raise UsageError(
            f"connection '{connection.id}' was never verified, so no role takes its ExternalId yet",
            hint=f"byoaws verify ROLE_ARN --connection {connection.id}; or begin a new one: byoaws connect",
        )
    begun = connection.pending_external_id is None
    if begun:
        minted = external_id.mint(prefix=vendor.external_id_prefix, size=vendor.external_id_bytes)
        connection = store.exchange(replace(connection, pending_external_id=minted, updated_at=now()))
    return _shown(connection, vendor, begun=begun)


def _shown(connection: Connection, vendor: Vendor, *, begun: bool) -> Exchange:
    new = str(connection.pending_external_id)
    parameter, stack_name = vendor.parameters.external_id, connection.stack_name or "STACK_NAME"
    return Exchange(
        connection=connection,
        new=new,
        begun=begun,
        console=console_steps(region=connection.region, stack_name=stack_name, parameter=parameter, value=new),
        commands=update_commands(
            region=connection.region,
            stack_name=stack_name,
            parameter=parameter,
            value=new,
            capabilities=capabilities(build(vendor)),
        ),
        verify=f"byoaws verify --connection {connection.id} --vendor {vendor.option}",
    )
