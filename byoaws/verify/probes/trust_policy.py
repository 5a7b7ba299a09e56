"""Probe `trust-policy`: read the role's own trust policy, and tell who else could assume it."""

from byoaws.errors import AccessDenied
from byoaws.iam.judge import judge
from byoaws.iam.trust import principal_arn
from byoaws.model import ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V205", "trust-policy")
_UNDECIDED = ("unknown", "never-opens")


def ask(facts: Facts) -> ProbeResult:
    """Judge the trust policy by `iam.judge`; calls from outside cannot show whom else it lets in."""
    try:
        document = facts.session.trust_policy(facts.role.name)
    except AccessDenied as error:
        return _ANSWERS.warned(
            "the role may not read its own trust policy, so who else can assume it was not read",
            "the customer adds the permission iam:GetRole on the role itself (pack self-read)",
            evidence=evidence_of(error),
        )
    caller = facts.vendor_caller
    trusted = [principal_arn(facts.target.vendor.account, partition=facts.role.partition, account_id=caller.account_id)]
    judgement = judge(
        document, trusted=trusted, external_id=facts.target.external_id, own_account=facts.role.account_id
    )
    found = [weakness for weakness in judgement.weaknesses if weakness.code not in _UNDECIDED]
    codes = [weakness.code.value for weakness in judgement.weaknesses]
    if found:
        return _ANSWERS.opens(
            f"the trust policy lets others in: {found[0].message}",
            found[0].fix,
            causes=tuple(weakness.message for weakness in found),
            evidence={"weaknesses": list(codes)},
        )
    if judgement.weaknesses:
        return _ANSWERS.unknown(
            f"the trust policy could not be judged: {judgement.weaknesses[0].message}",
            judgement.weaknesses[0].fix,
            evidence={"weaknesses": list(codes)},
        )
    return _ANSWERS.passed("the trust policy lets in nobody but us, with this ExternalId only")


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does the trust policy let in anyone but us?",
    needs=("assume-role",),
    ask=ask,
)
