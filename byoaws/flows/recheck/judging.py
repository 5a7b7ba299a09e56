"""From a claim to what is asked of AWS, and from its report to what is recorded. Pure."""

from collections.abc import Sequence

from byoaws.fleet.notify import notices
from byoaws.fleet.schedule import Policy, next_check, step
from byoaws.flows.stored import after, require_alive
from byoaws.model import ConnectionStatus, Status, VerificationReport
from byoaws.store.interface import Claim, Result
from byoaws.vendor_model import Vendor
from byoaws.verify.interface import Rotation, Target

_OPENED = frozenset({ConnectionStatus.VERIFIED, ConnectionStatus.INSECURE})
"""As it stands where the role opened at the last check that could tell."""


def refusal(claim: Claim, report: VerificationReport) -> str | None:
    """What AWS said where a role did not open that did before; None where it did, or nobody knows."""
    if claim.connection.status not in _OPENED:
        return None
    for probe in report.probes:
        if probe.name == "assume-role" and probe.status is Status.FAIL:
            return str(probe.evidence.get("aws_message") or "")
    return None


def target_of(claim: Claim, vendor: Vendor) -> Target:
    """What is to be verified; raises UsageError for another vendor's.

    Not retried while the role refuses: whoever holds out for a new role calls `verify`.
    """
    connection = claim.connection
    require_alive(connection, vendor)
    new, old = connection.pending_external_id, connection.external_id
    return Target(
        role_arn=claim.role_arn,
        external_id=new or old,
        rotation=Rotation(new=new, old=old) if new else None,
        region=connection.region,
        vendor=vendor,
        stack_name=connection.stack_name,
        bucket_name=connection.bucket_name,
        wait=0,
    )


def result_of(claim: Claim, report: VerificationReport, policy: Policy, channels: Sequence[str]) -> Result:
    """What is recorded of a check, and told."""
    before = claim.connection
    now = after(before, report)
    standing, change = step(claim.standing, report.verdict, policy, worked_before=before.verified_at is not None)
    return Result(
        claim=claim,
        connection=now,
        report=report,
        standing=standing,
        next_check_at=next_check(before.id, standing, report.checked_at, policy),
        notices=notices(change, now, report, channels) if change else (),
    )
