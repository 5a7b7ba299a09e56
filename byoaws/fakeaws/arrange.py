"""Arrangements in the accounts of the embedded AWS, each by the API calls that people would use in AWS."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from byoaws.fakeaws.console import role_paths
from byoaws.fakeaws.interface import Account, FakeAws

_REGION = "us-east-1"
"""Where IAM's calls, which have no region, are signed for."""


def create_role(
    aws: FakeAws,
    account: Account,
    name: str,
    *,
    trust: Mapping[str, Any],
    permissions: Mapping[str, Any] | None = None,
    path: str = "/",
) -> str:
    """Make a role as `account`'s administrator would, sound or not, and return its ARN.

    `trust` and `permissions` are whole policy documents.
    """
    iam = aws.client(account, "iam", _REGION)
    role = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    if permissions is not None:
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=json.dumps(permissions))
        role_paths.mend(iam, name)
    return str(role["Arn"])


def set_sandbox(aws: FakeAws, account: Account, region: str, *, sandboxed: bool) -> None:
    """Put SES of an account and region into the sandbox, or out of it. The quota shown stays that of production."""
    ses = aws.client(account, "sesv2", region)
    ses.put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://customer.example", ProductionAccessEnabled=not sandboxed
    )


def create_template_bucket(aws: FakeAws, region: str, bucket: str) -> None:
    """Make a bucket of the vendor's that everybody may read; again is harmless."""
    s3 = aws.client(aws.publisher, "s3", region)
    create_bucket(s3, bucket, region)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    # New buckets refuse public policies until this is taken away.
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def publish_template(aws: FakeAws, template: str, *, region: str, key: str, bucket: str = "") -> str:
    """Put a template where everybody may read it, and return its URL, which looks as in AWS."""
    bucket = bucket or f"byoaws-templates-{aws.publisher.account_id}-{region}"
    create_template_bucket(aws, region, bucket)
    aws.client(aws.publisher, "s3", region).put_object(Bucket=bucket, Key=key, Body=template.encode())
    return f"https://{bucket}.s3.{region}.amazonaws.com/{key}"


def create_bucket(s3: Any, bucket: str, region: str) -> None:
    """Make a bucket; one that the account has already is fine."""
    # us-east-1 is the default, and must not be named.
    place = {} if region == _REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, **place)
