"""Permission packs, read from `byoaws/policies/*.yaml` and put together into one permission policy.

A pack's resources are ARNs with `${...}`: CloudFormation's pseudo parameters, and `${stack:...}` for what the stack
itself makes, so that a pack can be scoped to this stack's own resources without knowing their names.
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from byoaws import shipped
from byoaws.errors import PolicyError, UnknownName
from byoaws.packs import Grant, Pack, PackStatement
from byoaws.vendor_model import Vendor

# Source: "IAM and AWS STS quotas": white space does not count.
INLINE_LIMIT = 10_240

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z][A-Za-z0-9]*")


def pack_names() -> list[str]:
    """Names of all packs, sorted."""
    folder = shipped.folder("byoaws.policies")
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


@functools.cache
def load_pack(name: str) -> Pack:
    """Read one pack.

    Raises:
        UnknownName: no pack of that name.
        PolicyError: the pack breaks a rule of ours: an action without a reason, or a bare `*`.
    """
    if name not in pack_names():
        raise UnknownName("permission pack", name, pack_names())
    from byoaws.libyaml import load

    text = shipped.folder("byoaws.policies").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    data = load(text)
    return Pack(name=name, title=data["title"], statements=tuple(_statement(name, item) for item in data["statements"]))


def _statement(pack: str, item: Mapping[str, Any]) -> PackStatement:
    grants = []
    for entry in item["actions"]:
        action, reason = entry.get("action", ""), str(entry.get("reason", "")).strip()
        if not _ACTION.fullmatch(action):
            raise PolicyError(f"pack '{pack}': '{action}' is not one action; wildcards are not allowed in packs")
        if not reason:
            raise PolicyError(f"pack '{pack}': action '{action}' has no reason")
        grants.append(Grant(action=action, reason=reason))
    return PackStatement(
        sid=item["sid"],
        grants=tuple(grants),
        resources=tuple(item["resources"]),
        condition=item.get("condition"),
        block=item.get("block"),
        inbound=item.get("inbound"),
    )


def packs_of(vendor: Vendor) -> tuple[Pack, ...]:
    """Return the vendor's packs, in order: those that ship with byoaws, and its own, which never replace one of them.

    What a pack says of a building block, or of one way of receiving, is left out where the stack has none of it.

    Raises:
        UnknownName, PolicyError: as `load_pack`.
    """
    own = {pack.name: pack for pack in vendor.own_packs if pack.name not in pack_names()}
    return tuple(_fitting(own.get(name) or load_pack(name), vendor) for name in vendor.packs)


def _fitting(pack: Pack, vendor: Vendor) -> Pack:
    kept = tuple(
        one
        for one in pack.statements
        if (one.block is None or one.block in vendor.stack.blocks) and one.inbound in (None, vendor.inbound.value)
    )
    return pack if len(kept) == len(pack.statements) else replace(pack, statements=kept)


def permission_policy(packs: Iterable[str | Pack], resolve: Callable[[str], Any]) -> dict[str, Any]:
    """Put packs together into one permission policy.

    Args:
        packs: Names of packs that ship with byoaws, or packs, in order.
        resolve: Given text with `${...}`, returns what stands in the document: text or a CloudFormation intrinsic.

    Raises:
        UnknownName, PolicyError: as `load_pack`; PolicyError also where two statements have the same Sid.
    """
    statements: list[dict[str, Any]] = []
    for pack in map(_loaded, packs):
        for statement in pack.statements:
            if any(statement.sid == other["Sid"] for other in statements):
                raise PolicyError(
                    f"pack '{pack.name}': another statement has the sid '{statement.sid}' as well",
                    hint="IAM wants every Sid once; give the statement of a pack of your own another",
                )
            found = [resolve(resource) for resource in statement.resources]
            built: dict[str, Any] = {
                "Sid": statement.sid,
                "Effect": "Allow",
                "Action": [grant.action for grant in statement.grants],
                "Resource": found[0] if len(found) == 1 else found,
            }
            if statement.condition:
                built["Condition"] = {
                    operator: {key: resolve(value) for key, value in keys.items()}
                    for operator, keys in statement.condition.items()
                }
            statements.append(built)
    return {"Version": "2012-10-17", "Statement": statements}


def actions(packs: Iterable[str | Pack]) -> dict[str, str]:
    """Every action of `packs`, with its reason."""
    return {
        grant.action: grant.reason
        for pack in map(_loaded, packs)
        for statement in pack.statements
        for grant in statement.grants
    }


def _loaded(pack: str | Pack) -> Pack:
    return pack if isinstance(pack, Pack) else load_pack(pack)


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Replace each `${name}` by its value.

    Raises:
        PolicyError: a name has no value: the stack lacks the block that makes it.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise PolicyError(
                f"resource '{text}' needs '{name}', which no block of this stack makes",
                hint="add the block to stack.blocks in the vendor file, or take the pack out",
            )
        return values[name]

    return _VARIABLE.sub(value, text)


def policy_size(document: Mapping[str, Any]) -> int:
    """Return the size that IAM counts: characters of the document without white space."""
    import json

    return len("".join(json.dumps(document, separators=(",", ":")).split()))


def check_size(document: Mapping[str, Any], *, limit: int = INLINE_LIMIT, what: str = "the permission policy") -> None:
    """Refuse a document that IAM would refuse for its size.

    Raises:
        PolicyError: larger than `limit` characters.
    """
    size = policy_size(document)
    if size > limit:
        raise PolicyError(
            f"{what} has {size:,} characters without white space; AWS allows {limit:,}",
            hint="use fewer packs, or split them over managed policies",
        )
