"""Calls that open a role, with what AWS puts into their context and what it does not.

A key that AWS never supplies for such a call (a misspelt `sts:ExternlId`, `aws:SourceAccount` for an IAM caller) is
absent, which is quite another thing than not known: `StringEquals` never matches it, `StringNotEquals` always does.
"""

from collections.abc import Mapping

from byoaws.iam.context import Values
from byoaws.iam.evaluate import Request
from byoaws.iam.principals import Kind, Principal

ASSUME_ROLE = "sts:AssumeRole"
FEDERATED_ACTIONS = ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")
EXTERNAL_ID = "sts:ExternalId"

# Gathered 2026-11-21. Sources: IAM user guide, "AWS global condition context keys"; Service Authorization Reference,
# AWS STS, AssumeRole.
_KEYS = (
    "aws:AssumedRoot aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:ChatbotSourceArn aws:CurrentTime "
    "aws:Ec2InstanceSourcePrivateIPv4 aws:Ec2InstanceSourceVpc aws:EpochTime aws:FederatedProvider "
    "aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn "
    "aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalTag/* aws:PrincipalType "
    "aws:referer aws:RequestedRegion aws:RequestTag/* aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths "
    "aws:ResourceTag/* aws:SecureTransport aws:SignInSessionArn aws:SourceIdentity aws:SourceIp aws:SourceVpc "
    "aws:SourceVpcArn aws:SourceVpce aws:TagKeys aws:TokenIssueTime aws:UserAgent aws:userid aws:username "
    "aws:ViaAWSService aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths aws:VpcSourceIp "
    "codebuild:* ec2:RoleDelivery ec2:SourceInstanceArn ecs:* eks:* glue:* iam:ResourceTag/* identitystore:* lambda:* "
    "signin:* ssm:* "
    "sts:ExternalId sts:RequestContext/* sts:RequestContextProviders sts:RoleSessionName sts:SourceIdentity "
    "sts:TransitiveTagKeys"
)
ASSUME_ROLE_KEYS = tuple(_KEYS.split())
# Only there when a service calls on behalf of a resource.
SERVICE_KEYS = (
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
)


def assume_role(
    principal: Principal, *, external_id: str | None = None, context: Mapping[str, Values] | None = None
) -> Request:
    """Return the call that opens a role for a caller, with an ExternalId or without one.

    What is not known (time, place, tags, MFA, organization) stays not known unless `context` says it. A service never
    sends an ExternalId; an identity provider's user has another action (`with_identity`).
    """
    known: dict[str, Values] = {"aws:SecureTransport": "true"}  # STS has no endpoint without TLS
    if external_id is not None:
        known[EXTERNAL_ID] = external_id
    absent = {EXTERNAL_ID} if external_id is None else set()
    if principal.kind in (Kind.USER, Kind.ROOT):
        absent |= {"aws:FederatedProvider", "aws:AssumedRoot", "ec2:SourceInstanceArn"}
    own = SERVICE_KEYS if principal.kind is Kind.SERVICE else ()
    return Request(
        principal=principal,
        action=ASSUME_ROLE,
        context={**known, **(context or {})},
        absent=absent,
        may_have=(*ASSUME_ROLE_KEYS, *own),
    )


def with_identity(principal: Principal, action: str) -> Request:
    """Return the call that opens a role for somebody whom an identity provider signed in; it has no ExternalId.

    The provider's own keys (`token.actions.githubusercontent.com:sub`) have no common form, so any key may be there.
    """
    return Request(principal=principal, action=action, absent={EXTERNAL_ID})
