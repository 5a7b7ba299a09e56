"""The port to AWS: the few calls that probes make, and what they return.

Every method raises `byoaws.errors.AwsError` or one of its kinds, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from byoaws.model import Json


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


class CustomerAws(Protocol):
    """A session under the customer's role."""

    def caller(self) -> Caller:
        """STS GetCallerIdentity; needs no permission."""

    def ses_account(self) -> SesAccount:
        """SES v2 GetAccount, in the connection's region."""

    def trust_policy(self, role_name: str) -> Mapping[str, Json]:
        """IAM GetRole: the role's own trust policy."""


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
