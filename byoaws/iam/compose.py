"""Permission packs, read from `byoaws/policies/*.yaml` and put together into one permission policy.

A pack's resources are ARNs with `${...}`: CloudFormation's pseudo parameters, and `${stack:...}` for what the stack
itself makes, so that a pack can be scoped to this stack's own resources without knowing their names.
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from byoaws.errors import PolicyError, UnknownName

# Source: "IAM and AWS STS quotas": white space does not count.
INLINE_LIMIT = 10_240
MANAGED_LIMIT = 6_144

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One action, and why the vendor needs it."""

    action: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackStatement:
    """Actions that share their resources and condition."""

    sid: str
    grants: tuple[Grant, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A named set of permissions."""

    name: str
    title: str
    statements: tuple[PackStatement, ...]


def pack_names() -> list[str]:
    """Names of all packs, sorted."""
    folder = resources.files("byoaws.policies")
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
    import yaml

    text = resources.files("byoaws.policies").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe loaders
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
        sid=item["sid"], grants=tuple(grants), resources=tuple(item["resources"]), condition=item.get("condition")
    )


def permission_policy(packs: Sequence[str], resolve: Callable[[str], Any]) -> dict[str, Any]:
    """Put packs together into one permission policy.

    Args:
        packs: Names, in order.
        resolve: Given text with `${...}`, returns what stands in the document: text or a CloudFormation intrinsic.

    Raises:
        UnknownName, PolicyError: as `load_pack`.
    """
    statements = []
    for name in packs:
        for statement in load_pack(name).statements:
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


def actions(packs: Iterable[str]) -> dict[str, str]:
    """Every action of `packs`, with its reason."""
    return {
        grant.action: grant.reason
        for name in packs
        for statement in load_pack(name).statements
        for grant in statement.grants
    }


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
