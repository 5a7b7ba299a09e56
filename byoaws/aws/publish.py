"""The vendor's bucket of templates, which any customer's CloudFormation reads. Whether it is fit for that is judged
elsewhere; here it is looked at, made, and written to, without ever writing over what somebody else wrote.
"""

from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.config import Config

from byoaws.aws.answers import caller_of
from byoaws.aws.bucket import Buckets, granting
from byoaws.aws.interface import BucketState, Publisher, StoredObject
from byoaws.aws.s3 import bounded
from byoaws.aws.session import Answer, Limits, VendorSession
from byoaws.errors import AwsError, InvalidRequest, NotFound
from byoaws.regions import partition_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sts import STSClient

_LONGEST = 5_000_000
"""Bytes; of an index of ten thousand templates."""

# Source: S3 user guide, "How to prevent object overwrites with conditional writes": 412 where the object is another
# than was said, 409 where somebody is writing it just now.
_SOMEBODY_ELSE = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


class S3Publisher(Publisher):
    """Buckets in one region, with the vendor's own credentials. Not for two threads at once."""

    def __init__(self, profile: str | None, region: str, *, limits: Limits | None = None) -> None:
        """Take the profile (None: as AWS_PROFILE says) and the bucket's region."""
        self._session = VendorSession(profile, limits or Limits())
        self._region = region

    @cached_property
    def _s3(self) -> "S3Client":
        # Path-style: one host for every bucket, and it is the one that AWS_ENDPOINT_URL names.
        config = Config(s3={"addressing_style": "path"})
        return self._session.boto.client("s3", region_name=self._region, config=config)

    @cached_property
    def _account_id(self) -> str:
        operation = "sts:GetCallerIdentity"

        def ask() -> dict[str, object]:
            region = partition_of(self._region).sts_region
            sts: STSClient = self._session.boto.client("sts", region_name=region)
            return dict(sts.get_caller_identity())

        return caller_of(self._session.ask(operation, ask), operation).account_id

    @cached_property
    def _buckets(self) -> Buckets:
        return Buckets(self._ask, lambda: self._s3, account_id=self._account_id, region=self._region)

    def look(self, bucket: str) -> BucketState | None:
        """Who may do what with the bucket; None where nobody has a bucket of that name.

        Raises:
            UsageError: it is another account's.
            AwsError: AWS did not say.
        """
        return self._buckets.look(bucket)

    def create(self, bucket: str, policy: str) -> None:
        """Create the bucket, which nobody may have: versioned, access control lists off, with that policy.

        Raises:
            UsageError: somebody has one of that name; it was left as it is.
            AwsError: AWS refused, or did not answer; what was made is gone again, or the hint says that it is not.
        """
        self._buckets.create(bucket, policy)

    def read(self, bucket: str, key: str) -> StoredObject | None:
        """The object; None where there is none. Needs s3:ListBucket too: without it S3 does not say that there is none.

        Raises:
            InvalidRequest: it is larger than anything that byoaws writes.
            AwsError: of another kind.
        """

        def get() -> StoredObject:
            answer = self._s3.get_object(Bucket=bucket, Key=key, ExpectedBucketOwner=self._account_id)
            # Not the body's own `with`: that hands out urllib3's stream, which checks neither length nor checksum.
            with closing(answer["Body"]) as body:
                content = bounded(body, _LONGEST)
            return StoredObject(body=content, etag=answer["ETag"], version_id=answer.get("VersionId") or "null")

        try:
            found = self._ask("s3:GetObject", "s3:GetObject and s3:ListBucket", get)
        except NotFound as error:
            if error.code == "NoSuchBucket":
                raise
            return None
        if len(found.body) > _LONGEST:
            raise InvalidRequest(
                f"'{bucket}/{key}' has more than {_LONGEST:,} bytes, so byoaws did not write it",
                operation="s3:GetObject",
                hint="look at it, and at its versions",
            )
        return found

    def ever_held(self, bucket: str, prefix: str) -> bool:
        """True if there is, or was, any object whose key begins so, deleted ones included.

        Raises:
            AwsError: AWS did not say.
        """
        answer = self._ask(
            "s3:ListObjectVersions",
            "s3:ListBucketVersions",
            lambda: self._s3.list_object_versions(
                Bucket=bucket, Prefix=prefix, MaxKeys=1, ExpectedBucketOwner=self._account_id
            ),
        )
        return bool(answer.get("Versions") or answer.get("DeleteMarkers"))

    def put_new(self, bucket: str, key: str, body: bytes, *, content_type: str) -> str | None:
        """Write an object where there is none, and return its version id; None, and nothing written, where one is.

        Raises:
            AwsError: AWS refused, or did not answer; whether it was written is then open.
        """
        try:
            answer = self._ask(
                "s3:PutObject",
                "s3:PutObject",
                lambda: self._s3.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    IfNoneMatch="*",
                    ExpectedBucketOwner=self._account_id,
                ),
            )
        except AwsError as error:
            if error.code in _SOMEBODY_ELSE:
                return None
            raise
        # Versioning of a new bucket takes effect after some minutes; until then there is one version, called null.
        return answer.get("VersionId") or "null"

    def replace(self, bucket: str, key: str, body: bytes, *, content_type: str, etag: str) -> bool:
        """Write over the object that has this ETag; False, and nothing written, where it has changed since.

        Raises:
            AwsError: as `put_new`.
        """
        try:
            self._ask(
                "s3:PutObject",
                "s3:PutObject and s3:GetObject",
                lambda: self._s3.put_object(
                    Bucket=bucket,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    IfMatch=etag,
                    ExpectedBucketOwner=self._account_id,
                ),
            )
        except NotFound as error:
            if error.code == "NoSuchBucket":
                raise
            return False
        except AwsError as error:
            if error.code in _SOMEBODY_ELSE:
                return False
            raise
        return True

    def _ask(self, operation: str, grant: str, call: Callable[[], Answer]) -> Answer:
        return granting(grant, lambda: self._session.ask(operation, call))
