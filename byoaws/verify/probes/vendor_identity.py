"""Probe `vendor-identity`: do our own credentials work? If not, nothing below is the customer's fault."""

from byoaws.errors import AwsError
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.refusals import operators
from byoaws.verify.trusted import not_the_trusted_principal

_ANSWERS = Answers("V102", "vendor-identity")


async def ask(facts: Facts) -> ProbeResult:
    """Ask STS who we are, and hold it against the vendor file."""
    vendor = facts.target.vendor
    try:
        caller = await facts.vendor_caller()
    except AwsError as error:
        return _ANSWERS.unknown(
            f"our own credentials do not work: {error}", operators(error.hint), evidence=evidence_of(error)
        )
    evidence: dict[str, Json] = {"account_id": caller.account_id, "arn": caller.arn}
    expected = vendor.account.account_id
    if expected and caller.account_id != expected:
        return _ANSWERS.unknown(
            f"we run in account {caller.account_id}, but the vendor file says {expected}, which roles trust",
            operators(f"Use credentials of account {expected} (--profile), or correct aws.account_id."),
            evidence=evidence,
        )
    if caller.account_id == facts.role.account_id:
        return _ANSWERS.unknown(
            f"the role is in the account {caller.account_id} that we run in, so opening it proves nothing",
            operators(f"Run with {vendor.title}'s own credentials, against a role in the customer's account."),
            evidence=evidence,
        )
    mismatch = not_the_trusted_principal(vendor.account, caller)
    if mismatch:
        return _ANSWERS.unknown(
            mismatch, operators("Run under that principal, or correct the vendor file."), evidence=evidence
        )
    return _ANSWERS.passed(f"we are {caller.arn.split(':', 5)[-1]} in account {caller.account_id}", evidence=evidence)


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Do our own credentials work, in the account that customers trust?",
    needs=("role-arn",),
    ask=ask,
)
