"""The port to the webhook secret in a customer's account, where the stack keeps it for its forwarder.

Every method raises `byoaws.errors.AwsError` or one of its kinds, and nothing else.
"""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """What Secrets Manager answers of a secret."""

    arn: str
    text: str = field(repr=False)


class WebhookSecrets(Protocol):
    """The secret that a customer's stack keeps for its forwarder."""

    def find(self, stack_name: str, logical_id: str) -> str:
        """CloudFormation DescribeStackResources: what AWS calls that resource; NotFound where the stack has none."""

    def read(self, secret_id: str) -> StoredSecret:
        """Secrets Manager GetSecretValue, by ARN or name."""

    def write(self, secret_id: str, text: str) -> None:
        """Secrets Manager PutSecretValue; what was there before is no longer read."""
