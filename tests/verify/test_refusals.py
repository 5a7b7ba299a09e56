"""Whose policy refused, by what AWS says."""

import pytest

from byoaws.errors import AccessDenied
from byoaws.verify.refusals import operators, our_policy

BEGIN = "User: arn:aws:iam::111122223333:user/ops is not authorized to perform: sts:AssumeRole on resource: ROLE"
# What AWS says behind that, and whose policy it means.
SAYINGS = {
    "cross-account": ("", None),
    "identity, explicit": (" with an explicit deny in an identity-based policy", "identity-based policy"),
    "identity, explicit, named": (
        " with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/guard",
        "identity-based policy",
    ),
    "identity, none": (" because no identity-based policy allows the sts:AssumeRole action", "identity-based policy"),
    "boundary, explicit": (" with an explicit deny in a permissions boundary", "permissions boundary"),
    "boundary, none": (" because no permissions boundary allows the sts:AssumeRole action", "permissions boundary"),
    "session, explicit": (" with an explicit deny in a session policy", "session policy"),
    "session, none": (" because no session policy allows the sts:AssumeRole action", "session policy"),
    "scp, explicit": (" with an explicit deny in a service control policy", "service control policy"),
    "scp, none": (" because no service control policy allows the sts:AssumeRole action", "service control policy"),
    "endpoint, explicit": (" with an explicit deny in a VPC endpoint policy", "VPC endpoint policy"),
    "trust, explicit": (" with an explicit deny in the role trust policy", None),
    "trust, none": (" because no role trust policy allows the sts:AssumeRole action", None),
    "resource, explicit": (" with an explicit deny in a resource-based policy", None),
    "resource, none": (" because no resource-based policy allows the sts:AssumeRole action", None),
    "rcp": (" with an explicit deny in a resource control policy", None),
    "other word": (" with an explicit deny in a non-identity-based policy", None),
}


@pytest.mark.parametrize(("said", "ours"), SAYINGS.values(), ids=SAYINGS)
def test_whose_policy(said: str, ours: str | None) -> None:
    assert our_policy(AccessDenied("refused", aws_message=BEGIN + said)) == ours


def test_role_of_that_name_does_not_decide() -> None:
    """A customer chooses the role's name, and must not be able to make a refusal look like ours."""
    named = BEGIN.replace("ROLE", "arn:aws:iam::444455556666:role/explicit-deny-in-an-identity-based-policy")
    assert our_policy(AccessDenied("refused", aws_message=named)) is None


@pytest.mark.parametrize("hint", ["", "Try again."])
def test_operators_fix_says_whose_it_is(hint: str) -> None:
    assert operators(hint) == f"This is the operator's to mend, not the customer's. {hint}".strip()
