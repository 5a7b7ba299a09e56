"""Probe `key-permissions`: may the keys do what the vendor's policy lists, as far as harmless calls can tell?"""

from collections.abc import Mapping
from typing import Any

from byoaws.aws.question import Question
from byoaws.aws.questions import email_identity, send_from
from byoaws.errors import AccessDenied, AwsError
from byoaws.iam.compose import actions, packs_of
from byoaws.model import Json, ProbeResult
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts, Probe

_ANSWERS = Answers("V403", "key-permissions")

# `.invalid` belongs to nobody and can never be verified (RFC 2606), so SES can send nothing. That IAM is asked before
# SES looks for the identity is observed, not documented: AWS denies by IAM, naming the identity, where the identity is
# not even there (cloudposse/terraform-aws-ses#40).
_NOBODY = "byoaws-probe.invalid"
_LET_THROUGH = frozenset({"NotFoundException", "MessageRejected", "MailFromDomainNotVerifiedException"})
"""What SES says of an identity, once IAM has let a call through; what it says of the account (paused, suspended) tells
nothing of IAM. Source: botocore sesv2."""
_TRIES: Mapping[str, Question[Any]] = {
    "ses:SendEmail": send_from(f"nobody@{_NOBODY}"),
    "ses:GetEmailIdentity": email_identity(_NOBODY),
}


async def ask(facts: Facts) -> ProbeResult:
    """Try each action of the vendor's packs that a harmless call can try; `ses:GetAccount` has a probe of its own."""
    wanted = list(actions(packs_of(facts.target.vendor)))
    tried = [action for action in wanted if action in _TRIES]
    missing: list[AccessDenied] = []
    for action in tried:
        try:
            await facts.ask(_TRIES[action])
        except AccessDenied as error:
            missing.append(error)
        except AwsError as error:
            if error.code in _LET_THROUGH:
                continue
            return _ANSWERS.unknown(
                f"could not tell whether {action} is allowed: {error}",
                error.hint or "try again",
                evidence=evidence_of(error),
            )
    evidence: dict[str, Json] = {"tried": list(tried), "not_tried": [name for name in wanted if name not in _TRIES]}
    if missing:
        names = ", ".join(error.operation for error in missing)
        return _ANSWERS.failed(
            f"the keys may not call {names}",
            f"attach the policy that `byoaws policy permissions --vendor {facts.target.vendor.option}` prints",
            causes=(
                "the policy was not attached to the user whose keys these are",
                "the policy names the actions of the SES API v1, where v2 is called",
                "the policy is restricted to identities of another domain, region or account",
            ),
            evidence={**evidence_of(missing[0]), **evidence},
        )
    if not tried:
        return _ANSWERS.unknown(
            "none of the vendor's actions can be tried by a harmless call",
            "until a pack asks for one that can (such as ses:SendEmail), these keys cannot be verified",
            evidence=evidence,
        )
    return _ANSWERS.passed(f"may call {', '.join(tried)}", evidence=evidence)


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="May the keys do what the vendor needs?",
    needs=("key-identity",),
    ask=ask,
)
