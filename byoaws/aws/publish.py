"""Puts templates where any customer's CloudFormation can read them, and lets nobody read anything else there."""

import json
from functools import cached_property
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from botocore.config import Config

from byoaws.aws.session import Limits, VendorSession
from byoaws.errors import NotFound, UsageError
from byoaws.regions import partition_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.literals import BucketLocationConstraintType
    from types_boto3_s3.type_defs import CreateBucketRequestTypeDef

PUBLIC_PREFIX = "templates/"
"""What anyone may read."""


class S3Publisher:
    """The vendor's bucket of templates. Every method raises `AwsError` or one of its kinds, or `UsageError`."""

    def __init__(self, profile: str | None, region: str, *, limits: Limits | None = None) -> None:
        """Take the profile (None: as AWS_PROFILE says) and the bucket's region."""
        self._session = VendorSession(profile, limits or Limits())
        self._region = region

    @cached_property
    def _s3(self) -> "S3Client":
        config = Config(s3={"addressing_style": "path"})
        return self._session.boto.client("s3", region_name=self._region, config=config)

    def create_bucket(self, bucket: str) -> None:
        """Create `bucket`, whose objects under `templates/` anyone may read; ACLs stay without effect.

        Raises:
            UsageError: the bucket exists. What else it holds, and its policy, are not ours to open.
        """
        # S3 answers "created" for an own bucket in us-east-1, so creating it does not tell.
        if self._exists(bucket):
            raise UsageError(f"bucket '{bucket}' exists already", hint="choose another name for the public bucket")
        self._create(bucket)
        self._session.ask("s3:PutPublicAccessBlock", lambda: self._allow_public_policy(bucket))
        policy = json.dumps(public_read_policy(bucket, self._region))
        self._session.ask("s3:PutBucketPolicy", lambda: self._s3.put_bucket_policy(Bucket=bucket, Policy=policy))

    def put_template(self, bucket: str, key: str, body: bytes, *, content_type: str) -> str:
        """Upload a template and return its public URL.

        Raises:
            UsageError: `key` is not under `templates/`, so nobody could read it.
        """
        if not key.startswith(PUBLIC_PREFIX) or key == PUBLIC_PREFIX:
            raise UsageError(f"key '{key}' is not public", hint=f"only keys under '{PUBLIC_PREFIX}' are")
        self._session.ask(
            "s3:PutObject",
            lambda: self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type),
        )
        host = f"s3.{self._region}.{partition_of(self._region).dns_suffix}"
        path = quote(key)
        # A dot in the bucket's name breaks TLS in the first form.
        return f"https://{host}/{bucket}/{path}" if "." in bucket else f"https://{bucket}.{host}/{path}"

    def _create(self, bucket: str) -> None:
        request: CreateBucketRequestTypeDef = {"Bucket": bucket}
        if self._region != "us-east-1":  # the one region that S3 does not take as a location
            location = cast("BucketLocationConstraintType", self._region)
            request["CreateBucketConfiguration"] = {"LocationConstraint": location}
        self._session.ask("s3:CreateBucket", lambda: self._s3.create_bucket(**request))

    def _allow_public_policy(self, bucket: str) -> None:
        self._s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": False,  # new buckets refuse public policies
                "RestrictPublicBuckets": False,
            },
        )

    def _exists(self, bucket: str) -> bool:
        try:
            self._session.ask("s3:HeadBucket", lambda: self._s3.head_bucket(Bucket=bucket))
        except NotFound:
            return False
        return True


def public_read_policy(bucket: str, region: str) -> dict[str, object]:
    """Return a bucket policy that lets anyone read what is under `templates/`, and list nothing."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AnyoneReadsTemplates",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:{partition_of(region).name}:s3:::{bucket}/{PUBLIC_PREFIX}*",
            }
        ],
    }
