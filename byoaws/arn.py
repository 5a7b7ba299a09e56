"""Role ARNs: taken apart, checked, and never guessed."""

import re
from dataclasses import dataclass

from byoaws.errors import ArnError

ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
PARTITIONS = ("aws", "aws-us-gov", "aws-cn", "aws-eusc")

# Source: botocore iam, shapes roleNameType and pathType; sts, shape arnType (20 to 2048 characters).
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_PATH = re.compile(r"/([\x21-\x2e\x30-\x7e]+/)*", re.ASCII)
_MAX_PATH = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleArn:
    """`arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`."""

    partition: str
    account_id: str
    path: str
    """Begins and ends with `/`."""
    name: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role{self.path}{self.name}"


def parse_role_arn(text: str) -> RoleArn:
    """Take a role ARN apart.

    Raises:
        ArnError: not the ARN of an IAM role; the message names the part that is wrong.
    """
    shown = text if len(text) <= 120 else text[:117] + "..."
    expected = "expected arn:aws:iam::123456789012:role/NAME, as the stack's Outputs tab shows it under RoleArn"
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ArnError(f"'{shown}' is not an ARN", hint=expected)
    _, partition, service, region, account_id, resource = parts
    if partition not in PARTITIONS:
        raise ArnError(f"'{shown}': '{partition}' is not an AWS partition", hint=f"known: {', '.join(PARTITIONS)}")
    if service == "sts" and resource.startswith("assumed-role/"):
        raise ArnError(f"'{shown}' is a session of a role, not the role itself", hint=expected)
    if service != "iam" or region:
        raise ArnError(f"'{shown}' is not the ARN of an IAM role", hint=expected)
    if not ACCOUNT_ID.fullmatch(account_id):
        raise ArnError(f"'{shown}': the account id '{account_id}' is not 12 digits", hint=expected)
    kind, slash, rest = resource.partition("/")
    if kind != "role" or not slash:
        raise ArnError(f"'{shown}' is not the ARN of an IAM role", hint=expected)
    head, _, name = rest.rpartition("/")
    path = f"/{head}/" if head else "/"
    if not _ROLE_NAME.fullmatch(name):
        raise ArnError(f"'{shown}': '{name}' is not a role name AWS allows", hint=expected)
    if len(path) > _MAX_PATH or not _ROLE_PATH.fullmatch(path):
        raise ArnError(f"'{shown}': '{path}' is not a role path AWS allows", hint=expected)
    return RoleArn(partition=partition, account_id=account_id, path=path, name=name)
