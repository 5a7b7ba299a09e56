"""What a role's own policies grant, held against the actions that it is meant to have. Actions only: which resources
they are for, `connections drift` compares.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from byoaws.iam.documents import Policy
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.principals import aws_principal

_WILDCARDS = frozenset("*?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What differs."""

    missing: tuple[str, ...]
    """Actions that no statement allows for anything, or that one denies for everything."""
    more: tuple[str, ...]
    """Actions, or patterns of actions, that are allowed and were not declared; `everything but X` for NotAction."""


def granted(declared: Sequence[str], policies: Sequence[Policy], role_arn: str) -> Granted:
    """Hold the policies of a role against the actions that were declared."""
    known = {action.lower() for action in declared}
    more = dict.fromkeys(text for text in _allowed(policies) if text.lower() not in known)
    return Granted(missing=_missing(declared, policies, role_arn), more=tuple(more))


def _allowed(policies: Iterable[Policy]) -> Iterable[str]:
    for policy in policies:
        for statement in policy.statements:
            if statement.effect == "Allow":
                yield from statement.actions or ()
                if statement.not_actions:
                    yield f"everything but {', '.join(statement.not_actions)}"


def _missing(declared: Sequence[str], policies: Sequence[Policy], role_arn: str) -> tuple[str, ...]:
    named = {text.lower() for text in _allowed(policies) if not _WILDCARDS & set(text)}
    denies = any(statement.effect == "Deny" for policy in policies for statement in policy.statements)
    doubtful = declared if denies else [action for action in declared if action.lower() not in named]
    caller = aws_principal(role_arn)
    # Neither resource nor any condition key is known: what could be allowed for something counts as allowed.
    return tuple(
        action
        for action in doubtful
        if evaluate(policies, Request(principal=caller, action=action)).outcome
        in (Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY)
    )
