"""The same for asyncio: aiobotocore clients of customers' accounts that open the role again by themselves."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NoReturn

from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentials
from aiobotocore.session import AioSession
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.tokens import TokenProviderChain

from byoaws.aws.ended import watch
from byoaws.aws.errors import translated
from byoaws.aws.lease import Lease
from byoaws.aws.session import Limits


class AioLeasedCredentials(AioCredentials):  # type: ignore[misc]
    """What aiobotocore signs with: whatever the lease holds at that moment."""

    method = "byoaws"
    account_id = None

    def __init__(self, lease: Lease) -> None:
        # Not the parent's, which keeps keys.
        self._lease = lease

    def __reduce__(self) -> NoReturn:
        """Refuse: credentials stay in this process."""
        raise TypeError("credentials of a customer's account cannot be pickled")

    async def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return all parts of one session."""
        held = await self._lease.take_async()
        return ReadOnlyCredentials(held.access_key_id, held.secret_access_key, held.session_token, None)

    async def get_access_key(self) -> str:
        """Of the present session."""
        return (await self._lease.take_async()).access_key_id

    async def get_secret_key(self) -> str:
        """Of the present session."""
        return (await self._lease.take_async()).secret_access_key

    async def get_token(self) -> str:
        """Of the present session."""
        return (await self._lease.take_async()).session_token


class _OneProvider:
    """Stands where aiobotocore would look for credentials."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    async def load_credentials(self) -> AioLeasedCredentials:
        return AioLeasedCredentials(self._lease)


def async_session(lease: Lease, profile: str | None, limits: Limits, loader: Loader) -> Any:
    """Return an aiobotocore session that signs with the lease, and reads no credential from anywhere."""
    session = AioSession(profile=profile)
    session.set_default_client_config(AioConfig().merge(limits.config()))
    session.set_config_variable("sts_regional_endpoints", "regional")
    session.register_component("data_loader", loader)
    session.register_component("credential_provider", _OneProvider(lease))
    session.register_component("token_provider", TokenProviderChain(providers=[]))
    return session


@asynccontextmanager
async def async_client(session: Any, lease: Lease, service: str, region: str, config: Any) -> AsyncIterator[Any]:
    """Make an aiobotocore client, and close it in the end; raises InvalidRequest where there is no such service."""
    async with AsyncExitStack() as stack:
        failure = None
        try:
            client = await stack.enter_async_context(session.create_client(service, region, config=config))
        except (BotoCoreError, ValueError) as error:
            failure = translated(service, error)
        if failure is not None:
            raise failure
        watch(client, lease)
        yield client
