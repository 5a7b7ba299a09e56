"""A bucket of the vendor's as AWS describes it, and a new one. Every call names our own account as the bucket's owner,
so that a bucket which somebody else holds under that name is neither believed nor written to.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from byoaws.aws.interface import BucketState
from byoaws.errors import AccessDenied, AwsError, NotFound, UsageError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.literals import BucketLocationConstraintType
    from types_boto3_s3.type_defs import CreateBucketRequestTypeDef

Answer = TypeVar("Answer")
_GRANT = "grant us {}; docs/real-aws.md#publish-the-template lists all that publishing needs"
# A HEAD has no body, so its refusal has no name of its own.
_REFUSED = frozenset({"403", "AccessDenied", "Forbidden"})
_TAKEN = frozenset({"BucketAlreadyExists", "BucketAlreadyOwnedByYou", "OperationAborted"})
# S3's oldest names of two regions. Source: S3 API reference, GetBucketLocation.
_OLD_NAMES = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


class Ask(Protocol):
    """Makes a call; what is refused becomes an `AccessDenied` that says what to grant."""

    def __call__(self, operation: str, grant: str, call: Callable[[], Answer]) -> Answer:
        """Return what `call` returns."""


def granting(actions: str, call: Callable[[], Answer]) -> Answer:
    """Return what `call` returns; where AWS denies it, the hint says what to grant."""
    try:
        return call()
    except AccessDenied as error:
        error.hint = _GRANT.format(actions)
        raise


class Buckets:
    """Buckets of one account, in one region."""

    def __init__(self, ask: Ask, s3: Callable[[], "S3Client"], *, account_id: str, region: str) -> None:
        self._ask = ask
        self._s3 = s3
        self._owner = account_id
        self._region = region

    def look(self, bucket: str) -> BucketState | None:
        """As `Publisher.look`."""
        region = self._region_of(bucket)
        if region is None:
            return None
        return BucketState(
            region=region,
            policy=self._policy(bucket),
            blocks_policy=self._blocks_policy(bucket),
            acls_off=self._acls_off(bucket),
            versioned=self._versioned(bucket),
        )

    def create(self, bucket: str, policy: str) -> None:
        """As `Publisher.create`."""
        try:
            self._ask(
                "s3:CreateBucket", "s3:CreateBucket and s3:PutBucketOwnershipControls", lambda: self._make(bucket)
            )
        except AwsError as error:
            if error.code not in _TAKEN:
                raise
            raise UsageError(
                f"bucket '{bucket}' was made by somebody else a moment ago", hint="look whose it is, or name another"
            ) from None
        try:
            self._set_up(bucket, policy)
        except AwsError as error:
            error.hint = f"{error.hint}; {self._remove(bucket)}".removeprefix("; ")
            raise

    def _make(self, bucket: str) -> None:
        request: CreateBucketRequestTypeDef = {"Bucket": bucket, "ObjectOwnership": "BucketOwnerEnforced"}
        if self._region != "us-east-1":  # the one region that S3 does not take as a location
            location = cast("BucketLocationConstraintType", self._region)
            request["CreateBucketConfiguration"] = {"LocationConstraint": location}
        self._s3().create_bucket(**request)

    def _set_up(self, bucket: str, policy: str) -> None:
        """Versioning before anything is written, and public last."""
        self._ask(
            "s3:PutBucketVersioning",
            "s3:PutBucketVersioning",
            lambda: self._s3().put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}, ExpectedBucketOwner=self._owner
            ),
        )
        self._ask(
            "s3:PutPublicAccessBlock",
            "s3:PutBucketPublicAccessBlock",
            lambda: self._s3().put_public_access_block(
                Bucket=bucket,
                ExpectedBucketOwner=self._owner,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": True,
                    "IgnorePublicAcls": True,
                    "BlockPublicPolicy": False,  # new buckets refuse public policies
                    "RestrictPublicBuckets": False,
                },
            ),
        )
        self._ask(
            "s3:PutBucketPolicy",
            "s3:PutBucketPolicy, and have no account-wide block of public policies",
            lambda: self._s3().put_bucket_policy(Bucket=bucket, Policy=policy, ExpectedBucketOwner=self._owner),
        )

    def _remove(self, bucket: str) -> str:
        """Remove the bucket that was just made, and is empty; say what came of it."""
        try:
            self._ask(
                "s3:DeleteBucket",
                "s3:DeleteBucket",
                lambda: self._s3().delete_bucket(Bucket=bucket, ExpectedBucketOwner=self._owner),
            )
        except AwsError:
            return f"bucket '{bucket}' was made, is empty and not set up: delete it before you try again"
        return f"the new bucket '{bucket}' was removed again"

    def _region_of(self, bucket: str) -> str | None:
        try:
            answer = self._ask(
                "s3:HeadBucket",
                "s3:ListBucket",
                lambda: self._s3().head_bucket(Bucket=bucket, ExpectedBucketOwner=self._owner),
            )
        except NotFound:
            return None
        except AwsError as error:
            if error.code in _REFUSED:
                raise self._refused(bucket) from None
            raise
        if named := answer.get("BucketRegion"):
            return named
        found = self._ask(
            "s3:GetBucketLocation",
            "s3:GetBucketLocation",
            lambda: self._s3().get_bucket_location(Bucket=bucket, ExpectedBucketOwner=self._owner),
        )
        location: str | None = found.get("LocationConstraint")
        return _OLD_NAMES.get(location) or str(location)

    def _refused(self, bucket: str) -> UsageError | AccessDenied:
        """S3 refuses alike what is another account's and what we lack a permission for; our own list tells them apart.

        Raises:
            AccessDenied: we may not list our buckets either.
        """
        answer = self._ask(
            "s3:ListBuckets",
            f"s3:ListBucket on '{bucket}', if the bucket is yours, or s3:ListAllMyBuckets to tell whether it is",
            lambda: self._s3().list_buckets(Prefix=bucket),
        )
        if any(found.get("Name") == bucket for found in answer.get("Buckets", ())):
            return AccessDenied(
                f"s3:HeadBucket: aws refused the call on our own bucket '{bucket}'",
                operation="s3:HeadBucket",
                code="AccessDenied",
                hint=_GRANT.format("s3:ListBucket on it"),
            )
        return UsageError(
            f"bucket '{bucket}' belongs to another account than ours, {self._owner}",
            hint="choose another name: whoever holds the bucket decides what customers deploy",
        )

    def _policy(self, bucket: str) -> str | None:
        try:
            answer = self._ask(
                "s3:GetBucketPolicy",
                "s3:GetBucketPolicy",
                lambda: self._s3().get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=self._owner),
            )
        except AwsError as error:
            return self._none_of("NoSuchBucketPolicy", error)
        return answer["Policy"]

    def _blocks_policy(self, bucket: str) -> bool:
        try:
            answer = self._ask(
                "s3:GetPublicAccessBlock",
                "s3:GetBucketPublicAccessBlock",
                lambda: self._s3().get_public_access_block(Bucket=bucket, ExpectedBucketOwner=self._owner),
            )
        except AwsError as error:
            self._none_of("NoSuchPublicAccessBlockConfiguration", error)
            return False
        # BlockPublicPolicy only keeps policies from being set; a policy that is there already works on.
        return bool(answer["PublicAccessBlockConfiguration"].get("RestrictPublicBuckets"))

    def _acls_off(self, bucket: str) -> bool:
        try:
            answer = self._ask(
                "s3:GetBucketOwnershipControls",
                "s3:GetBucketOwnershipControls",
                lambda: self._s3().get_bucket_ownership_controls(Bucket=bucket, ExpectedBucketOwner=self._owner),
            )
        except AwsError as error:
            self._none_of("OwnershipControlsNotFoundError", error)
            return False
        rules = answer["OwnershipControls"].get("Rules") or ()
        return bool(rules) and all(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)

    def _versioned(self, bucket: str) -> bool:
        answer = self._ask(
            "s3:GetBucketVersioning",
            "s3:GetBucketVersioning",
            lambda: self._s3().get_bucket_versioning(Bucket=bucket, ExpectedBucketOwner=self._owner),
        )
        return answer.get("Status") == "Enabled"

    @staticmethod
    def _none_of(code: str, error: AwsError) -> None:
        """Return None if AWS says that there is none; any other error is one."""
        if error.code != code:
            raise error
