"""Building block `user`: an IAM user for software that the customer runs itself, and its access key in Secrets Manager.

A role is better wherever the software runs in AWS: its credentials end by themselves. Source: IAM user guide,
"Security best practices in IAM". The key is never an output: whoever may describe the stack would read it.
"""

from troposphere import Equals, GetAtt, If, Ref, Sub, encode_to_dict, iam, secretsmanager

from byoaws.errors import UsageError
from byoaws.iam.compose import check_size, permission_policy
from byoaws.templates.stack import Stack
from byoaws.vendor_model import Access

USER = "User"
_KEY, _SECRET = "AccessKey", "AccessKeySecret"
_WITH_KEY = "MakesAccessKey"
_PARAMETER = "MakeAccessKey"


def add(stack: Stack) -> None:
    """Add the user, its policy and, where it is asked for, its key.

    Raises:
        UsageError: the vendor's access is by a role.
        PolicyError: the permissions are larger than AWS allows.
    """
    vendor = stack.vendor
    if vendor.access is not Access.USER:
        raise UsageError(
            f"vendor '{vendor.name}': block 'user' makes a user, but its access is by a role",
            hint="set access: user in the vendor file, or use block 'access'",
        )
    stack.parameter(
        _PARAMETER,
        group="Access",
        label="Make an access key",
        Description=(
            f"yes: an access key is made and put in Secrets Manager, for {vendor.title} outside AWS. no: none is made; "
            "better where it runs in AWS: attach the same policy to the role of its instance or container"
        ),
        Default="yes",
        AllowedValues=["yes", "no"],
    )
    stack.template.add_condition(_WITH_KEY, Equals(Ref(_PARAMETER), "yes"))
    document = permission_policy(vendor.packs, stack.resolve)
    check_size(encode_to_dict(document))
    policy = iam.Policy(PolicyName=f"{vendor.name}-permissions", PolicyDocument=document)
    user = iam.User(USER, Path=vendor.role_path, Policies=[policy])
    if vendor.user_name:
        user.UserName = vendor.user_name
    stack.add(user)
    _add_key(stack)
    stack.output("UserName", Ref(USER), f"The user whose keys {vendor.title} works with")
    stack.output(
        "AccessKeySecretArn",
        If(_WITH_KEY, GetAtt(_SECRET, "Id"), "no access key was made"),
        "Where the access key is: read it once, as JSON, with aws secretsmanager get-secret-value",
    )


def _add_key(stack: Stack) -> None:
    stack.add(iam.AccessKey(_KEY, Condition=_WITH_KEY, UserName=Ref(USER)))
    # Fn::Sub only references the key: its value is in no template, output or event. The names are those that AWS's
    # SDKs read from the environment.
    text = '{"AWS_ACCESS_KEY_ID":"${AccessKey}","AWS_SECRET_ACCESS_KEY":"${AccessKey.SecretAccessKey}"}'
    stack.add(
        secretsmanager.Secret(
            _SECRET,
            Condition=_WITH_KEY,
            Description=f"Access key of the user that {stack.vendor.name} works with",
            SecretString=Sub(text),
        )
    )
