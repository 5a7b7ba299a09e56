"""Probe `role-arn`: is this the ARN of a role, in somebody else's account?"""

from byoaws.errors import ArnError
from byoaws.model import ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V101", "role-arn")


async def ask(facts: Facts) -> ProbeResult:
    """Read the ARN; a role of the vendor's own account proves nothing about a customer's trust policy."""
    try:
        role = facts.role
    except ArnError as error:
        return _ANSWERS.failed(str(error), error.hint, evidence={"role_arn": facts.target.role_arn})
    if role.account_id == facts.target.vendor.account.account_id:
        return _ANSWERS.failed(
            f"the role is in {facts.target.vendor.title}'s own account {role.account_id}",
            "use the RoleArn output of the stack in the customer's account",
            evidence={"role_arn": facts.target.role_arn},
        )
    wanted = facts.target.vendor.role_name
    if wanted and role.name != wanted:
        return _ANSWERS.failed(
            f"the role is called '{role.name}', but {facts.target.vendor.title} may only assume '{wanted}'",
            f"the customer makes a role of exactly that name: {wanted}",
            evidence={"role_arn": facts.target.role_arn},
        )
    return _ANSWERS.passed(
        f"role '{role.name}' in account {role.account_id}",
        evidence={"partition": role.partition, "account_id": role.account_id},
    )


PROBE = Probe(code=_ANSWERS.code, name=_ANSWERS.name, title="Is this the ARN of a customer's role?", needs=(), ask=ask)
