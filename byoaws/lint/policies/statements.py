"""Every policy of a template, statement by statement, in every world: who is let in, who may do what.

A statement comes as plain data with opaque stand-ins (`expand`) and with its place. Where the template does not show
a statement (a macro, an imported text), there is none here: rules about what a policy *says* are silent of that one.
"""

import enum
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.lint.policies.lambda_permission import LAMBDA_PERMISSION, as_statement
from byoaws.lint.worlds.expand import World
from byoaws.lint.worlds.expressions import NOTHING, Undecidable, is_single
from byoaws.lint.worlds.intrinsics import is_intrinsic
from byoaws.lint.worlds.likely import worlds

Path = tuple[str | int, ...]


class Kind(enum.Enum):
    """What a policy is for."""

    IDENTITY = "identity"
    """What its holder may do."""
    RESOURCE = "resource"
    """Who may do what with the resource that has it."""
    TRUST = "trust"
    """Who may assume the role that has it."""


_DOCUMENT = "PolicyDocument"
_INLINE = (Kind.IDENTITY, ("Policies", "*", _DOCUMENT))
_ALONE = ((Kind.IDENTITY, (_DOCUMENT,)),)
_ON_RESOURCE = ((Kind.RESOURCE, (_DOCUMENT,)),)
# Source: the CloudFormation registry's schemas. Left out are types whose policies let everybody in by design and rely
# on other walls: VPC endpoints, REST APIs, file systems, search domains.
_PLACES: Mapping[str, tuple[tuple[Kind, tuple[str, ...]], ...]] = {
    "AWS::IAM::Role": ((Kind.TRUST, ("AssumeRolePolicyDocument",)), _INLINE),
    "AWS::IAM::User": (_INLINE,),
    "AWS::IAM::Group": (_INLINE,),
    "AWS::IAM::Policy": _ALONE,
    "AWS::IAM::ManagedPolicy": _ALONE,
    "AWS::IAM::RolePolicy": _ALONE,
    "AWS::IAM::UserPolicy": _ALONE,
    "AWS::IAM::GroupPolicy": _ALONE,
    # What SAM makes roles of, as cfn-lint leaves it.
    "AWS::Serverless::Function": ((Kind.TRUST, ("AssumeRolePolicyDocument",)), (Kind.IDENTITY, ("Policies", "*"))),
    "AWS::Serverless::StateMachine": ((Kind.IDENTITY, ("Policies", "*")),),
    "AWS::S3::BucketPolicy": _ON_RESOURCE,
    "AWS::S3::AccessPoint": ((Kind.RESOURCE, ("Policy",)),),
    "AWS::SNS::TopicPolicy": _ON_RESOURCE,
    "AWS::SNS::TopicInlinePolicy": _ON_RESOURCE,
    "AWS::SQS::QueuePolicy": _ON_RESOURCE,
    "AWS::SQS::QueueInlinePolicy": _ON_RESOURCE,
    "AWS::KMS::Key": ((Kind.RESOURCE, ("KeyPolicy",)),),
    "AWS::KMS::ReplicaKey": ((Kind.RESOURCE, ("KeyPolicy",)),),
    "AWS::SecretsManager::ResourcePolicy": ((Kind.RESOURCE, ("ResourcePolicy",)),),
    "AWS::ECR::Repository": ((Kind.RESOURCE, ("RepositoryPolicyText",)),),
    "AWS::Logs::ResourcePolicy": _ON_RESOURCE,
    "AWS::DynamoDB::Table": ((Kind.RESOURCE, ("ResourcePolicy", _DOCUMENT)),),
    "AWS::Kinesis::ResourcePolicy": ((Kind.RESOURCE, ("ResourcePolicy",)),),
    "AWS::Backup::BackupVault": ((Kind.RESOURCE, ("AccessPolicy",)),),
    LAMBDA_PERMISSION: ((Kind.RESOURCE, ()),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One statement."""

    path: Path
    """Where in the template; of the whole policy where that is one JSON text."""
    parts: Mapping[str, Any]
    """Its elements."""
    written: Any
    """As it stands in the template, for the places of its parts; None where it is a part of a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A policy in one world."""

    resource: str
    type: str
    kind: Kind
    world: World
    version: str | None
    statements: tuple[Said, ...]

    @property
    def where(self) -> str:
        """Under which assumptions it reads so; empty, or begins with a comma."""
        return f", where {' and '.join(self.world.assumptions)}" if self.world.assumptions else ""


def documents(template: Mapping[str, Any], *kinds: Kind) -> Iterator[Document]:
    """Yield every policy of these kinds, once for each world; of each resource the world with no assumptions first."""
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        kind = resource.get("Type") if isinstance(resource, Mapping) else None
        places = [one for one in _PLACES.get(kind, ()) if one[0] in kinds] if isinstance(kind, str) else []
        if places:
            yield from sorted(_of_resource(template, name, places), key=lambda one: len(one.world.assumptions))


def _of_resource(
    template: Mapping[str, Any], name: str, places: list[tuple[Kind, tuple[str, ...]]]
) -> Iterator[Document]:
    resource = template["Resources"][name]

    def read(world: World) -> list[Document]:
        if "Condition" in resource and not world.condition(resource["Condition"]):
            return []
        found = []
        for kind, steps in places:
            for written, path in _follow(world, resource.get("Properties"), ("Resources", name, "Properties"), steps):
                found.append(_document(world, name, kind, written, path))
        return found

    for _, found in worlds(template, read):
        yield from found


def _follow(world: World, written: Any, path: Path, steps: tuple[str, ...]) -> Iterator[tuple[Any, Path]]:
    found, where = world.follow(written, path)
    if not steps:
        if found is not NOTHING and found is not None:
            yield found, tuple(where)
    elif steps[0] == "*":
        if isinstance(found, Mapping):
            yield from _follow(world, found, tuple(where), steps[1:])
        for index, item in enumerate(found if isinstance(found, list) else []):
            yield from _follow(world, item, (*where, index), steps[1:])
    elif isinstance(found, Mapping) and steps[0] in found:
        yield from _follow(world, found[steps[0]], (*where, steps[0]), steps[1:])


def _document(world: World, name: str, kind: Kind, written: Any, path: Path) -> Document:
    type_ = str(world.section("Resources")[name]["Type"])
    version, statements = None, []
    if type_ == LAMBDA_PERMISSION:
        statements = [Said(path=path, parts=as_statement(world.value(written)), written=written)]
    elif isinstance(written, Mapping) and not _is_intrinsic(written):
        version = world.value(written.get("Version"))
        statements = list(_statements(world, written, path))
    else:
        value = _plain(world.value(written))
        version = value.get("Version")
        listed = value.get("Statement", [])
        items = listed if isinstance(listed, list) else [listed]
        statements = [Said(path=path, parts=one, written=None) for one in items if isinstance(one, Mapping)]
    return Document(
        resource=name,
        type=type_,
        kind=kind,
        world=world,
        version=version if isinstance(version, str) else None,
        statements=tuple(statements),
    )


def _statements(world: World, written: Mapping[str, Any], path: Path) -> Iterator[Said]:
    found, where = world.follow(written.get("Statement"), (*path, "Statement"))
    listed = isinstance(found, list)
    for index, one in enumerate(found if isinstance(found, list) else [found]):
        try:
            statement, place = world.follow(one, (*where, index) if listed else where)
            value = world.value(statement) if isinstance(statement, Mapping) else None
        except Undecidable:
            continue  # what it says takes nothing away from what the others say
        if isinstance(value, Mapping):
            yield Said(path=tuple(place), parts=value, written=statement)


def _plain(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def _is_intrinsic(found: Mapping[str, Any]) -> bool:
    return is_single(found) and is_intrinsic(next(iter(found)))
