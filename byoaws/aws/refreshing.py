"""boto3 clients of customers' accounts that open the role again by themselves before a session ends.

botocore's own RefreshableCredentials will not do: they renew at every request where a session lasts 15 minutes, ask
again at every request while AWS does not answer, and go on in silence where the role refuses.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any, NoReturn

import boto3
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials, ReadOnlyCredentials
from botocore.loaders import Loader, create_loader

from byoaws.arn import parse_role_arn
from byoaws.aws import questions
from byoaws.aws.answers import credentials_of
from byoaws.aws.ended import watch
from byoaws.aws.errors import mapped
from byoaws.aws.fields import required, structure, unusable
from byoaws.aws.interface import Caller
from byoaws.aws.lease import Lease, Opened
from byoaws.aws.session import Limits, VendorSession, credential_free_core
from byoaws.aws.unlogged import unlogged
from byoaws.errors import InvalidRequest

_WORKERS = 16
"""Roles that are opened at once for tasks, or ahead of time."""
_ADVICE = {
    "PackedPolicyTooLarge": "AWS packs the session policy into the session, and it is too large: name fewer packs, or "
    "give a shorter document",
    "MalformedPolicyDocument": "AWS does not take the session policy",
}


class BotoRoleClients:
    """Opens roles with the vendor's own credentials, by boto3's standard chain. For any number of threads.

    Nothing is read or called before it is asked.
    """

    def __init__(
        self, profile: str | None, now: Callable[[], datetime], *, limits: Limits | None = None, workers: int = _WORKERS
    ) -> None:
        self._profile = profile
        self._limits = limits or Limits()
        self._now = now
        self._vendor = VendorSession(profile, self._limits)
        self._background = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="byoaws-role")

    def __reduce__(self) -> NoReturn:
        """Refuse: credentials stay in this process."""
        raise TypeError("what opens customers' roles cannot be pickled")

    def caller(self, sts_region: str) -> Caller:
        """Who the vendor is, by STS; raises AwsError."""
        asked = questions.CALLER
        answer = self._vendor.ask(
            asked.action, lambda: self._vendor.client("sts", sts_region).get_caller_identity(**asked.request)
        )
        return asked.read(answer, asked.action)

    def assume_role(
        self,
        *,
        role_arn: str,
        external_id: str,
        session_name: str,
        duration: int,
        sts_region: str,
        policy: str | None,
    ) -> Opened:
        """Open a customer's role for `duration` seconds, under a session policy unless `policy` is None.

        Raises:
            AccessDenied: AWS refused; it does not say whether for the role, its trust policy or our own policy.
            AwsError: of another kind, which says nothing about the role.
        """
        asked = questions.assume_role(
            role_arn=role_arn, external_id=external_id, session_name=session_name, duration=duration
        )
        request = dict(asked.request) if policy is None else {**asked.request, "Policy": policy}
        try:
            with unlogged():
                answer = self._vendor.ask(
                    asked.action, lambda: self._vendor.client("sts", sts_region).assume_role(**request)
                )
        except InvalidRequest as error:
            error.hint = _advice(error)
            raise
        return _opened(answer, asked.action, parse_role_arn(role_arn).account_id)

    def door(self, renew: Callable[[], Opened], region: str) -> "BotoDoor":
        """Return what makes clients in `region` that sign with what `renew` opens, and with nothing else."""
        return BotoDoor(Lease(renew, self._now, self._background), self._profile, self._limits, region)

    def close(self) -> None:
        """Start nothing in the background any more; what was started goes on, since somebody may wait for it."""
        self._background.shutdown(wait=False)


def _advice(error: InvalidRequest) -> str:
    for code, hint in _ADVICE.items():
        if error.code.startswith(code):
            return hint
    if "DurationSeconds" in error.aws_message or "MaxSessionDuration" in error.aws_message:
        return "set a shorter session.duration in the vendor file"
    return error.hint


def _opened(answer: Mapping[str, Any], operation: str, account_id: str) -> Opened:
    """Return what AssumeRole opened; raises Unreachable where it is not a session of that account, or no session."""
    credentials = credentials_of(answer, operation)
    expires_at = structure(answer, "Credentials", operation).get("Expiration")
    if not isinstance(expires_at, datetime) or expires_at.tzinfo is None:
        raise unusable(operation, "Expiration is missing")
    arn = required(structure(answer, "AssumedRoleUser", operation), "Arn", operation).split(":")
    if len(arn) != 6 or arn[4] != account_id:
        raise unusable(operation, "the session is of another account than the role")
    return Opened(credentials=credentials, expires_at=expires_at)


class LeasedCredentials(Credentials):
    """What botocore signs with: whatever the lease holds at that moment."""

    method = "byoaws"

    def __init__(self, lease: Lease) -> None:
        # Not the parent's, which keeps keys.
        self._lease = lease

    def __reduce__(self) -> NoReturn:
        """Refuse: credentials stay in this process."""
        raise TypeError("credentials of a customer's account cannot be pickled")

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return all parts of one session."""
        held = self._lease.take()
        return ReadOnlyCredentials(held.access_key_id, held.secret_access_key, held.session_token, None)

    @property
    def access_key(self) -> str:  # type: ignore[override]
        """Of the present session."""
        return self._lease.take().access_key_id

    @property
    def secret_key(self) -> str:  # type: ignore[override]
        """Of the present session."""
        return self._lease.take().secret_access_key

    @property
    def token(self) -> str:  # type: ignore[override]
        """Of the present session."""
        return self._lease.take().session_token

    account_id = None


class _OneProvider(CredentialProvider):
    METHOD = "byoaws"

    def __init__(self, lease: Lease) -> None:
        super().__init__()
        self._lease = lease

    def load(self) -> LeasedCredentials:
        return LeasedCredentials(self._lease)


# Held while clients are built, which botocore does not do for several threads at once.
_BUILDING = Lock()


class BotoDoor:
    """One lease, and the clients that sign with it. For any number of threads."""

    def __init__(self, lease: Lease, profile: str | None, limits: Limits, region: str) -> None:
        self._lease = lease
        self._profile = profile
        self._limits = limits
        self._region = region
        self._boto: boto3.Session | None = None
        self._aio: Any = None
        # Whoever keeps a client keeps this, by which its session can be given up.
        lease.holder = self

    def __reduce__(self) -> NoReturn:
        """Refuse: credentials stay in this process."""
        raise TypeError("what makes clients of a customer's account cannot be pickled")

    def client(self, service: str, config: Any) -> Any:
        """Return a new boto3 client, in the connection's region; `config` is a botocore Config or None."""
        with _BUILDING:
            boto: Any = self._session()
            made = mapped(service, lambda: boto.client(service, region_name=self._region, config=config))
        watch(made, self._lease)
        return made

    def _session(self) -> boto3.Session:
        if self._boto is None:
            core = credential_free_core(self._profile, self._limits, _shared_loader())
            core.register_component("credential_provider", CredentialResolver([_OneProvider(self._lease)]))
            self._boto = boto3.Session(botocore_session=core)
        return self._boto

    def async_client(self, service: str, config: Any) -> AbstractAsyncContextManager[Any]:
        """Return a context manager that makes an aiobotocore client, in the connection's region."""
        from byoaws.aws.refreshing_aio import async_client, async_session

        with _BUILDING:
            if self._aio is None:
                self._aio = async_session(self._lease, self._profile, self._limits, _shared_loader())
        return async_client(self._aio, self._lease, service, self._region, config)

    def end(self) -> None:
        """Give up the session: whoever signs next opens another, or is refused."""
        self._lease.end()


@cache
def _shared_loader() -> Loader:
    """Parsing a service's model again for every connection would be most of the time that a client takes."""
    return create_loader()
