"""How byoaws holds an identity towards AWS: the vendor's own, or one that AssumeRole handed out.

boto3 decides where a call goes (profile, AWS_ENDPOINT_URL, proxies, CA bundle) for every identity alike. Who signs it
is decided here, and a session with temporary credentials can find no others.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.credentials import CredentialResolver
from botocore.exceptions import NoCredentialsError
from botocore.loaders import Loader
from botocore.session import Session
from botocore.tokens import TokenProviderChain

from byoaws import __version__
from byoaws.aws.credentials import TemporaryCredentials
from byoaws.aws.errors import ROLE_SESSION_HINT, as_credentials_error, mapped
from byoaws.errors import AwsError, BadCredentials

Answer = TypeVar("Answer")

# Held while credentials are fetched and clients are built, which botocore does not do for several threads at once (its
# sessions share the service models that one of them has parsed). Clients themselves are safe for threads.
_BUILDING = RLock()


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


class _Clients(ABC):
    """Clients of one session, each built when it is first needed, whichever thread needs it."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    @abstractmethod
    def boto(self) -> boto3.Session:
        """Makes the clients; use it inside `ask` only."""

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service in a region; use it inside `ask` only."""
        with _BUILDING:
            if (service, region) not in self._clients:
                # Path-style: one host for every bucket, and it is the one that AWS_ENDPOINT_URL names.
                config = Config(s3={"addressing_style": "path"}) if service == "s3" else None
                boto: Any = self.boto
                self._clients[service, region] = boto.client(service, region_name=region, config=config)
            return self._clients[service, region]


class VendorSession(_Clients):
    """The vendor's own credentials, by boto3's standard chain. `ask` and `client` are for any number of threads."""

    def __init__(self, profile: str | None, limits: Limits) -> None:
        super().__init__()
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
        secrets = self.credentials().secrets
        return mapped(operation, call, profile=self.profile_name, secrets=secrets)

    def under(self, credentials: TemporaryCredentials) -> "RoleSession":
        """Return a session that signs with `credentials` and with nothing else."""
        with _BUILDING:
            return RoleSession(credential_free_core(self._profile, self._limits, self.loader()), credentials)

    @property
    def profile_name(self) -> str | None:
        """The profile in use; use it inside `ask`, or after it."""
        with _BUILDING:
            name = self._session.get_config_variable("profile")
        return name if isinstance(name, str) else None

    def credentials(self) -> TemporaryCredentials:
        """Return what signs from now on, renewed if it soon ends; a user's own keys have an empty session token.

        Blocks while they are fetched: of a profile with `role_arn`, of SSO, of a process, of the machine.

        Raises:
            BadCredentials, Throttled, Unreachable: they cannot be had.
        """
        try:
            return mapped("credentials", self._fetched, profile=self.profile_name)
        except AwsError as error:
            raise as_credentials_error(error) from None

    def loader(self) -> Loader:
        """Return what has parsed the service models, for other sessions to share; use it inside `ask` only."""
        with _BUILDING:
            loader: Loader = self._session.get_component("data_loader")
            return loader

    def _fetched(self) -> TemporaryCredentials:
        with _BUILDING:
            found = self.boto.get_credentials()
        if found is None:
            raise NoCredentialsError
        frozen = found.get_frozen_credentials()
        return TemporaryCredentials(
            access_key_id=frozen.access_key or "",
            secret_access_key=frozen.secret_key or "",
            session_token=frozen.token or "",
        )


class RoleSession(_Clients):
    """Temporary credentials of one role. `ask` and `client` are for any number of threads."""

    def __init__(self, core: Session, credentials: TemporaryCredentials) -> None:
        super().__init__()
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
            return mapped(operation, call, secrets=held.secrets)
        except BadCredentials as error:
            error.hint = ROLE_SESSION_HINT
            raise
