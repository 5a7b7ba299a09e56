"""The ports to AWS, and what calls return. Verification asks `Session`, in `question.Question`s; the rest is sync.

Every method raises `byoaws.errors.AwsError` or one of its kinds, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from byoaws.aws.question import Question
from byoaws.model import Json

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What GetCallerIdentity answers."""

    account_id: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SesAccount:
    """What sesv2 GetAccount answers; a field AWS left out is None."""

    production_access: bool | None
    """False while in the sandbox."""
    sending_enabled: bool | None
    enforcement_status: str | None
    """HEALTHY, PROBATION or SHUTDOWN."""
    max_24_hour_send: float | None
    """-1 is unlimited."""
    max_send_rate: float | None
    """Messages a second."""
    sent_last_24_hours: float | None
    review_status: str | None
    """Of the request for production access: PENDING, FAILED, GRANTED or DENIED."""
    review_case_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendQuota:
    """What ses (v1) GetSendQuota answers; a field AWS left out is None."""

    max_24_hour_send: float | None
    """-1 is unlimited."""
    max_send_rate: float | None
    """Messages a second."""
    sent_last_24_hours: float | None


class Session(Protocol):
    """A session in the customer's account, for any number of tasks."""

    async def ask(self, question: Question[T]) -> T:
        """Make one call."""


class VendorPort(Protocol):
    """The vendor's own credentials, for any number of tasks."""

    async def caller(self) -> Caller:
        """STS GetCallerIdentity."""

    async def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> Session:
        """STS AssumeRole, `duration` in seconds; None sends no ExternalId. `region` is the connection's."""


class CustomerAws(Protocol):
    """A session in the customer's account, one call at a time."""

    def ask(self, question: Question[T]) -> T:
        """Make one call."""

    def caller(self) -> Caller:
        """STS GetCallerIdentity; needs no permission."""

    def ses_account(self) -> SesAccount:
        """SES v2 GetAccount, in the connection's region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailIdentity:
    """What sesv2 GetEmailIdentity answers of a domain; a field AWS left out is None."""

    verified: bool | None
    """May it send?"""
    verification_status: str | None
    """PENDING, SUCCESS, FAILED, TEMPORARY_FAILURE or NOT_STARTED."""
    dkim_enabled: bool | None
    dkim_status: str | None
    """As `verification_status`."""
    mail_from_domain: str | None
    """The custom MAIL FROM name, where one is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDetails:
    """What sesv2 PutAccountDetails sends: a request for production access."""

    mail_type: str
    """TRANSACTIONAL or MARKETING."""
    website_url: str
    """At most 1000 characters."""
    use_case: str
    """At most 5000 characters, in English."""
    contacts: tuple[str, ...]
    """At most 4 mail addresses; empty: AWS writes to the account's own."""


class ProductionAccess(Protocol):
    """SES of one account and region, as far as production access goes; under a role, or with its owner's own keys."""

    def caller(self) -> Caller:
        """STS GetCallerIdentity; needs no permission."""

    def ses_account(self) -> SesAccount:
        """SES v2 GetAccount."""

    def email_identity(self, domain: str) -> EmailIdentity:
        """SES v2 GetEmailIdentity; NotFound where the account has no such identity."""

    def put_account_details(self, details: AccountDetails) -> None:
        """SES v2 PutAccountDetails, asking for production access."""


class VendorAws(Protocol):
    """The vendor's own credentials."""

    def caller(self) -> Caller:
        """STS GetCallerIdentity, asked once."""

    def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> CustomerAws:
        """STS AssumeRole, `duration` in seconds; None sends no ExternalId. `region` is the connection's."""


class TemplateSource(Protocol):
    """Where published templates are read from."""

    def read(self, url: str) -> bytes:
        """The template at an S3 URL, read anonymously as the customer's CloudFormation does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketState:
    """Who may do what with a bucket of ours, as far as the bucket itself says it."""

    region: str
    policy: str | None
    """JSON; None where there is none."""
    blocks_policy: bool
    """Its public access block takes the effect from a public policy."""
    acls_off: bool
    """Object ownership is BucketOwnerEnforced: no access control list has any effect."""
    versioned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object as it lies in a bucket now."""

    body: bytes
    etag: str
    """Changes with every write."""
    version_id: str
    """`null` where the object was written before versioning took effect, as S3 calls it."""


class Publisher(Protocol):
    """The vendor's buckets of templates, each of them in its own account: every call names that account as owner.

    Methods raise UsageError for a bucket of another account too.
    """

    def look(self, bucket: str) -> BucketState | None:
        """Who may do what with the bucket; None where nobody has a bucket of that name."""

    def create(self, bucket: str, policy: str) -> None:
        """Create the bucket: versioned, access control lists off, with that policy. None is left if that fails."""

    def read(self, bucket: str, key: str) -> StoredObject | None:
        """The object; None where there is none."""

    def ever_held(self, bucket: str, prefix: str) -> bool:
        """True if there is, or was, any object whose key begins so, deleted ones included."""

    def put_new(self, bucket: str, key: str, body: bytes, *, content_type: str) -> str | None:
        """Write an object where there is none, and return its version id; None, and nothing written, where one is."""

    def replace(self, bucket: str, key: str, body: bytes, *, content_type: str, etag: str) -> bool:
        """Write over the object that has this ETag; False, and nothing written, where it has changed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message of the queue that holds what Lambda gave up."""

    id: str
    body: str
    handle: str = field(repr=False)
    """By which it is deleted, while it is hidden from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """An object as a listing of its bucket tells it."""

    key: str
    size: int
    modified: datetime
    """Aware, in UTC."""


class Replay(Protocol):
    """A customer's stack, as far as received mail is posted again; under the role."""

    def resources(self, stack_name: str) -> Mapping[str, str]:
        """CloudFormation DescribeStackResources: logical ids to what AWS calls the resources."""

    def waiting(self, queue_url: str) -> int:
        """SQS GetQueueAttributes: about how many messages are in the queue, hidden ones included."""

    def receive(self, queue_url: str, *, hidden: int) -> Sequence[DeadLetter]:
        """SQS ReceiveMessage: up to ten messages, then hidden from others for so many seconds; none: it is empty."""

    def delete(self, queue_url: str, handle: str) -> None:
        """SQS DeleteMessage."""

    def run(self, function: str, event: Mapping[str, Json]) -> None:
        """Lambda Invoke, asynchronously: returns once Lambda has accepted the event."""

    def objects(self, bucket: str, prefix: str, *, after: str) -> Sequence[ListedObject]:
        """S3 ListObjectsV2: up to a thousand objects behind the key `after`, in the order of their keys."""
