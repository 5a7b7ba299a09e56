"""Probe `external-id-required`: does the role refuse to open without an ExternalId?"""

from byoaws.model import ProbeResult
from byoaws.verify.answers import Answers, Negative, judge_refusal
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V201", "external-id-required")
_NEGATIVE = Negative(
    choose=lambda trial: trial.without,
    given="without an ExternalId",
    causes=(
        "the trust policy has no Condition on sts:ExternalId",
        "the condition uses an operator that a missing key satisfies: StringEqualsIfExists, ForAllValues:..., "
        "StringNotEquals",
        "the condition key is misspelt under such an operator",
        "a second statement of the trust policy allows the same account without the condition",
    ),
)


async def ask(facts: Facts) -> ProbeResult:
    """Judge the AssumeRole call that sent no ExternalId."""
    return await judge_refusal(facts, _ANSWERS, _NEGATIVE)


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does the role refuse to open without an ExternalId?",
    needs=("role-arn", "vendor-identity"),
    ask=ask,
)
