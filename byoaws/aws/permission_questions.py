"""What is asked of IAM about what a role may do: its inline policies, and those attached to it."""

from collections.abc import Mapping
from typing import Any

from byoaws.aws.answers import Answer, optional, required, unusable
from byoaws.aws.question import Home, Question
from byoaws.aws.stack_questions import items
from byoaws.model import Json


def inline_policies(role_name: str) -> Question[tuple[str, ...]]:
    """Names of the policies that are the role's own: the first hundred, more than fit into a role."""
    return Question(
        service="iam",
        operation="ListRolePolicies",
        request={"RoleName": role_name},
        read=_names_of,
        home=Home.STS,
    )


def inline_policy(role_name: str, name: str) -> Question[Mapping[str, Json]]:
    """One of them, decoded."""
    return Question(
        service="iam",
        operation="GetRolePolicy",
        request={"RoleName": role_name, "PolicyName": name},
        read=_document_of,
        home=Home.STS,
    )


def attached_policies(role_name: str) -> Question[tuple[str, ...]]:
    """ARNs of the managed policies that are attached to the role."""
    return Question(
        service="iam",
        operation="ListAttachedRolePolicies",
        request={"RoleName": role_name},
        read=_arns_of,
        home=Home.STS,
    )


def _names_of(answer: Answer, operation: str) -> tuple[str, ...]:
    _whole(answer, operation)
    found = optional(answer, "PolicyNames", list, operation) or []
    if not all(isinstance(one, str) and one for one in found):
        raise unusable(operation, "PolicyNames holds something else than names")
    return tuple(found)


def _document_of(answer: Mapping[str, Any], operation: str) -> Mapping[str, Json]:
    document = answer.get("PolicyDocument")
    # botocore decodes it, and leaves the text as it came where it is no JSON.
    if not isinstance(document, dict) or not document:
        raise unusable(operation, "the policy is missing or is no JSON object")
    return document


def _arns_of(answer: Answer, operation: str) -> tuple[str, ...]:
    _whole(answer, operation)
    return tuple(required(one, "PolicyArn", operation) for one in items(answer, "AttachedPolicies", operation))


def _whole(answer: Answer, operation: str) -> None:
    if answer.get("IsTruncated"):
        raise unusable(operation, "the role has more policies than a role can have")
