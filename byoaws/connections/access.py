"""Clients for customers' accounts: who may have one, and which of them share a session."""

import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn, Self
from weakref import WeakKeyDictionary

from byoaws.errors import UsageError
from byoaws.model import ConnectionStatus
from byoaws.vendor_model import Vendor

if TYPE_CHECKING:
    from byoaws.connections.port import Door, RoleClients
    from byoaws.flows.use.session_policy import Given
    from byoaws.flows.use.use import Edges
    from byoaws.model import Connection
    from byoaws.settings import Settings
    from byoaws.store.interface import Store

SESSIONS = 4096
"""How many sessions are held at most; the one that was asked for least recently goes first."""


class Connections:
    """Clients for the accounts of one vendor's customers. For any number of threads, tasks and event loops.

    All clients for one connection and session policy share one session, which is opened anew before it ends. Nothing
    is read or called before the first client. Not to be shared with a process that was forked off: make one there.
    """

    def __init__(
        self,
        *,
        store: "Store | str | None" = None,
        vendor: Vendor | str | None = None,
        profile: str | None = None,
        roles: "RoleClients | None" = None,
        sessions: int = SESSIONS,
    ) -> None:
        """Take what differs from the environment.

        Args:
            store: A store, or its URL; by default as the commands find it.
            vendor: A vendor, or its name or file; by default as the commands find it.
            profile: AWS profile of the vendor's own credentials; by default boto3's standard chain.
            roles: What opens roles instead of boto3, for tests.
            sessions: How many sessions are held at most.
        """
        self._given = (store, vendor, profile, roles)
        self._sessions = sessions
        self._lock = Lock()
        self._parts: tuple[Edges[Any], RoleClients, bool] | None = None
        self._doors: OrderedDict[tuple[object, ...], tuple[object, Door]] = OrderedDict()
        # All that anybody has a client of, those too that are held no more.
        self._alive: WeakKeyDictionary[Door, str] = WeakKeyDictionary()

    def __reduce__(self) -> NoReturn:
        """Refuse: it holds credentials."""
        raise TypeError("connections cannot be pickled; make them anew in the other process")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def client(
        self, connection_id: str, service: str, *, policy: "Given" = None, allow: Iterable[str] = (), config: Any = None
    ) -> Any:
        """Return a new boto3 client for a customer's account, in the connection's region.

        The store is read each time; AWS is first called when the client is used. Keep it: threads may share it.

        Args:
            connection_id: As `byoaws connect` made it.
            service: As boto3 calls it: `sesv2`, `s3`.
            policy: What the client may do at most: a policy document (an object, or JSON), or names of packs.
            allow: Statuses besides `verified` under which it may be used: `failed`.
            config: A botocore Config, put over ours.

        Raises:
            UnknownConnection: no connection by that id.
            ConnectionFailed: it is `failed`: AWS did not open its role, or a probe failed.
            ConnectionUnusable: it is not `verified`.
            PolicyError, UnknownName: the session policy is none.
            InvalidRequest: no such service.
            StoreError, UsageError: as the commands raise them.

        The client's operations raise what boto3 raises; and ConnectionFailed, ConnectionUnusable and AwsError where
        the session had to be opened anew, and could not be.
        """
        return self._door(connection_id, policy, allow).client(service, config)

    @asynccontextmanager
    async def async_client(
        self, connection_id: str, service: str, *, policy: "Given" = None, allow: Iterable[str] = (), config: Any = None
    ) -> AsyncIterator[Any]:
        """Make an aiobotocore client, and close it in the end; otherwise as `client`."""
        import asyncio

        door = await asyncio.to_thread(self._door, connection_id, policy, allow)
        async with door.async_client(service, config) as client:
            yield client

    def forget(self, connection_id: str) -> None:
        """Give up the sessions of a connection, also of clients that are in use; each reads the store anew."""
        with self._lock:
            for key in [key for key in self._doors if key[0] == connection_id]:
                del self._doors[key]
            doors = [door for door, whose in self._alive.items() if whose == connection_id]
        for door in doors:
            door.end()

    def close(self) -> None:
        """Give up all sessions, and the store if it was opened here."""
        with self._lock:
            doors, parts = list(self._alive), self._parts
            self._doors.clear()
            self._parts = None
        for door in doors:
            door.end()
        if parts is not None:
            edges, roles, is_ours = parts
            roles.close()
            if is_ours:
                edges.store.close()

    def _door(self, connection_id: str, given: "Given", allow: Iterable[str]) -> "Door":
        from byoaws.flows.use.session_policy import session_policy
        from byoaws.flows.use.use import open_for_use, usable

        given, allowed = _limited(given), _allowed(allow)
        edges, roles = self._opened()
        connection = usable(edges, connection_id, allowed)
        policy = session_policy(edges.store, edges.vendor, connection, given)
        renew = partial(open_for_use, edges, connection_id, allowed, policy=policy)
        return self._shared((connection_id, allowed, policy), connection, lambda: roles.door(renew, connection.region))

    def _shared(self, key: tuple[object, ...], connection: "Connection", make: "Callable[[], Door]") -> "Door":
        """The door that is there for this role and ExternalId, else a new one in its place."""
        generation = (connection.role_arn, connection.pending_external_id, connection.external_id, connection.region)
        with self._lock:
            held = self._doors.get(key)
            door = held[1] if held and held[0] == generation else make()
            self._alive[door] = connection.id
            self._doors[key] = (generation, door)
            self._doors.move_to_end(key)
            while len(self._doors) > self._sessions:
                self._doors.popitem(last=False)
        return door

    def _opened(self) -> "tuple[Edges[Any], RoleClients]":
        with self._lock:
            if self._parts is None:
                self._parts = self._open()
            return self._parts[0], self._parts[1]

    def _open(self) -> "tuple[Edges[Any], RoleClients, bool]":
        from byoaws import factory
        from byoaws.factories.connections import role_clients
        from byoaws.flows.use.use import Edges

        store, vendor, profile, roles = self._given
        settings = _settings(store, vendor, profile)
        found = vendor if isinstance(vendor, Vendor) else factory.vendor(settings)
        is_ours = store is None or isinstance(store, str)
        opened = factory.store(settings) if store is None or isinstance(store, str) else store
        roles = roles or role_clients(settings)
        edges = Edges(store=opened, vendor=found, assume=roles.assume_role, caller=roles.caller, now=factory.now)
        return edges, roles, is_ours


def _settings(store: "Store | str | None", vendor: Vendor | str | None, profile: str | None) -> "Settings":
    from byoaws.settings import read_settings

    return read_settings(
        dict(os.environ),
        cwd=Path.cwd(),
        vendor=vendor if isinstance(vendor, str) else None,
        store=store if isinstance(store, str) else None,
        profile=profile,
    )


def _limited(given: object) -> "Given":
    """What was given as `policy`, if it is of a kind that can say something."""
    if given is None or isinstance(given, str | Mapping):
        return given
    if isinstance(given, Iterable):
        names = list(given)
        if all(isinstance(name, str) for name in names):
            return names
    raise UsageError(
        "policy: neither a policy document nor names of permission packs",
        hint="policy=['ses-send'], or a document as an object or as JSON",
    )


def _allowed(allow: Iterable[str]) -> frozenset[ConnectionStatus]:
    from byoaws.flows.use.use import NEVER

    try:
        allowed = frozenset(map(ConnectionStatus, [allow] if isinstance(allow, str) else allow))
    except (TypeError, ValueError) as error:
        raise UsageError(f"allow: {error}", hint="allow=['failed']") from None
    if refused := sorted(allowed & NEVER):
        raise UsageError(
            f"allow: a connection that is '{refused[0]}' is never used", hint="verify it again, or begin a new one"
        )
    return allowed
