"""Probe `assume-role`: does the role open with this connection's ExternalId?"""

from byoaws.errors import AccessDenied, AwsError, BadCredentials, InvalidRequest
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V203", "assume-role")


def ask(facts: Facts) -> ProbeResult:
    """Judge the AssumeRole call that sent the right ExternalId."""
    trial = facts.trial
    error = trial.right.error
    if error is None:
        waited = f" after {trial.waited:.0f} s" if trial.tries > 1 else ""
        return _ANSWERS.passed(f"opens with this connection's ExternalId{waited}", evidence={"tries": trial.tries})
    evidence: dict[str, Json] = {**evidence_of(error), "tries": trial.tries, "waited_seconds": round(trial.waited, 1)}
    if isinstance(error, AccessDenied):
        return _ANSWERS.failed(
            f"AWS refused AssumeRole on {facts.target.role_arn}",
            _fix(facts, error),
            causes=_causes(facts, error),
            evidence=evidence,
        )
    if isinstance(error, InvalidRequest) and "DurationSeconds" in error.aws_message:
        return _ANSWERS.unknown(
            f"AWS does not allow sessions of {facts.target.vendor.session_duration} seconds here",
            "the operator sets session.duration to 900 in the vendor file; a role that itself runs under a role may "
            "ask for 3600 seconds at most",
            evidence=evidence,
        )
    if isinstance(error, BadCredentials):
        return _ANSWERS.unknown(
            f"our own credentials stopped working: {error}",
            f"This is the operator's to mend, not the customer's. {error.hint}".strip(),
            evidence=evidence,
        )
    return _ANSWERS.unknown(f"could not tell: {error}", error.hint or "try again", evidence=evidence)


def _causes(facts: Facts, error: AwsError) -> tuple[str, ...]:
    """What AWS's one AccessDenied can mean, most likely first.

    AWS answers a missing role, a wrong principal and a wrong ExternalId alike, on purpose.
    """
    vendor, caller = facts.target.vendor, facts.vendor_caller
    parameter = vendor.parameters
    causes = [
        f"the trust policy names another account: it must be {caller.account_id} "
        f"(stack parameter {parameter.vendor_account_id})",
        f"the trust policy asks for another ExternalId: it must be {facts.target.external_id} "
        f"(stack parameter {parameter.external_id})",
        f"this is not the stack's role, or it was deleted: compare {facts.target.role_arn} with the RoleArn output",
        f"our own policy does not allow {caller.arn} to call sts:AssumeRole on this role (operator)",
        "an organization policy (SCP or RCP) of the customer denies it",
    ]
    if "explicit deny" in error.aws_message:
        kind = "our own policies or organization" if "identity-based" in error.aws_message else "the role's account"
        causes.insert(0, f"a Deny statement, in {kind}: AWS says there is an explicit deny")
    if facts.target.wait < 60:
        causes.append(f"the role is minutes old and IAM has not spread it yet (tried for {facts.trial.waited:.0f} s)")
    return tuple(causes)


def _fix(facts: Facts, error: AwsError) -> str:
    if "explicit deny" in error.aws_message:
        return "find the Deny statement that matches sts:AssumeRole, and take this role out of it"
    return (
        "compare the stack's parameters with the values above; if one differs, delete the stack and create it again "
        "from the same link, then verify with --wait 60"
    )


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does the role open with this connection's ExternalId?",
    needs=("role-arn", "vendor-identity"),
    ask=ask,
)
