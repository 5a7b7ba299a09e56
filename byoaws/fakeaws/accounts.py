"""The accounts of the embedded AWS, and the users in them.

MiniStack takes a 12-digit access key id for the root of the account of that number, which exists at once. The root is
used here and nowhere else: in AWS it may not call AssumeRole, so nothing that a root is allowed proves anything.
"""

import json
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from byoaws.errors import FakeAwsError
from byoaws.fakeaws.clients import Clients
from byoaws.fakeaws.interface import Account

# AWS's own example account ids, which belong to nobody.
VENDOR_ID = "111122223333"
CUSTOMER_ID = "444455556666"
FIRST_FURTHER_CUSTOMER = 700_000_000_001
HOME_REGION = "us-east-1"

ASSUME_ROLES = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/*"}
ADMINISTRATOR = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def root_of(account_id: str, secret: str) -> Account:
    """Return the root of an account; `secret` is the same for all."""
    return Account(
        account_id=account_id,
        access_key_id=account_id,
        secret_access_key=secret,
        principal_arn=f"arn:aws:iam::{account_id}:root",
    )


def create_user(clients: Clients, root: Account, name: str, statements: Sequence[dict[str, Any]]) -> Account:
    """Make a user with an access key, allowed what `statements` say.

    Raises:
        FakeAwsError: the embedded AWS refused, or what answers there is not the server that was started.
    """
    iam = clients.open(root, "iam", HOME_REGION)
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    try:
        user = iam.create_user(UserName=name)["User"]
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
    except (ClientError, BotoCoreError) as error:
        raise FakeAwsError(f"user '{name}' could not be made in account {root.account_id}: {error}") from error
    return Account(
        account_id=root.account_id,
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
        principal_arn=user["Arn"],
    )
