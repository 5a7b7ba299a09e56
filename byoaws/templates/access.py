"""Building block `access`: the role that the vendor assumes, and what it may do."""

from troposphere import GetAtt, Ref, encode_to_dict, iam

from byoaws.errors import UsageError
from byoaws.iam.compose import check_size, packs_of, permission_policy
from byoaws.iam.trust import principal_arn, principal_pattern, trust_policy
from byoaws.templates.names import ACCESS_POLICY, ACCESS_ROLE, REGISTRATION
from byoaws.templates.stack import Stack, sub
from byoaws.vendor_model import Access, SecretMode

_SECRET_PACK = "webhook-secret-read"  # noqa: S105  a pack's name


def add(stack: Stack) -> None:
    """Add the cross-account role.

    Raises:
        UsageError: the stack makes a secret that the vendor's packs do not let it read, so no webhook could be checked.
        PolicyError: the permissions are larger than AWS allows.
    """
    vendor = stack.vendor
    if vendor.access is not Access.ROLE:
        raise UsageError(
            f"vendor '{vendor.name}': block 'access' makes a role, but its access is by a user's keys",
            hint="set access: role in the vendor file, or use block 'user'",
        )
    if stack.has("forwarder") and vendor.webhook_secret is SecretMode.GENERATED and _SECRET_PACK not in vendor.packs:
        raise UsageError(
            f"vendor '{vendor.name}': with webhook_secret: generated the vendor must read the secret once",
            hint=f"add '{_SECRET_PACK}' to packs in the vendor file",
        )
    external_id = _add_parameters(stack)
    where = {"partition": "${AWS::Partition}", "account_id": f"${{{vendor.parameters.vendor_account_id}}}"}
    pattern = principal_pattern(vendor.account, **where)
    role = iam.Role(
        ACCESS_ROLE,
        Path=vendor.role_path,
        # The name, since IAM takes no letters beyond Latin-1 here, and a title may have them.
        Description=f"Lets {vendor.name} use the resources of this stack",
        MaxSessionDuration=max(3600, vendor.session_duration),
        AssumeRolePolicyDocument=trust_policy(
            principal=sub(principal_arn(vendor.account, **where)),
            external_id=external_id,
            only=sub(pattern) if pattern else None,
        ),
    )
    if vendor.role_name:
        role.RoleName = vendor.role_name
        # A linter need not tell the customer of what the vendor chose.
        role.Metadata = {
            "FixedName": f"{vendor.name} asks for a role of this name, so an account can have one such stack",
            "cfn-lint": {"config": {"ignore_checks": ["W9124"]}},
        }
    stack.add(role)
    _add_permissions(stack)
    stack.output("RoleArn", GetAtt(ACCESS_ROLE, "Arn"), f"Paste this into {vendor.title}")


def _add_parameters(stack: Stack) -> Ref:
    """Declare who is let in, and return the ExternalId."""
    vendor = stack.vendor
    external_id = stack.parameter(
        vendor.parameters.external_id,
        group="Connection",
        label="External ID",
        Description=f"Given by {vendor.title}. The role opens only for who presents it",
        AllowedPattern=r"[\w+=,.@:/-]+",
        MinLength=16,
        MaxLength=1224,
    )
    stack.parameter(
        vendor.parameters.vendor_account_id,
        group="Connection",
        label=f"AWS account of {vendor.title}",
        Description=f"The account in which {vendor.title} runs; only it can use the role",
        AllowedPattern="[0-9]{12}",
        ConstraintDescription="must be 12 digits",
    )
    return external_id


def _add_permissions(stack: Stack) -> None:
    stack.names["stack:role"] = f"{stack.vendor.role_path}${{{ACCESS_ROLE}}}"
    if stack.has("registration"):
        # Made after this block, and named by it.
        stack.names["stack:registration-function"] = f"${{{REGISTRATION}.Arn}}"
    document = permission_policy(packs_of(stack.vendor), stack.resolve)
    check_size(encode_to_dict(document))
    # A resource of its own, since it names the role itself.
    stack.add(
        iam.PolicyType("AccessPolicy", Roles=[Ref(ACCESS_ROLE)], PolicyName=ACCESS_POLICY, PolicyDocument=document)
    )
