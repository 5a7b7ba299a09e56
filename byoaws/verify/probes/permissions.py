"""Probe `permissions`: may the role do what the vendor's packs declare, and nothing else?"""

from byoaws.aws.permission_questions import attached_policies, inline_policies, inline_policy
from byoaws.errors import AccessDenied, PolicyError
from byoaws.iam.compose import actions, packs_of
from byoaws.iam.documents import parse
from byoaws.iam.granted import Granted, granted
from byoaws.model import Json, ProbeResult
from byoaws.templates.names import ACCESS_POLICY
from byoaws.vendors.names import PACK_OF
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers, several
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.looking import not_allowed

_ANSWERS = Answers("V207", "permissions")


async def ask(facts: Facts) -> ProbeResult:
    """Read the role's own policies. What binds it besides (SCP, RCP, permissions boundary) is not seen by them."""
    role = facts.role.name
    try:
        names = await facts.ask(inline_policies(role))
        attached = await facts.ask(attached_policies(role))
        documents = [await facts.ask(inline_policy(role, name)) for name in names]
    except AccessDenied as error:
        return not_allowed(_ANSWERS, facts, error)
    declared = tuple(actions(packs_of(facts.target.vendor)))
    try:
        found = granted(declared, [parse(document) for document in documents], facts.target.role_arn)
    except PolicyError as error:
        return _ANSWERS.unknown(
            f"a policy of the role could not be read: {plain(str(error), 200)}",
            "the customer updates the stack; if it is the stack's own policy, report this as a bug of byoaws",
        )
    return _judge(found, [name for name in names if name != ACCESS_POLICY], attached, declared)


def _judge(found: Granted, further: list[str], attached: tuple[str, ...], declared: tuple[str, ...]) -> ProbeResult:
    evidence: dict[str, Json] = {
        "missing": [*found.missing],
        "more": [plain(text, 200) for text in found.more],
        "policies": [plain(name) for name in further],
        "attached": [plain(arn, 200) for arn in attached],
    }
    added = (
        *(f"managed policy {plain(arn, 200)} is attached" for arn in attached),
        *(f"it has a further policy '{plain(name)}'" for name in further),
        *((f"its policies allow {several(found.more)}, which no pack declares",) if found.more else ()),
    )
    if found.missing and attached:
        # What a managed policy allows is not read: it may well be this.
        return _ANSWERS.unknown(
            f"the role's own policies lack {several(found.missing)}; what is attached to it may allow that",
            "the customer updates the stack, which sets the role's own policy anew, and takes off what was attached",
            causes=added,
            evidence=evidence,
        )
    if found.missing:
        return _lacking(found.missing, added, evidence)
    if added:
        return _ANSWERS.warned(
            f"the role may do more than the vendor's packs declare: {added[0]}",
            "nothing is needed of it: the customer takes it away; or the stack is of another template than the "
            "vendor file's, and is updated",
            causes=added[1:],
            evidence=evidence,
        )
    return _ANSWERS.passed(
        f"the role's policies allow the {len(declared)} actions that were declared, and no other", evidence=evidence
    )


def _lacking(missing: tuple[str, ...], added: tuple[str, ...], evidence: dict[str, Json]) -> ProbeResult:
    looks = actions(sorted(set(PACK_OF.values())))
    needed = tuple(name for name in missing if name not in looks)
    # What only lets us look is not what makes an account work; see `looking.not_allowed`.
    answer = _ANSWERS.failed if needed else _ANSWERS.warned
    return answer(
        f"the role may not call {several(needed or missing)}",
        "the customer updates the stack to the newest template",
        causes=(
            "the stack is of an older template, which did not ask for it",
            "the role's policy was changed by hand",
            *added,
        ),
        evidence=evidence,
    )


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="May the role do what was declared, and nothing else?",
    needs=("assume-role",),
    ask=ask,
)
