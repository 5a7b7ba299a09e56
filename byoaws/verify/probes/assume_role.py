"""Probe `assume-role`: does the role open with this connection's ExternalId?"""

from byoaws.aws.interface import Caller
from byoaws.errors import AccessDenied, AwsError, BadCredentials, InvalidRequest
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts, Probe, TrustTrial
from byoaws.verify.refusals import operators, our_policy

_ANSWERS = Answers("V203", "assume-role")


async def ask(facts: Facts) -> ProbeResult:
    """Judge the AssumeRole call that sent the right ExternalId."""
    trial = await facts.trial()
    error = trial.right.error
    if error is None:
        waited = f" after {trial.waited:.0f} s" if trial.tries > 1 else ""
        return _ANSWERS.passed(f"opens with this connection's ExternalId{waited}", evidence={"tries": trial.tries})
    evidence: dict[str, Json] = {**evidence_of(error), "tries": trial.tries, "waited_seconds": round(trial.waited, 1)}
    if not isinstance(error, AccessDenied) or our_policy(error):
        summary, hint = await _inconclusive(facts, error)
        return _ANSWERS.unknown(summary, operators(hint), evidence=evidence)
    return _ANSWERS.failed(
        f"AWS refused AssumeRole on {facts.target.role_arn}",
        _fix(error),
        causes=_causes(facts, await facts.vendor_caller(), trial, error),
        evidence=evidence,
    )


async def _inconclusive(facts: Facts, error: AwsError) -> tuple[str, str]:
    """What an error that is not the role's own refusal means, and what the operator does."""
    ours = our_policy(error)
    if ours:
        return (
            f"a policy of our own ({ours}) stopped AssumeRole, so the role was never asked",
            f"Let {(await facts.vendor_caller()).arn} call sts:AssumeRole on {facts.target.role_arn}.",
        )
    if isinstance(error, InvalidRequest) and "DurationSeconds" in error.aws_message:
        return (
            f"AWS does not allow sessions of {facts.target.vendor.session_duration} seconds here",
            "Set session.duration to 900 in the vendor file; a role that itself runs under a role may ask for 3600 "
            "seconds at most.",
        )
    if isinstance(error, BadCredentials):
        return f"our own credentials stopped working: {error}", error.hint
    return f"could not tell: {error}", error.hint or "Try again."


def _causes(facts: Facts, caller: Caller, trial: TrustTrial, error: AwsError) -> tuple[str, ...]:
    """What AWS's one AccessDenied can mean, most likely first.

    AWS answers a missing role, a wrong principal and a wrong ExternalId alike, on purpose. A service control policy of
    the customer's is not among them: it binds the customer's principals, and the caller is ours.
    """
    parameter = facts.target.vendor.parameters
    causes = [
        f"the trust policy names another account: it must be {caller.account_id} "
        f"(stack parameter {parameter.vendor_account_id})",
        f"the trust policy asks for another ExternalId: it must be {facts.target.external_id} "
        f"(stack parameter {parameter.external_id})",
        f"this is not the stack's role, or it was deleted: compare {facts.target.role_arn} with the RoleArn output",
        f"our own policy does not allow {caller.arn} to call sts:AssumeRole on this role (operator)",
        "an organization policy of the customer (resource control policy, RCP) denies it",
    ]
    if _denied_explicitly(error):
        causes.insert(0, "a Deny statement on the role's side, in its trust policy or in an organization policy (RCP)")
    if facts.target.wait < 60:
        causes.append(f"the role is minutes old and IAM has not spread it yet (tried for {trial.waited:.0f} s)")
    return tuple(causes)


def _fix(error: AwsError) -> str:
    if _denied_explicitly(error):
        return "the customer finds the Deny statement that matches sts:AssumeRole, and takes our principal out of it"
    return (
        "compare the stack's parameters with the values above; if one differs, delete the stack and create it again "
        "from the same link, then verify with --wait 60"
    )


def _denied_explicitly(error: AwsError) -> bool:
    return "explicit deny" in error.aws_message.lower()


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Does the role open with this connection's ExternalId?",
    needs=("role-arn", "vendor-identity"),
    ask=ask,
)
