"""What is asked of IAM about what a role may do: its inline policies, and those attached to it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from byoaws.aws.fields import Answer, items, optional, present, required, structure, texts, unusable
from byoaws.aws.question import Home, Question
from byoaws.iam.simulation import Simulation
from byoaws.model import Json

T = TypeVar("T")

_PAGE = 1000
"""The most that the simulator answers at once; by itself it stops after a hundred."""
_DECISIONS = ("allowed", "explicitDeny", "implicitDeny")


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What the policy simulator says of one action on one resource."""

    action: str
    decision: str
    """`allowed`, `explicitDeny` or `implicitDeny`."""
    organization: bool | None
    """Whether the policies of the organization let it; None in an account of no organization."""
    boundary: bool | None
    """Whether the permissions boundary lets it; None without one."""
    guessed: bool
    """A key that policies ask for was not given, so the decision may be another in a real call."""


def inline_policies(role_name: str) -> Question[tuple[str, ...]]:
    """Names of the policies that are the role's own: the first hundred, more than fit into a role."""
    return _question("ListRolePolicies", {"RoleName": role_name}, _names_of)


def inline_policy(role_name: str, name: str) -> Question[Mapping[str, Json]]:
    """One of them, decoded."""
    return _question("GetRolePolicy", {"RoleName": role_name, "PolicyName": name}, _document_of)


def attached_policies(role_name: str) -> Question[tuple[str, ...]]:
    """ARNs of the managed policies that are attached to the role."""
    return _question("ListAttachedRolePolicies", {"RoleName": role_name}, _arns_of)


def simulated(role_arn: str, asked: Simulation) -> Question[tuple[Simulated, ...]]:
    """What IAM's policy simulator says of a role; at least one answer for each action.

    Source: IAM API reference, SimulatePrincipalPolicy.
    """

    def read(answer: Answer, operation: str) -> tuple[Simulated, ...]:
        _whole(answer, operation)
        found = tuple(
            said for one in items(answer, "EvaluationResults", operation) for said in _simulated_of(one, operation)
        )
        if {one.action.lower() for one in found} != {action.lower() for action in asked.actions}:
            raise unusable(operation, "it is not about the actions that were asked about")
        return found

    return _question("SimulatePrincipalPolicy", {"PolicySourceArn": role_arn, "MaxItems": _PAGE, **asked.request}, read)


def _question(operation: str, request: Mapping[str, Any], read: Callable[[Answer, str], T]) -> Question[T]:
    return Question(service="iam", operation=operation, request=request, read=read, home=Home.STS)


def _simulated_of(answer: Answer, operation: str) -> Iterator[Simulated]:
    action = required(answer, "EvalActionName", operation)
    organization = structure(answer, "OrganizationsDecisionDetail", operation)
    allowed = optional(organization, "AllowedByOrganizations", bool, operation)
    yield _said(answer, "EvalDecision", action, allowed, operation)
    for one in items(answer, "ResourceSpecificResults", operation):
        yield _said(one, "EvalResourceDecision", action, allowed, operation)


def _said(answer: Answer, key: str, action: str, organization: bool | None, operation: str) -> Simulated:
    decision = required(answer, key, operation)
    if decision not in _DECISIONS:
        raise unusable(operation, f"{key} is none that AWS documents")
    boundary = structure(answer, "PermissionsBoundaryDecisionDetail", operation)
    return Simulated(
        action=action,
        decision=decision,
        organization=organization,
        boundary=optional(boundary, "AllowedByPermissionsBoundary", bool, operation),
        guessed=bool(optional(answer, "MissingContextValues", list, operation)),
    )


def _names_of(answer: Answer, operation: str) -> tuple[str, ...]:
    _whole(answer, operation)
    found = tuple(texts(present(answer, "PolicyNames", operation), "PolicyNames", operation))
    if "" in found:
        raise unusable(operation, "PolicyNames holds an empty name")
    return found


def _document_of(answer: Mapping[str, Any], operation: str) -> Mapping[str, Json]:
    document = answer.get("PolicyDocument")
    # botocore decodes it, and leaves the text as it came where it is no JSON.
    if not isinstance(document, dict) or not document:
        raise unusable(operation, "the policy is missing or is no JSON object")
    return document


def _arns_of(answer: Answer, operation: str) -> tuple[str, ...]:
    _whole(answer, operation)
    return tuple(
        required(one, "PolicyArn", operation)
        for one in items(present(answer, "AttachedPolicies", operation), "AttachedPolicies", operation)
    )


def _whole(answer: Answer, operation: str) -> None:
    if answer.get("IsTruncated"):
        raise unusable(operation, "there is more of it than a role can have")
