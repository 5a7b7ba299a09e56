"""Probe `caller-identity`: is the session in the account, and under the role, that the ARN says?"""

from byoaws.aws.questions import CALLER
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V204", "caller-identity")


async def ask(facts: Facts) -> ProbeResult:
    """Ask STS who the session is."""
    role, caller = facts.role, await facts.ask(CALLER)
    evidence: dict[str, Json] = {"account_id": caller.account_id, "arn": caller.arn}
    # A session's ARN holds the role's name but not its path.
    begin = f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/"
    if caller.account_id != role.account_id or not caller.arn.startswith(begin):
        return _ANSWERS.failed(
            f"the session is {caller.arn}, not one of role '{role.name}' in account {role.account_id}",
            "check what stands between us and AWS (endpoint variables, proxies): AWS would not answer so",
            evidence=evidence,
        )
    return _ANSWERS.passed(
        f"the session is in account {caller.account_id}, under role '{role.name}'", evidence=evidence
    )


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Is the session in the right account, under the right role?",
    needs=("assume-role",),
    ask=ask,
)
