"""The port to the embedded AWS, as the demo and the tests see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody in one account of the embedded AWS, with a key that works."""

    account_id: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    """Only of a role's session."""
    principal_arn: str
    """The user, or the role's session, that the key belongs to."""


class FakeAws(Protocol):
    """A running embedded AWS with a vendor's and a customer's account."""

    @property
    def endpoint(self) -> str:
        """`https://127.0.0.1:PORT`."""

    @property
    def ca_file(self) -> Path:
        """The certificate authority that clients of the endpoint must trust."""

    @property
    def vendor(self) -> Account:
        """The vendor's account: a user that may assume roles, and nothing else."""

    @property
    def publisher(self) -> Account:
        """The vendor's account again: its administrator, who publishes templates."""

    @property
    def customer(self) -> Account:
        """The customer's account, its administrator's key."""

    @property
    def mail_manager(self) -> Any:
        """The stand-in of SES Mail Manager; its `endpoint` is for AWS_ENDPOINT_URL_MAILMANAGER."""

    def new_customer(self) -> Account:
        """Open one more account, empty, and return its administrator's key."""

    def client(self, account: Account, service: str, region: str) -> Any:
        """A botocore client of `service` that acts as `account`, whatever AWS settings the user has."""

    def smtp(self, customer: Account, region: str) -> tuple[str, int]:
        """Host and port where SES receives mail for an account and region, by the rule set that is active there."""

    def environment(self, account: Account) -> Mapping[str, str]:
        """The environment variables that point any AWS SDK at the embedded AWS as `account`."""

    def stop(self) -> None:
        """End the process and remove everything it left behind."""
