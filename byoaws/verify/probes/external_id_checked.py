"""Probe `external-id-checked`: does the role refuse an ExternalId that is not this connection's?"""

from byoaws.model import ProbeResult
from byoaws.verify.answers import Answers, Negative, judge_refusal
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V202", "external-id-checked")
_NEGATIVE = Negative(
    choose=lambda trial: trial.wrong,
    given="with a random ExternalId",
    causes=(
        'the condition uses StringLike with a wildcard ("*", or a prefix and "*")',
        "the condition only asks that an ExternalId be there (Null), not which",
        "the condition uses a negated operator (StringNotEquals)",
        "a second statement of the trust policy allows the same account with any ExternalId, or none",
    ),
)


async def ask(facts: Facts) -> ProbeResult:
    """Judge the AssumeRole call that sent a random ExternalId of the same shape."""
    return await judge_refusal(facts, _ANSWERS, _NEGATIVE)


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does the role refuse an ExternalId that is not this connection's?",
    needs=("role-arn", "vendor-identity"),
    ask=ask,
)
