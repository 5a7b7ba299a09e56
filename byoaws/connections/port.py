"""The port to what opens roles and makes clients. Nothing here shows a credential."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from byoaws.aws.interface import Caller

Session = Any
"""What AWS has opened; only the port looks into it."""


class Door(Protocol):
    """One customer's account in one region, under one session policy."""

    def client(self, service: str, config: Any) -> Any:
        """Return a new boto3 client; raises InvalidRequest where there is no such service."""

    def async_client(self, service: str, config: Any) -> AbstractAsyncContextManager[Any]:
        """Return what makes and closes an aiobotocore client."""

    def end(self) -> None:
        """Give up the session: whoever signs next opens another, or is refused."""


class RoleClients(Protocol):
    """Opens customers' roles. For any number of threads."""

    def caller(self, sts_region: str) -> Caller:
        """Who the vendor is; raises AwsError."""

    def assume_role(
        self, *, role_arn: str, external_id: str, session_name: str, duration: int, sts_region: str, policy: str | None
    ) -> Session:
        """Open a role; raises AwsError."""

    def door(self, renew: Callable[[], Session], region: str) -> Door:
        """Return what makes clients that sign with what `renew` opens, and with nothing else."""

    def close(self) -> None:
        """Start nothing in the background any more."""
