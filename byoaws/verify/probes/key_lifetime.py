"""Probe `key-lifetime`: are these long-lived keys, where a role's would end by themselves?"""

from byoaws.aws.questions import CALLER
from byoaws.model import ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V402", "key-lifetime")


async def ask(facts: Facts) -> ProbeResult:
    """Tell a user's keys, which work until somebody deletes them, from a role's.

    Source: IAM user guide, "Security best practices in IAM": workloads should use temporary credentials.
    """
    caller = await facts.ask(CALLER)
    kind = caller.arn.split(":", 5)[-1].partition("/")[0]
    if kind == "assumed-role":
        return _ANSWERS.passed("credentials of a role, which end by themselves")
    return _ANSWERS.warned(
        "an access key of a user works for whoever holds it, until somebody deletes it",
        "where the software runs in AWS, give its instance or container a role with the same policy and delete the "
        "key; elsewhere use IAM Roles Anywhere, or replace the key every 90 days",
    )


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Do the keys end by themselves?",
    needs=("key-identity",),
    ask=ask,
)
