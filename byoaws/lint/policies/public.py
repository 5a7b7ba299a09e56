"""Statements of resource policies that let anyone in, and how much that matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from byoaws.lint.policies.condition_keys import keys_in
from byoaws.lint.policies.lambda_permission import LAMBDA_PERMISSION
from byoaws.lint.policies.statements import Document, Kind, Path, Said, documents
from byoaws.lint.policies.strangers import opens_to_anyone

# Reading what is in a bucket may be meant: a website, published templates.
_OBJECT_READS = frozenset({"s3:getobject", "s3:getobjectversion"})
_READS = ("s3:get", "s3:list")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicStatement:
    """A statement that lets anyone in."""

    path: Path
    message: str
    severity: str
    """`warning` if all that anyone may do is to read a bucket, else `error`."""


def public_statements(template: Mapping[str, Any]) -> list[PublicStatement]:
    """Find the statements that let anyone in: one mistake a statement, in whatever worlds it occurs."""
    found: dict[Path, PublicStatement] = {}
    for document in documents(template, Kind.RESOURCE):
        for said in document.statements:
            if said.path not in found and _names_anyone(said):
                actions = opens_to_anyone(document, said)
                if actions and not _is_meant(document, said, actions):
                    found[said.path] = _public(document, said, actions)
    return list(found.values())


def _names_anyone(said: Said) -> bool:
    whom = said.parts.get("Principal")
    named = whom.get("AWS", []) if isinstance(whom, Mapping) else whom
    return "NotPrincipal" in said.parts or "*" in (named if isinstance(named, list) else [named])


def _public(document: Document, said: Said, actions: Sequence[str]) -> PublicStatement:
    more = f" and {len(actions) - 1} more" if len(actions) > 1 else ""
    if "*" in str(said.parts.get("Action", "*")):
        more = " and more"
    element = "NotPrincipal" if "NotPrincipal" in said.parts else "Principal"
    keys = [f"'{key}'" for key, _ in keys_in(said.parts.get("Condition", {}), ())]
    condition = f"; its condition on {' and '.join(keys)} keeps nobody out" if keys else ""
    message = f"'{document.resource}' lets anyone use {actions[0]}{more}{condition}{document.where}"
    place = (*said.path, element) if isinstance(said.written, Mapping) and element in said.written else said.path
    only_reads = all(action.lower().startswith(_READS) for action in actions)
    return PublicStatement(path=place, message=message, severity="warning" if only_reads else "error")


def _is_meant(document: Document, said: Said, actions: Sequence[str]) -> bool:
    """True for a website's bucket, and for a function URL that asks for no signature."""
    if document.type == LAMBDA_PERMISSION:
        written = said.written if isinstance(said.written, Mapping) else {}
        return bool({"FunctionUrlAuthType", "InvokedViaFunctionUrl"} & written.keys())
    if document.type != "AWS::S3::BucketPolicy" or not all(action.lower() in _OBJECT_READS for action in actions):
        return False
    resources = document.world.section("Resources")
    bucket = resources[document.resource]["Properties"].get("Bucket")
    name = bucket.get("Ref") if isinstance(bucket, Mapping) else None
    holder = resources.get(name, {}) if isinstance(name, str) else {}
    properties = holder.get("Properties") if isinstance(holder, Mapping) else None
    return isinstance(properties, Mapping) and "WebsiteConfiguration" in properties
