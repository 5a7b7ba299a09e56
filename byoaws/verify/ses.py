"""What probes of SES have in common: a missing permission, and a region that is not enabled."""

from byoaws.errors import AccessDenied, RegionDisabled
from byoaws.model import ProbeResult
from byoaws.vendor_model import Access
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of
from byoaws.verify.interface import Facts


def action_missing(answers: Answers, facts: Facts, action: str, error: AccessDenied) -> ProbeResult:
    """FAIL: we are in, but lack one action."""
    by_role = facts.target.vendor.access is Access.ROLE
    subject, whose = ("the role opens, but", "role") if by_role else ("the keys", "user")
    return answers.failed(
        f"{subject} may not call {action} in {facts.target.region}",
        f"the customer adds the action {action} on resource * to the {whose}, or updates the stack",
        causes=(
            f"the {whose}'s permission policy lacks {action}",
            "an organization policy (SCP) or permissions boundary denies SES, or this region",
        ),
        evidence=evidence_of(error),
    )


def region_disabled(answers: Answers, region: str, error: RegionDisabled) -> ProbeResult:
    """UNKNOWN: SES there does not accept the session. Source: STS user guide, "Managing AWS STS in an AWS Region"."""
    return answers.unknown(
        f"SES in {region} does not accept the role's session",
        f"the customer enables region {region} for the account, if it is an opt-in region",
        causes=(
            f"region {region} is not enabled in the customer's account",
            *((f"AWS says: {error.aws_message}",) if error.aws_message else ()),
        ),
        evidence=evidence_of(error),
    )
