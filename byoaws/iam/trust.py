"""Trust policies: who may assume the customer's role, and only with the ExternalId.

The same statement is built for a person to paste (plain strings) and for the stack (CloudFormation intrinsics), so
the two can never differ.
"""

from typing import Any

from byoaws.vendor_model import VendorAccount

ASSUME_ROLE = "sts:AssumeRole"
EXTERNAL_ID_KEY = "sts:ExternalId"


def trust_policy(*, principal: Any, external_id: Any, only: Any = None) -> dict[str, Any]:
    """Build a trust policy with one statement.

    Args:
        principal: ARN of the vendor's role or account root; text or an intrinsic.
        external_id: The connection's ExternalId; text or an intrinsic.
        only: ARN pattern that the calling principal must match as well, where `principal` is an account root.

    The ExternalId stands under `StringEquals`, which a request without the key never satisfies. Source: IAM user
    guide, "Access to AWS accounts owned by third parties" and "IAM JSON policy elements: Condition operators".
    """
    condition: dict[str, dict[str, Any]] = {"StringEquals": {EXTERNAL_ID_KEY: external_id}}
    if only is not None:
        condition["ArnLike"] = {"aws:PrincipalArn": only}
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": ASSUME_ROLE,
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def principal_arn(account: VendorAccount, *, partition: str, account_id: str) -> str:
    """Return the ARN that the trust policy names: the vendor's one role, or its account root."""
    resource = account.role_arn.split(":", 5)[5] if account.role_arn else "root"
    return f"arn:{partition}:iam::{account_id}:{resource}"


def principal_pattern(account: VendorAccount, *, partition: str, account_id: str) -> str | None:
    """Return the pattern that narrows an account root to some of its principals; None where nothing narrows it."""
    if account.role_arn or not account.principal:
        return None
    return f"arn:{partition}:iam::{account_id}:{account.principal}"
