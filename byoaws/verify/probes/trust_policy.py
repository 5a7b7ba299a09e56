"""Probe `trust-policy`: read the role's own trust policy, and tell who else could assume it."""

import re
from collections.abc import Mapping

from byoaws.aws import questions
from byoaws.errors import AccessDenied, PolicyError
from byoaws.iam.judge import Code, Weakness, judge
from byoaws.iam.trust import principal_arn, principal_pattern, trust_policy
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V205", "trust-policy")
# Source: STS API reference, AssumeRole: no character of an ExternalId means anything in a policy.
_LITERAL = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_UNDECIDED = ("unknown", "never-opens")


async def ask(facts: Facts) -> ProbeResult:
    """Judge the trust policy by `iam.judge`; calls from outside cannot show whom else it lets in."""
    try:
        document = await facts.ask(questions.trust_policy(facts.role.name))
    except AccessDenied as error:
        return _ANSWERS.warned(
            "the role may not read its own trust policy, so who else can assume it was not read",
            "the customer adds the permission iam:GetRole on the role itself (pack self-read)",
            evidence=evidence_of(error),
        )
    own_id = (await facts.vendor_caller()).account_id
    try:
        # Of a million roles nearly all are the stack's, and to judge one takes longer than to ask for it.
        return _passed() if _is_the_stacks(facts, document, own_id) else _judge(facts, document, own_id)
    except PolicyError as error:
        # AWS saved it, so it is we who cannot read it.
        return _ANSWERS.unknown(
            f"the trust policy could not be read: {error}",
            "the customer sets the trust policy to the stack's own; if it is that, report this as a bug of byoaws",
            evidence={"problem": str(error)},
        )


def _passed() -> ProbeResult:
    return _ANSWERS.passed("the trust policy lets in nobody but us, with this ExternalId only")


def _is_the_stacks(facts: Facts, document: Mapping[str, Json], own_id: str) -> bool:
    """Is it, to the letter, what our template makes? The judge finds nothing in that, whatever the account and id."""
    account, where = facts.target.vendor.account, {"partition": facts.role.partition, "account_id": own_id}
    ours = trust_policy(
        principal=principal_arn(account, **where),
        external_id=facts.target.external_id,
        only=principal_pattern(account, **where),
    )
    return (
        facts.target.rotation is None and _LITERAL.fullmatch(facts.target.external_id) is not None and document == ours
    )


def _judge(facts: Facts, document: Mapping[str, Json], own_id: str) -> ProbeResult:
    account, where = facts.target.vendor.account, {"partition": facts.role.partition}
    root = f"arn:{facts.role.partition}:iam::{own_id}:root"
    only = principal_pattern(account, account_id=own_id, **where) or principal_arn(account, account_id=own_id, **where)
    found = _weaknesses(facts, document, only)
    if not found:
        return _passed()
    # Only that others of our own get in: whatever else was found, or could not be told, is not a warning.
    others_alone = {weakness.code for weakness in found} == {Code.OTHER_PRINCIPAL}
    if others_alone and not _weaknesses(facts, document, root):
        return _ANSWERS.warned(
            f"the trust policy lets in all of our own account {own_id}, not '{only}' alone",
            "nothing is open to others; the customer updates the stack to narrow it",
        )
    evidence: dict[str, Json] = {"weaknesses": [weakness.code.value for weakness in found]}
    certain = [weakness for weakness in found if weakness.code not in _UNDECIDED]
    if certain:
        return _ANSWERS.opens(
            f"the trust policy lets others in: {certain[0].message}",
            certain[0].fix,
            causes=tuple(weakness.message for weakness in certain),
            evidence=evidence,
        )
    return _ANSWERS.unknown(
        f"the trust policy could not be judged: {found[0].message}", found[0].fix, evidence=evidence
    )


def _weaknesses(facts: Facts, document: Mapping[str, Json], trusted: str) -> tuple[Weakness, ...]:
    rotation = facts.target.rotation
    return judge(
        document,
        trusted=[trusted],
        external_id=facts.target.external_id,
        # Both are ours alone; that the old one still opens is for 'external-id-rotation' to tell.
        also_external_ids=(rotation.new, rotation.old) if rotation else (),
        own_account=facts.role.account_id,
    ).weaknesses


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does the trust policy let in anyone but us?",
    needs=("assume-role",),
    ask=ask,
)
