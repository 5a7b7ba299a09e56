"""Work in customers' accounts: clients of AWS whose credentials are opened anew by themselves. See docs/library.md.

    from byoaws import connections

    ses = connections.client("con_8rqyhtrb2pcp0t8wn9jr", "sesv2")
    ses.send_email(...)

Nothing heavy is imported before the first client; `byoaws.connections.aio` is the same for asyncio.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from byoaws.connections.access import Connections
from byoaws.connections.process import default
from byoaws.errors import ConnectionFailed, ConnectionUnusable

if TYPE_CHECKING:
    from byoaws.flows.use.session_policy import Given

__all__ = ["ConnectionFailed", "ConnectionUnusable", "Connections", "client", "close", "forget"]


def client(
    connection_id: str, service: str, *, policy: "Given" = None, allow: Iterable[str] = (), config: Any = None
) -> Any:
    """Return a new boto3 client for a customer's account, by the environment's settings; see `Connections.client`."""
    return default().client(connection_id, service, policy=policy, allow=allow, config=config)


def forget(connection_id: str) -> None:
    """Give up the sessions of a connection, also of clients in use, those of `byoaws.connections.aio` included."""
    default().forget(connection_id)


def close() -> None:
    """Give up all of this process's sessions, and its store; the next client opens both anew."""
    default().close()
