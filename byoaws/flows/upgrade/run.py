"""What an upgrade of a customer's stack would do. Nothing is changed: the change set is the customer's to make."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from byoaws.errors import UsageError
from byoaws.flows.links.template import ReadTemplates
from byoaws.flows.stored import require_alive
from byoaws.flows.upgrade.deployed import find
from byoaws.flows.upgrade.target import PLACEHOLDER, TargetTemplate, is_same, target_template
from byoaws.lifecycle.changes import ReplacingOf
from byoaws.lifecycle.difference import difference
from byoaws.lifecycle.expressions import Known
from byoaws.lifecycle.port import Reader
from byoaws.lifecycle.stack import Deployed, order
from byoaws.lifecycle.upgrade import NewParameter, Upgrade, new_values, refused
from byoaws.model import Connection
from byoaws.quickcreate.change_set import ChangeSet, aws_cli, console_steps
from byoaws.quickcreate.check import capabilities
from byoaws.regions import partition_of
from byoaws.vendor_model import Access, Vendor
from byoaws.vendors.words import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """What an upgrade needs of the world."""

    open_role: Callable[[], Reader]
    """Opens the connection's role; called only for a verified one."""
    source: ReadTemplates
    replacing: Callable[[], ReplacingOf]


def plan(
    connection: Connection, vendor: Vendor, edges: Edges, *, version: str | None = None, allowed: Sequence[str] = ()
) -> Upgrade:
    """Say what an upgrade would do.

    Args:
        connection: Whose stack it is.
        vendor: Whose connection it is.
        edges: Its role, the published templates and CloudFormation's schemas.
        version: To which version; None for the newest.
        allowed: Names of resources that may be replaced or deleted.

    Raises:
        UsageError: another vendor's connection, a disconnected one, no such version, or no such resource.
        LinkError, AwsError: the target's template cannot be read.
    """
    _check(connection, vendor)
    target = target_template(vendor, version, edges.source)
    deployed, notes = find(connection, vendor, edges.open_role, edges.source)
    notes = (*notes, *([target.note] if target.note else []))
    base = Upgrade(
        connection_id=connection.id,
        stack_name=connection.stack_name or vendor.stack.name,
        region=connection.region,
        deployed_version=deployed.version if deployed else None,
        read_from="" if deployed is None else "stack" if deployed.from_stack else "recorded",
        target_version=target.version,
        template_url=target.url,
        changes=(),
        refused=(),
        notes=notes,
        recorded_url=connection.template_url,
    )
    return base if deployed is None else _told(base, connection, vendor, deployed, target, edges, allowed)


def _told(
    base: Upgrade,
    connection: Connection,
    vendor: Vendor,
    deployed: Deployed,
    target: TargetTemplate,
    edges: Edges,
    allowed: Sequence[str],
) -> Upgrade:
    if is_same(deployed.template, target.template):
        return replace(base, up_to_date=True)
    old, new = deployed.template.get("Parameters") or {}, target.template.get("Parameters") or {}
    added = new_values(old, new, known_values(connection, vendor))
    known = _known(connection, deployed, target.template, added)
    changes = difference(deployed.template, target.template, edges.replacing(), known)
    _check_names(allowed, [change.name for change in changes])
    stopped = refused(changes, allowed)
    change_set = ChangeSet(
        name=f"upgrade-{target.version.replace('.', '-')}",
        region=base.region,
        stack_name=base.stack_name,
        template_url=target.url,
        kept=[name for name in new if name in old],
        changed={one.name: one.value for one in added},
        capabilities=capabilities(target.template),
    )
    return replace(
        base,
        changes=changes,
        refused=stopped,
        new_parameters=added,
        gone_parameters=tuple(name for name in old if name not in new),
        command="" if stopped else aws_cli(change_set),
        steps=() if stopped else console_steps(change_set),
        notes=(*base.notes, *_remarks(deployed, target, added)),
    )


def _check(connection: Connection, vendor: Vendor) -> None:
    require_alive(connection, vendor)
    if vendor.access is not Access.ROLE:
        raise UsageError(f"{vendor.title} has no connections")


def _check_names(allowed: Sequence[str], changing: Sequence[str]) -> None:
    for name in allowed:
        if name not in changing:
            raise UsageError(
                f"no resource '{plain(name, 60)}' changes in this upgrade",
                hint=f"those that do: {', '.join(map(plain, changing)) or 'none'}",
            )


def known_values(connection: Connection, vendor: Vendor) -> dict[str, str]:
    """What new parameters are given. Of the webhook secret only that there is one: it is never printed here."""
    names = vendor.parameters
    values = {
        names.external_id: connection.external_id,
        names.vendor_account_id: vendor.account.account_id,
        names.inbound_webhook_url: vendor.inbound_webhook_url,
        names.sending_webhook_url: vendor.sending_webhook_url,
        names.connection_id: connection.id,
        names.registration_url: vendor.registration_url,
    }
    return {name: value for name, value in values.items() if value is not None}


def _known(
    connection: Connection, deployed: Deployed, new: Mapping[str, Any], added: tuple[NewParameter, ...]
) -> tuple[Known, Known]:
    values = {
        "AWS::Region": connection.region,
        "AWS::Partition": partition_of(connection.region).name,
        **({"AWS::AccountId": connection.account_id} if connection.account_id else {}),
        **deployed.parameters,
    }
    after = {**values, **{one.name: one.value for one in added if one.known}}
    return (
        Known(conditions=deployed.template.get("Conditions") or {}, values=values),
        Known(conditions=new.get("Conditions") or {}, values=after),
    )


def _remarks(deployed: Deployed, target: TargetTemplate, added: tuple[NewParameter, ...]) -> list[str]:
    found = []
    if deployed.version and order(deployed.version) > order(target.version):
        found.append(f"the stack has {deployed.version}, so this goes back to an older one")
    if deployed.version == target.version:
        found.append(f"the stack says that it is {target.version}, and is not: somebody changed its template")
    unknown = [one.name for one in added if not one.known]
    if unknown:
        found.append(f"fill in before use: {', '.join(map(plain, unknown))}")
    if target.url == PLACEHOLDER:
        found.append(f"fill in before use: {PLACEHOLDER}")
    return found
