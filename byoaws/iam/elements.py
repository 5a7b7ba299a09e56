"""The parts of a policy document as values, and the one canonical form in which a document is written.

A document that is being *built* is a `Document` (its values may be CloudFormation intrinsics); one that was *read* is a
`Policy`. Source: IAM user guide, "Grammar of the IAM JSON policy language".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict

from byoaws.model import Json

DEFAULT_VERSION = "2008-10-17"
PRINCIPAL_FIELDS = {"AWS": "aws", "Service": "service", "Federated": "federated", "CanonicalUser": "canonical_user"}

Effect = Literal["Allow", "Deny"]


class StatementDict(TypedDict):
    """A statement that is being built; values may be CloudFormation intrinsics."""

    Sid: NotRequired[str]
    Effect: Effect
    Principal: NotRequired[Any]
    NotPrincipal: NotRequired[Any]
    Action: NotRequired[Any]
    NotAction: NotRequired[Any]
    Resource: NotRequired[Any]
    NotResource: NotRequired[Any]
    Condition: NotRequired[Mapping[str, Mapping[str, Any]]]


class Document(TypedDict):
    """A policy document that is being built."""

    Version: str
    Id: NotRequired[str]
    Statement: list[StatementDict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principals:
    """What a Principal or NotPrincipal element names."""

    anyone: bool = False
    """The element is the bare text `*`."""
    aws: tuple[str, ...] = ()
    """Account ids, ARNs, unique ids (`AROA...`), or `*`."""
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical_user: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One line of a Condition block: an operator, a key, and the values of which one must match."""

    operator: str
    """As written, with `ForAnyValue:` and `IfExists`."""
    key: str
    values: tuple[str, ...]
    """Numbers and Booleans as the text that AWS compares (`10`, `true`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement. None means that the element is not there."""

    index: int
    """Place in the document, from 0."""
    sid: str | None = None
    effect: Effect
    principals: Principals | None = None
    not_principals: Principals | None = None
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def label(self) -> str:
        """How people are told which statement is meant: `Statement[1] 'Sid'`."""
        return f"Statement[{self.index}]" + (f" '{self.sid}'" if self.sid else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy document that was read."""

    version: str | None = None
    """None where the document has none, which means 2008-10-17."""
    id: str | None = None
    statements: tuple[Statement, ...]

    @property
    def has_variables(self) -> bool:
        """True if `${...}` is replaced. Source: "IAM policy elements: Variables and tags"."""
        return (self.version or DEFAULT_VERSION) != DEFAULT_VERSION

    def to_json(self) -> dict[str, Json]:
        """Give the document back in canonical form: fixed order of keys, a list only where there are several values."""
        head: dict[str, Json] = {"Version": self.version} if self.version is not None else {}
        if self.id is not None:
            head["Id"] = self.id
        return {**head, "Statement": [_statement_json(statement) for statement in self.statements]}


def _statement_json(statement: Statement) -> Json:
    found: dict[str, Json] = {} if statement.sid is None else {"Sid": statement.sid}
    found["Effect"] = statement.effect
    for key, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        if principals is not None:
            found[key] = _principals_json(principals)
    for key, values in (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if values is not None:
            found[key] = _one_or_list(values)
    block: dict[str, Json] = {}
    for condition in statement.conditions:
        keys = block.setdefault(condition.operator, {})
        if isinstance(keys, dict):
            keys[condition.key] = _one_or_list(condition.values)
    return {**found, "Condition": block} if block else found


def _principals_json(principals: Principals) -> Json:
    if principals.anyone:
        return "*"
    named = {kind: getattr(principals, field) for kind, field in PRINCIPAL_FIELDS.items()}
    return {kind: _one_or_list(values) for kind, values in named.items() if values}


def _one_or_list(values: tuple[str, ...]) -> Json:
    return values[0] if len(values) == 1 else list(values)
