"""The same for asyncio: `async with client(connection_id, "sesv2") as ses`."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from byoaws.connections.process import default

if TYPE_CHECKING:
    from byoaws.flows.use.session_policy import Given

__all__ = ["client"]


def client(
    connection_id: str, service: str, *, policy: "Given" = None, allow: Iterable[str] = (), config: Any = None
) -> AbstractAsyncContextManager[Any]:
    """Make an aiobotocore client, by the environment's settings; see `Connections.async_client`."""
    return default().async_client(connection_id, service, policy=policy, allow=allow, config=config)
