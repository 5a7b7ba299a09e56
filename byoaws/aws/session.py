"""How byoaws holds an identity towards AWS: the vendor's own, or one that AssumeRole handed out.

boto3 decides where a call goes (profile, AWS_ENDPOINT_URL, proxies, CA bundle) for every identity alike. Who signs it
is decided here, and a session with temporary credentials can find no others.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import boto3
from botocore.config import Config
from botocore.credentials import CredentialResolver
from botocore.exceptions import NoCredentialsError
from botocore.loaders import Loader
from botocore.session import Session
from botocore.tokens import TokenProviderChain

from byoaws import __version__
from byoaws.aws.errors import as_credentials_error, mapped
from byoaws.errors import AwsError, BadCredentials

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how often a call is tried; the worst case is their product, and a few seconds between tries."""

    connect_timeout: float = 5
    """Seconds."""
    read_timeout: float = 20
    """Seconds without a byte."""
    attempts: int = 3
    """The first one included."""

    def config(self) -> Config:
        """Return them as boto3 wants them; they win over AWS_MAX_ATTEMPTS and AWS_RETRY_MODE."""
        return Config(
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            user_agent_extra=f"byoaws/{__version__}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryCredentials:
    """What AssumeRole hands out; no part of it is shown."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)


def credential_free_core(profile: str | None, limits: Limits, loader: Loader | None = None) -> Session:
    """Return a botocore session that reads no credential from anywhere: not from environment, files or metadata.

    `profile` still says how AWS is reached. `loader` shares the service models that another session has parsed.
    """
    core = _core(profile, limits)
    if loader is not None:
        core.register_component("data_loader", loader)
    core.register_component("credential_provider", CredentialResolver(providers=[]))
    core.register_component("token_provider", TokenProviderChain(providers=[]))
    return core


def _core(profile: str | None, limits: Limits) -> Session:
    core = Session(profile=profile)
    # As a default it also bounds the calls by which botocore fetches credentials (AssumeRole of a profile, SSO).
    core.set_default_client_config(limits.config())
    # Tokens of the global endpoint are refused in opt-in regions, and AWS_STS_REGIONAL_ENDPOINTS=legacy would use it.
    core.set_config_variable("sts_regional_endpoints", "regional")
    return core


class VendorSession:
    """The vendor's own credentials, by boto3's standard chain. Not for two threads at once."""

    def __init__(self, profile: str | None, limits: Limits) -> None:
        self._profile = profile
        self._limits = limits

    @cached_property
    def _session(self) -> Session:
        return _core(self._profile, self._limits)

    @cached_property
    def boto(self) -> boto3.Session:
        """Makes the clients; use it inside `ask` only, because a missing profile already fails here."""
        return boto3.Session(botocore_session=self._session)

    def ask(self, operation: str, call: Callable[[], Answer]) -> Answer:
        """Return what `call` returns.

        Raises:
            AwsError: of the kind that `byoaws.aws.errors` says.
        """
        # Fetched by themselves, so that a refusal here cannot be taken for the refusal of `call`.
        try:
            secrets = mapped("credentials", self._secrets, profile=self._profile_name)
        except AwsError as error:
            raise as_credentials_error(error) from None
        return mapped(operation, call, profile=self._profile_name, secrets=secrets)

    def under(self, credentials: TemporaryCredentials) -> "RoleSession":
        """Return a session that signs with `credentials` and with nothing else."""
        loader = self._session.get_component("data_loader")
        return RoleSession(credential_free_core(self._profile, self._limits, loader), credentials)

    @property
    def _profile_name(self) -> str | None:
        name = self._session.get_config_variable("profile")
        return name if isinstance(name, str) else None

    def _secrets(self) -> tuple[str, ...]:
        found = self.boto.get_credentials()
        if found is None:
            raise NoCredentialsError
        frozen = found.get_frozen_credentials()
        # Not the access key's id, which is no secret: in the embedded AWS it may be the account's number, and messages
        # would lose that. Real ids are taken out by their shape.
        return tuple(part for part in (frozen.secret_key, frozen.token) if part)


class RoleSession:
    """Temporary credentials of one role. Not for two threads at once."""

    def __init__(self, core: Session, credentials: TemporaryCredentials) -> None:
        self._core = core
        self._credentials = credentials

    @cached_property
    def boto(self) -> boto3.Session:
        """Makes the clients; use it inside `ask` only."""
        held = self._credentials
        # Not through boto3.Session's arguments: three empty strings there mean "look for others".
        self._core.set_credentials(held.access_key_id, held.secret_access_key, held.session_token)
        return boto3.Session(botocore_session=self._core)

    def ask(self, operation: str, call: Callable[[], Answer]) -> Answer:
        """Return what `call` returns.

        Raises:
            AwsError: of the kind that `byoaws.aws.errors` says.
        """
        held = self._credentials
        try:
            return mapped(operation, call, secrets=(held.secret_access_key, held.session_token))
        except BadCredentials as error:
            error.hint = (
                "the session under the customer's role has ended, or aws does not know it; assume the role again"
            )
            raise
