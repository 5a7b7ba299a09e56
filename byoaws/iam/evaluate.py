"""Who may do what, and why: AWS's policy evaluation, which never says ALLOW unless it is sure.

This takes the statements of all given policies together: an explicit Deny decides, else one Allow, else nothing allows.
Between accounts AWS asks both sides, so evaluate each side by itself. Source: IAM user guide, "Policy evaluation logic"
and "IAM JSON policy element reference".
"""

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from byoaws.iam.conditions import holds
from byoaws.iam.context import Context, Values, context
from byoaws.iam.elements import Policy, Statement
from byoaws.iam.patterns import ARN_PARTS, alike, matches
from byoaws.iam.principals import Principal, caller_keys, excludes, names
from byoaws.iam.truth import NO, YES, Doubt, Truth, all_of, any_of, not_documented, not_known, truth
from byoaws.iam.variables import expand, has_variable


class Outcome(enum.StrEnum):
    """What the policies say to a request."""

    ALLOW = "allow"
    IMPLICIT_DENY = "implicit-deny"
    """No statement allows it."""
    EXPLICIT_DENY = "explicit-deny"
    UNKNOWN = "unknown"
    """It depends on what is not known, or on policy text whose meaning AWS does not document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call, and what is known of it."""

    principal: Principal
    action: str
    """For example `sts:AssumeRole`."""
    resource: str | None = None
    """ARN; None where it is not known (a trust policy's resource is its own role, and it names none)."""
    context: Mapping[str, Values] = field(default_factory=dict)
    """Condition keys with their values. They win over what follows from `principal`."""
    absent: Collection[str] = ()
    """Keys that the request certainly lacks."""
    may_have: Collection[str] | None = None
    """Keys of which nothing is known (a prefix ends in `*`); all others are absent. None: nothing is known of any other
    key. Empty: `context` is complete."""

    def known(self) -> Context:
        """Everything known of the request's keys, those that follow from the principal included."""
        own = caller_keys(self.principal)
        given = {key.lower(): values for key, values in self.context.items()}
        lacking = {key.lower() for key in self.absent}
        derived = {key: value for key, value in own.values.items() if key not in lacking}
        return context(
            {**derived, **given},
            absent=lacking | (own.absent - given.keys()),
            # What the caller certainly or possibly brings is not absent just because nobody said its value.
            may_have=None if self.may_have is None else (*self.may_have, *sorted(own.unsure)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What came of a request."""

    outcome: Outcome
    reason: str
    """One sentence."""
    policy: int | None = None
    """Which of the policies decided, from 0; None for an implicit deny."""
    statement: int | None = None
    sid: str | None = None
    doubts: tuple[Doubt, ...] = ()
    """What was not known; empty unless the outcome is UNKNOWN."""


def evaluate(policies: Policy | Sequence[Policy], request: Request) -> Decision:
    """Decide a request by the statements of all `policies`. Never raises on policies that `parse` accepted."""
    known = request.known()
    found = [
        (place, statement, applies(statement, request, known, variables=policy.has_variables))
        for place, policy in enumerate([policies] if isinstance(policies, Policy) else policies)
        for statement in policy.statements
    ]
    denies = [entry for entry in found if entry[1].effect == "Deny"]
    allows = [entry for entry in found if entry[1].effect == "Allow"]
    if denied := _first(denies, True):
        return _decision(Outcome.EXPLICIT_DENY, *denied, "denies it")
    allowed = _first(allows, True)
    if allowed and (doubtful := _first(denies, None)):
        return _decision(Outcome.UNKNOWN, *doubtful, "may deny it")
    if allowed:
        return _decision(Outcome.ALLOW, *allowed, "allows it")
    if doubtful := _first(allows, None):
        return _decision(Outcome.UNKNOWN, *doubtful, "may allow it")
    return Decision(outcome=Outcome.IMPLICIT_DENY, reason="no statement allows it")


_Found = tuple[int, Statement, Truth]


def _first(found: Iterable[_Found], wanted: bool | None) -> _Found | None:
    return next((entry for entry in found if entry[2].value is wanted), None)


def _decision(outcome: Outcome, policy: int, statement: Statement, verdict: Truth, says: str) -> Decision:
    because = "; ".join(doubt.text for doubt in verdict.doubts)
    return Decision(
        outcome=outcome,
        reason=f"{statement.label} {says}" + (f": {because}" if because else ""),
        policy=policy,
        statement=statement.index,
        sid=statement.sid,
        doubts=verdict.doubts,
    )


def applies(statement: Statement, request: Request, known: Context, *, variables: bool) -> Truth:
    """Say whether a statement speaks of the request at all: principal, action, resource and every condition."""
    # One no decides, and most statements are about other actions: so each part is looked at only if it still matters.
    if not _names_action(statement, request.action):
        return NO
    return all_of(_parts(statement, request, known, variables=variables))


def concerns(statement: Statement, action: str, resource: str, *, variables: bool) -> bool:
    """False if the statement surely is about other calls than these, whoever makes them and however."""
    if not _names_action(statement, action):
        return False
    return _names_resource(statement, resource, Context(), variables=variables).value is not False


def _parts(statement: Statement, request: Request, known: Context, *, variables: bool) -> Iterator[Truth]:
    yield _names_principal(statement, request.principal)
    yield _names_resource(statement, request.resource, known, variables=variables)
    for condition in statement.conditions:
        yield holds(condition, known, variables=variables)


def _names_principal(statement: Statement, caller: Principal) -> Truth:
    if statement.principals is not None:
        return names(statement.principals, caller)
    if statement.not_principals is not None:
        return ~excludes(statement.not_principals, caller)
    return YES  # a permission policy speaks of whom it is attached to


def _names_action(statement: Statement, action: str) -> bool:
    """Action names are not case-sensitive. Source: "IAM JSON policy elements: Action"."""
    listed = statement.actions if statement.actions is not None else statement.not_actions or ()
    named = any(alike(entry.lower(), action.lower()) for entry in listed)
    return named if statement.actions is not None else not named


def _names_resource(statement: Statement, resource: str | None, known: Context, *, variables: bool) -> Truth:
    listed = statement.resources if statement.resources is not None else statement.not_resources
    if listed is None:
        return YES
    negated = statement.resources is None
    named = any_of(_is_resource(entry, resource, known, variables, negated=negated) for entry in listed)
    return ~named if negated else named


def _is_resource(entry: str, resource: str | None, known: Context, variables: bool, *, negated: bool) -> Truth:
    """Resources are case-sensitive; a variable may only stand after the fifth colon."""
    if entry == "*":
        return YES
    if resource is None:
        return not_known("the resource is not known")
    if not (variables and has_variable(entry)):
        return truth(alike(entry, resource))
    if has_variable(":".join(entry.split(":", ARN_PARTS - 1)[: ARN_PARTS - 1])):
        return not_documented(f"'{entry}' has a policy variable before the fifth colon")
    wanted = expand(entry, known)
    if not isinstance(wanted, Truth):
        return truth(matches(wanted, resource))
    return not_documented(f"a variable of '{entry}' has no value") if negated and wanted.value is False else wanted
