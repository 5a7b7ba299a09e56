"""A call to AWS as data: what is asked, of which service, and how its answer is read.

Whoever makes the call (boto3 for one account, shared clients for a million) reads all that it needs off the question,
so that both ask the same thing and mean the same by what comes back. No AWS library is imported here.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from byoaws.errors import AwsError, BadCredentials, RegionDisabled

T = TypeVar("T")

READING = ("Describe", "Get", "Head", "List", "Simulate")
"""What the names of operations begin with that change nothing."""

IAM_PREFIXES = {"sesv2": "ses", "mailmanager": "ses"}
"""Of services whose actions are named otherwise. Source: Service Authorization Reference."""

# How a service refuses credentials that STS handed out a moment ago. Source: IAM user guide, "Activating and
# deactivating AWS STS in an AWS Region".
_REGION_DOES_NOT_KNOW_US = frozenset({"UnrecognizedClientException", "InvalidClientTokenId"})


class Home(enum.Enum):
    """Which region's endpoint answers."""

    REGION = "region"
    """The connection's."""
    STS = "sts"
    """The partition's always enabled one; also of services that are one per partition, such as IAM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[T]):
    """One call, ready to be made by whoever holds a session.

    Raises:
        ValueError: the operation does more than read, and `changes` does not say so.
    """

    service: str
    """As botocore calls it: `sesv2`, `sts`, `iam`, `s3`."""
    operation: str
    """As the API calls it: `GetAccount`."""
    request: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The API's parameters; None is sent for nothing, so a parameter that is not given must not be here."""
    read: Callable[[Mapping[str, Any], str], T] = field(repr=False)
    """Given the answer and `action`, what it means; raises Unreachable for an answer that cannot be used."""
    iam: str = ""
    """The IAM action, where it is not service and operation: `s3:ListBucket` for HeadBucket."""
    home: Home = Home.REGION
    changes: bool = False
    """It does more than read: SendEmail, AssumeRole."""

    def __post_init__(self) -> None:
        """Refuse what could change something unnoticed."""
        if not self.changes and not self.operation.startswith(READING):
            raise ValueError(f"{self.service} {self.operation} does more than read, and `changes` does not say so")

    @property
    def action(self) -> str:
        """The IAM action, by which errors call the question: `ses:GetAccount`."""
        return self.iam or f"{IAM_PREFIXES.get(self.service, self.service)}:{self.operation}"

    def meant(self, error: AwsError, region: str) -> AwsError:
        """Return what an error of AWS's means as the answer to this question, asked in `region`."""
        return known_there(error, region) if self.home is Home.REGION else error


def known_there(error: AwsError, region: str) -> AwsError:
    """Return RegionDisabled where a region does not know credentials that STS has just handed out, else the error."""
    if not isinstance(error, BadCredentials) or error.code not in _REGION_DOES_NOT_KNOW_US:
        return error
    return RegionDisabled(
        f"region '{region}' does not know the session ({error.code}: {error.aws_message})",
        operation=error.operation,
        code=error.code,
        aws_message=error.aws_message,
        hint=f"enable region '{region}' in the customer's account",
    )
