"""The port to the embedded AWS, as the demo and the tests see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the embedded AWS, with a key that works in it."""

    account_id: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    principal_arn: str
    """The user that the key belongs to."""


class FakeAws(Protocol):
    """A running embedded AWS with a vendor's and a customer's account."""

    @property
    def endpoint(self) -> str:
        """`http://127.0.0.1:PORT`."""

    @property
    def vendor(self) -> Account:
        """The vendor's account."""

    @property
    def customer(self) -> Account:
        """The customer's account, its administrator's key."""

    def environment(self, account: Account) -> Mapping[str, str]:
        """The environment variables that point any AWS SDK at the embedded AWS as `account`."""

    def stop(self) -> None:
        """End the process and remove everything it left behind."""
