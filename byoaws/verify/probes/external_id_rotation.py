"""Probe `external-id-rotation`: has the new ExternalId taken the old one's place?"""

from byoaws.errors import AccessDenied
from byoaws.model import ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Attempt, Facts, Probe, Rotation
from byoaws.verify.refusals import operators, our_policy

NAME = "external-id-rotation"
_ANSWERS = Answers("V206", NAME)
_UPDATE = "the customer updates the stack's ExternalId: `byoaws connections rotate-external-id` shows how"


async def ask(facts: Facts) -> ProbeResult:
    """Judge the AssumeRole call that sent the other of two ExternalIds; the one that counts is V203's."""
    rotation = facts.target.rotation
    if rotation is None or (other := (await facts.trial()).other) is None:
        return _ANSWERS.passed("the ExternalId is not being exchanged")
    if other.error is not None and not _refused_by_the_role(other):
        return _ANSWERS.unknown(
            f"could not tell whether the role opens with the {_called(facts, rotation)} ExternalId: {other.error}",
            operators(other.error.hint or "Try again."),
            evidence=evidence_of(other.error),
        )
    if other.opened:
        return _ANSWERS.warned(
            "rotation not finished: the role opens with the new ExternalId, and still with the old one",
            "the customer takes the old ExternalId out of the trust policy; if the stack was updated a minute ago, IAM "
            "has not spread it yet: verify again",
            causes=("the trust policy names both", "IAM has not spread the new trust policy everywhere"),
            evidence={"opened_with": rotation.new, "still_opens": rotation.old},
        )
    if facts.target.external_id == rotation.old:
        return _ANSWERS.warned(
            "rotation pending: the role opens with the old ExternalId, and refuses the new one",
            f"{_UPDATE}; if that was done a minute ago, IAM has not spread it yet: verify again",
            evidence={"opened_with": rotation.old, "pending": rotation.new},
        )
    return _ANSWERS.passed(
        "the role opens with the new ExternalId, and refuses the old one", evidence={"opened_with": rotation.new}
    )


def _refused_by_the_role(attempt: Attempt) -> bool:
    return isinstance(attempt.error, AccessDenied) and our_policy(attempt.error) is None


def _called(facts: Facts, rotation: Rotation) -> str:
    return "new" if facts.target.external_id == rotation.old else "old"


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Has the new ExternalId taken the old one's place?",
    needs=("assume-role",),
    ask=ask,
)
