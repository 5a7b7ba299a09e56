"""Probe `trust-policy`: read the role's own trust policy, and tell who else could assume it."""

from collections.abc import Mapping

from byoaws.errors import AccessDenied, PolicyError
from byoaws.iam.judge import Code, Weakness, judge
from byoaws.iam.trust import principal_arn, principal_pattern
from byoaws.model import Json, ProbeResult
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
    try:
        return _judge(facts, document)
    except PolicyError as error:
        # AWS saved it, so it is we who cannot read it.
        return _ANSWERS.unknown(
            f"the trust policy could not be read: {error}",
            "the customer sets the trust policy to the stack's own; if it is that, report this as a bug of byoaws",
            evidence={"problem": str(error)},
        )


def _judge(facts: Facts, document: Mapping[str, Json]) -> ProbeResult:
    account, where = facts.target.vendor.account, {"partition": facts.role.partition}
    own_id = facts.vendor_caller.account_id
    root = f"arn:{facts.role.partition}:iam::{own_id}:root"
    only = principal_pattern(account, account_id=own_id, **where) or principal_arn(account, account_id=own_id, **where)
    found = _weaknesses(facts, document, only)
    if not found:
        return _ANSWERS.passed("the trust policy lets in nobody but us, with this ExternalId only")
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
