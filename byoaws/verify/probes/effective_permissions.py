"""Probe `effective-permissions`: does anything besides the role's own policies keep it from what they allow?"""

from collections.abc import Iterable, Iterator, Sequence

from byoaws.aws.permission_questions import Simulated, inline_policies, inline_policy, simulated
from byoaws.errors import AccessDenied, PolicyError
from byoaws.iam.compose import actions, packs_of
from byoaws.iam.documents import Policy, parse
from byoaws.iam.simulation import Conditions, simulations
from byoaws.model import Json, ProbeResult
from byoaws.vendors.names import PACK_OF
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers, several
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.looking import not_allowed

_ANSWERS = Answers("V208", "effective-permissions")


async def ask(facts: Facts) -> ProbeResult:
    """Have IAM simulate each declared action that the role's policies allow, on what they allow it for."""
    role = facts.role.name
    try:
        names = await facts.ask(inline_policies(role))
        documents = [await facts.ask(inline_policy(role, name)) for name in names]
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error)
    declared = {action.lower() for action in actions(packs_of(facts.target.vendor))}
    try:
        policies = [parse(document) for document in documents]
    except PolicyError as error:
        return _ANSWERS.unknown(
            f"a policy of the role could not be read: {plain(str(error), 200)}",
            "the customer updates the stack; if it is the stack's own policy, report this as a bug of byoaws",
        )
    found: tuple[Simulated, ...] = ()
    try:
        for asked in simulations(_allowed(policies, declared), facts.target.region):
            found += await facts.ask(simulated(facts.target.role_arn, asked))
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error)
    return _judge(found)


def _allowed(policies: Iterable[Policy], declared: set[str]) -> Iterator[tuple[list[str], Sequence[str], Conditions]]:
    for policy in policies:
        for statement in policy.statements:
            if statement.effect == "Allow" and statement.resources:
                names = [name for name in statement.actions or () if name.lower() in declared]
                yield names, statement.resources, [(one.key, one.values) for one in statement.conditions]


def _judge(found: Sequence[Simulated]) -> ProbeResult:
    if not found:
        return _ANSWERS.unknown("the role's own policies allow nothing that could be simulated", "see V207")
    denied = [one for one in found if one.decision != "allowed"]
    organization = _names(one for one in denied if one.organization is False)
    boundary = _names(one for one in denied if one.boundary is False)
    explained = {*organization, *boundary}
    deny = _names(
        one for one in denied if one.action not in explained and one.decision == "explicitDeny" and not one.guessed
    )
    unsure = _names(one for one in denied if one.action not in {*explained, *deny})
    evidence: dict[str, Json] = {
        "simulated": len({one.action for one in found}),
        "denied_by_organization": [*organization],
        "denied_by_boundary": [*boundary],
        "denied": [*deny],
        "unsure": [*unsure],
    }
    if explained or deny:
        return _kept(organization, boundary, deny, evidence)
    if unsure:
        return _ANSWERS.unknown(
            f"IAM's policy simulator does not say why {several(unsure)} would be refused",
            "the customer simulates the role in the IAM console, which shows the policy that decides",
            evidence=evidence,
        )
    return _ANSWERS.passed(
        f"IAM's policy simulator finds nothing that keeps the role from {evidence['simulated']} actions",
        evidence=evidence,
    )


def _kept(
    organization: tuple[str, ...], boundary: tuple[str, ...], deny: tuple[str, ...], evidence: dict[str, Json]
) -> ProbeResult:
    by = {
        "a policy of the customer's organization (SCP) denies": organization,
        "the role's permissions boundary does not allow": boundary,
        "a statement with Effect Deny forbids": deny,
    }
    causes = [f"{words} {several(names)}" for words, names in by.items() if names]
    looks = actions(sorted(set(PACK_OF.values())))
    # What only lets us look is not what makes an account work; see `looking.not_allowed`.
    answer = _ANSWERS.failed if {*organization, *boundary, *deny} - {*looks} else _ANSWERS.warned
    return answer(
        f"the role's policies allow it, but {causes[0]}",
        "the customer allows it there; an organization's policies are changed by who administers it",
        causes=tuple(causes[1:]),
        evidence=evidence,
    )


def _names(found: Iterable[Simulated]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.action for one in found))


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does anything keep the role from what its policies allow?",
    needs=("assume-role",),
    ask=ask,
)
