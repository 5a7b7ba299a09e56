"""Clients that all accounts share: one per service and region, where one per account costs 45 times as much.

Nothing in them belongs to an account. Who signs is asked of an `Identity` at each request; connections are pooled by
host, which is why S3 is asked path-style.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from functools import cached_property
from typing import Any

import aiobotocore
import botocore
from aiobotocore.config import AioConfig
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import AioSession
from botocore import xform_name
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from botocore.loaders import Loader
from botocore.retries.quota import RetryQuota
from botocore.tokens import TokenProviderChain
from botocore.utils import parse_timestamp

from byoaws import __version__
from byoaws.aws.first_try import FirstTry, is_final
from byoaws.aws.identity import Identity
from byoaws.aws.session import Limits

# Given whole: botocore would put it together anew for every request, a sixth of what a call costs.
USER_AGENT = f"byoaws/{__version__} aiobotocore/{aiobotocore.__version__} botocore/{botocore.__version__}"

_APART = 1.0
"""Seconds over which second attempts are spread; botocore's own delay before it."""
_COST = 5
"""Of a second attempt, of botocore's quota of 500: what a refusal for haste costs there."""


class SharedClients:
    """The clients of one identity, each built when it is first needed. They belong to one event loop."""

    def __init__(
        self, identity: Identity, core: Callable[[Identity], AioSession], config: AioConfig, *, again: bool
    ) -> None:
        """Take what makes the session: a profile that is not there fails when a client is asked for.

        Without `again` the first attempt is the last.
        """
        self._identity = identity
        self._again = again
        self._make_core = core
        self._config = config
        self._clients: dict[tuple[str, str], tuple[Any, FirstTry]] = {}
        self._quota = RetryQuota()
        self._building = asyncio.Lock()
        self._open = AsyncExitStack()

    @cached_property
    def _core(self) -> AioSession:
        return self._make_core(self._identity)

    async def answer(self, service: str, region: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call, signed by whoever the identity is just now; return AWS's answer.

        Raises:
            ClientError, BotoCoreError: AWS refused, to the last attempt; there is no answer.
        """
        client, first = self._clients.get((service, region)) or await self._built(service, region)
        prepared = await first.prepared(operation, request)
        if prepared is not None:
            try:
                answer = await first.answer(prepared, request)
            except (ClientError, HTTPClientError, NoConnection) as error:
                if is_final(error) or not self._again or not self._quota.acquire(_COST):
                    raise
            else:
                self._quota.release(1)
                return answer
            # Others failed in the same moment: not all again at once.
            await asyncio.sleep(random.random() * _APART)  # noqa: S311
        called: dict[str, Any] = await getattr(client, xform_name(operation))(**request)
        self._quota.release(1 if prepared is None else _COST)
        return called

    async def close(self) -> None:
        """End all connections."""
        self._clients.clear()
        await self._open.aclose()

    async def _built(self, service: str, region: str) -> tuple[Any, FirstTry]:
        async with self._building:
            if (service, region) not in self._clients:
                made = self._core.create_client(service, region_name=region, config=self._config)
                client = await self._open.enter_async_context(made)
                self._clients[service, region] = client, FirstTry(client, self._identity, USER_AGENT)
            return self._clients[service, region]


def shared_config(limits: Limits, concurrency: int, transport: type[AIOHTTPSession]) -> AioConfig:
    """Return how the clients behave, each with connections for `concurrency` calls at once.

    botocore's retry quota is shared along with the client: with some hundred retries under way, or lost, a refusal is
    final at once. That is meant: a fleet in trouble must not send everything several times.
    """
    return AioConfig(
        http_session_cls=transport,
        connect_timeout=limits.connect_timeout,
        read_timeout=limits.read_timeout,
        # The first attempt is made without the client, as far as it can be.
        retries={"mode": "standard", "total_max_attempts": max(1, limits.attempts - 1)},
        max_pool_connections=concurrency,
        user_agent=USER_AGENT,
        # One host, and one pool, for every bucket.
        s3={"addressing_style": "path"},
    )


def credential_free_session(identity: Identity, *, profile: str | None, loader: Callable[[], Loader]) -> AioSession:
    """Return a session that looks for credentials nowhere, and signs as `identity` says.

    `profile` still says how AWS is reached. `loader` shares the service models that another session has parsed.
    """
    core = AioSession(profile=profile)
    core.register_component("data_loader", loader())
    core.register_component("credential_provider", _Only(identity))
    core.register_component("token_provider", TokenProviderChain(providers=[]))
    # As in `byoaws.aws.session`.
    core.set_config_variable("sts_regional_endpoints", "regional")
    # Sessions of directory buckets are kept by the bucket's name, and would sign for whoever names that bucket next.
    # The option of that name in a client's configuration has no effect (botocore 1.43).
    core.set_config_variable("s3_disable_express_session_auth", True)
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_timestamp)
    return core


class _Only:
    """Where a session looks for credentials."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def load_credentials(self) -> Identity:
        return self._identity


def _timestamp(value: Any) -> datetime:
    # As botocore reads it, which takes 30 microseconds for what nearly every answer holds.
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return parse_timestamp(value)
    return found if found.tzinfo else parse_timestamp(value)
