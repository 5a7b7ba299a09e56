"""Who refused: the role, or a policy on our side that never let the call get as far as the role."""

import re

from byoaws.errors import AwsError

OURS = "This is the operator's to mend, not the customer's."
"""How a fix begins that no customer can carry out."""

# Source: IAM user guide, "Troubleshoot access denied error messages". An SCP binds the caller's organization;
# a boundary, a session policy and a VPC endpoint policy bind the caller. The role's side is called "role trust policy",
# "resource-based policy" or "resource control policy", or, to callers from other accounts, nothing at all.
_ON_OUR_SIDE = re.compile(
    r"\b(?:explicit deny in (?:an?|the|your)|because no) "
    r"(identity-based policy|permissions boundary|session policy|service control policy|vpc endpoint policy)\b",
    re.IGNORECASE,
)


def our_policy(error: AwsError) -> str | None:
    """Return the kind of policy on our side that AWS names for a refusal; None where it names none of them.

    Such a refusal says nothing about the role: its trust policy may well be open behind it.
    """
    found = _ON_OUR_SIDE.search(error.aws_message)
    return found[1] if found else None


def operators(hint: str) -> str:
    """Return a fix that the operator carries out."""
    return f"{OURS} {hint}".strip()
