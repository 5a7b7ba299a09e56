"""What a client is limited to, of what its connection's role may do."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from byoaws.arn import parse_role_arn
from byoaws.errors import PolicyError
from byoaws.flows.policy import Where, names_on_paper
from byoaws.iam.session_policy import from_document, from_packs
from byoaws.model import Connection
from byoaws.store.interface import Store
from byoaws.vendor_model import Vendor

Given: TypeAlias = "Mapping[str, Any] | str | Iterable[str] | None"
"""A policy document, as an object or as JSON; or names of permission packs, one or several; or None for no limit."""


def session_policy(store: Store, vendor: Vendor, connection: Connection, given: Given) -> str | None:
    """Return the session policy as it is sent; None only where `given` is None.

    Raises:
        PolicyError: not a document that AWS would take, no pack named, or larger than AWS allows.
        UnknownName: no such pack.
    """
    if given is None:
        return None
    if isinstance(given, Mapping):
        return from_document(given)
    if isinstance(given, str):
        text = given.strip()
        if not text:
            raise PolicyError("the session policy is empty", hint="without a session policy, leave it out")
        return (
            from_document(text)
            if text.startswith(("{", "["))
            else from_packs(vendor, [text], _values(store, vendor, connection))
        )
    return from_packs(vendor, given, _values(store, vendor, connection))


def _values(store: Store, vendor: Vendor, connection: Connection) -> dict[str, str]:
    """What `${...}` stands for in the customer's account: the thing itself where it is known, else a pattern.

    The customer may have given the stack a name of its own, so nothing rests on the name that was proposed.
    """
    role = parse_role_arn(connection.role_arn or "")
    where = Where(region=connection.region, account_id=role.account_id)
    claim = store.claimed(connection.id)
    # arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID
    stack = (
        claim.stack_id if claim else f"arn:{role.partition}:cloudformation:{where.region}:{where.account_id}:stack/*/*"
    )
    _, name, uuid = stack.split("/", 2)
    values = {
        key: value.replace(f"{vendor.stack.name[:20]}*", "*" if name == "*" else f"{name[:20]}*")
        for key, value in names_on_paper(vendor, where).items()
    }
    values |= {"AWS::StackId": stack, "stack:role": f"{role.path}{role.name}"}
    if uuid != "*":
        values["stack:configuration-set"] = f"{values['stack:prefix']}-{uuid.partition('-')[0]}"
    known = {"stack:bucket": connection.bucket_name, "stack:webhook-secret": connection.secret_arn}
    return values | {key: value for key, value in known.items() if value}
