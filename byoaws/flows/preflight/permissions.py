"""Whether the caller may make the stack: the deployer's policy, put to IAM's policy simulator call by call.

The simulator knows identity policies, permissions boundaries and the organization's SCPs, and none of what resources
themselves say. Source: IAM user guide, "Testing IAM policies with the IAM policy simulator".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from byoaws.errors import AccessDenied, Unreachable
from byoaws.flows import policy
from byoaws.flows.preflight.subject import Check, Found, Subject
from byoaws.iam.simulation import simulations
from byoaws.lifecycle.answer import inside, objects
from byoaws.model import Json
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of

_MAY = Answers("P112", "permissions")
_SESSION = re.compile(r"arn:[a-z-]+:sts::\d{12}:assumed-role/(?P<role>[\w+=,.@-]+)/.+", re.ASCII)
_PRINCIPAL = re.compile(r"arn:[a-z-]+:iam::\d{12}:user/.+", re.ASCII)
_FIX = "give whoever makes the stack the policy that `byoaws policy deployer` prints, or have an administrator make it"


def needed(subject: Subject) -> list[Mapping[str, Any]]:
    """Return the deployer's statements for this account and region."""
    where = policy.Where(region=subject.region, account_id=subject.account_id)
    statements: list[Mapping[str, Any]] = policy.deployer(subject.vendor, where)["Statement"]
    return statements


@dataclass(frozen=True, slots=True)
class _Refused:
    by_organization: set[str] = field(default_factory=set)
    by_boundary: set[str] = field(default_factory=set)
    by_policy: set[str] = field(default_factory=set)

    def add(self, answer: Mapping[str, Json]) -> None:
        action = inside(answer, str, "EvalActionName") or "?"
        if inside(answer, bool, "OrganizationsDecisionDetail", "AllowedByOrganizations") is False:
            self.by_organization.add(action)
        elif inside(answer, bool, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary") is False:
            self.by_boundary.add(action)
        else:
            self.by_policy.add(action)


def _permissions(subject: Subject) -> Found:
    if subject.arn.endswith(":root"):
        return Found(
            result=_MAY.unknown("IAM does not simulate the root user, whom only the organization limits", "see P101")
        )
    try:
        source = _source(subject)
        if source is None:
            return Found(
                result=_MAY.unknown(
                    f"IAM does not simulate {subject.arn}", "ask as a role or a user, or make the stack and see"
                )
            )
        refused, asked = _simulate(subject, source)
    except AccessDenied as error:
        return Found(
            result=_MAY.unknown(
                "could not tell whether the caller may make the stack: the policy simulator is not open to it",
                "allow iam:SimulatePrincipalPolicy (and iam:GetRole) to it, or make the stack and see",
                evidence=evidence_of(error),
            )
        )
    return Found(result=_judge(refused, asked))


def _judge(refused: _Refused, asked: int) -> Any:
    evidence: dict[str, Json] = {
        "denied_by_organization": [*sorted(refused.by_organization)],
        "denied_by_boundary": [*sorted(refused.by_boundary)],
        "not_allowed": [*sorted(refused.by_policy)],
    }
    if refused.by_organization:
        return _MAY.failed(
            f"a policy of the organization (SCP) denies {_few(refused.by_organization)}",
            "only who administers the organization can allow it; or use another account",
            evidence=evidence,
        )
    if refused.by_boundary:
        return _MAY.failed(
            f"the caller's permissions boundary denies {_few(refused.by_boundary)}", _FIX, evidence=evidence
        )
    if refused.by_policy:
        return _MAY.failed(f"the caller may not call {_few(refused.by_policy)}", _FIX, evidence=evidence)
    return _MAY.passed(f"the caller may make all {asked} calls that the stack needs", evidence={"actions": asked})


def _few(actions: set[str]) -> str:
    names = sorted(actions)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _source(subject: Subject) -> str | None:
    """The ARN that the simulator takes: of a session that of its role, whose path only IAM knows."""
    found = _SESSION.fullmatch(subject.arn)
    if found:
        return inside(subject.reader.ask("iam", "get_role", RoleName=found["role"]), str, "Role", "Arn")
    return subject.arn if _PRINCIPAL.fullmatch(subject.arn) else None


def _simulate(subject: Subject, source: str) -> tuple[_Refused, int]:
    refused, actions = _Refused(), set()
    for asked in simulations(map(_parts, needed(subject)), subject.region):
        answers = subject.reader.every(
            "iam", "simulate_principal_policy", "EvaluationResults", PolicySourceArn=source, **asked.request
        )
        actions |= {*asked.actions}
        answered = list(objects(answers))
        for answer in answered:
            if _decision(answer) != "allowed":
                refused.add(answer)
        if {*asked.actions} - {inside(answer, str, "EvalActionName") for answer in answered}:
            raise _unusable("not about every action")
    return refused, len(actions)


def _decision(answer: Mapping[str, Json]) -> str:
    found = inside(answer, str, "EvalDecision")
    if found not in ("allowed", "explicitDeny", "implicitDeny"):
        raise _unusable("no decision")
    return found


def _unusable(why: str) -> Unreachable:
    operation = "iam:SimulatePrincipalPolicy"
    return Unreachable(f"{operation}: no usable answer ({why})", operation=operation)


def _parts(statement: Mapping[str, Any]) -> tuple[list[str], list[str], list[tuple[str, list[str]]]]:
    conditions = [(key, [value]) for pairs in statement.get("Condition", {}).values() for key, value in pairs.items()]
    return statement["Action"], statement["Resource"], conditions


PERMISSIONS = Check(code="P112", name="permissions", title="May the caller make the stack?", ask=_permissions)
