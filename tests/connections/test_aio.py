"""The twin for asyncio: the same sessions, the same refusals."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byoaws.connections import Connections
from byoaws.errors import ConnectionFailed, ConnectionUnusable, InvalidRequest
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.sql import SqlStore

Connect = Callable[..., Connection]


async def ask(connections: Connections, connection: Connection, **options: Any) -> str:
    """The account whose session signed one call."""
    async with connections.async_client(connection.id, "sesv2", **options) as client:
        return str((await client.get_account())["EnforcementStatus"])


def test_many_tasks_share_one_session_with_threads(connections: Connections, connect: Connect, aws: Any) -> None:
    connection = connect()

    async def use() -> set[str]:
        return set(await asyncio.gather(*(ask(connections, connection) for _ in range(8))))

    assert asyncio.run(use()) == {connection.account_id}
    assert asyncio.run(use()) == {connection.account_id}  # another event loop
    assert connections.client(connection.id, "sesv2").get_account()["EnforcementStatus"] == connection.account_id
    assert len(aws.opened) == 1


def test_tasks_of_many_connections_are_never_mixed_up(
    connections: Connections, connect: Connect, aws: Any, clock: Any, refuse_json: Any
) -> None:
    made = [connect() for _ in range(4)]
    count = iter(range(1_000_000))

    def ses(account: str) -> Any:
        number = next(count)
        if number % 7 == 0:
            clock.pass_(minutes=2)
        return refuse_json("TooManyRequestsException", "slow down", 429) if number % 20 == 0 else None

    aws.ses = ses

    async def use(connection: Connection) -> list[str]:
        async with connections.async_client(connection.id, "sesv2") as client:
            answers = await asyncio.gather(*(client.get_account() for _ in range(12)), return_exceptions=True)
        throttled = [answer for answer in answers if isinstance(answer, ClientError)]
        assert all(answer.response["Error"]["Code"] == "TooManyRequestsException" for answer in throttled)
        return [answer["EnforcementStatus"] for answer in answers if not isinstance(answer, BaseException)]

    async def all_of_them() -> list[list[str]]:
        return await asyncio.gather(*map(use, made))

    for connection, answered in zip(made, asyncio.run(all_of_them()), strict=True):
        assert len(answered) >= 6
        assert set(answered) == {connection.account_id}
    assert aws.wrong == []


def test_a_refusal_fails_the_connection_and_aws_is_asked_once(
    connections: Connections, connect: Connect, aws: Any, store: SqlStore
) -> None:
    connection = connect()
    aws.roles.clear()

    async def use() -> list[object]:
        return await asyncio.gather(*(ask(connections, connection) for _ in range(5)), return_exceptions=True)

    assert {type(error) for error in asyncio.run(use())} == {ConnectionFailed}
    assert len(aws.opened) == 1
    assert store.get(connection.id).status is ConnectionStatus.FAILED


def test_a_task_that_is_cancelled_takes_nothing_from_the_others(
    connections: Connections, connect: Connect, aws: Any
) -> None:
    connection, gate = connect(), threading.Event()
    aws.hold(gate)

    async def use() -> str:
        first = asyncio.create_task(ask(connections, connection))
        await asyncio.to_thread(aws.wait_for, 1)
        second = asyncio.create_task(ask(connections, connection))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        gate.set()
        return await second

    assert asyncio.run(use()) == connection.account_id
    assert len(aws.opened) == 1


def test_the_loop_goes_on_while_a_role_is_opened(connections: Connections, connect: Connect, aws: Any) -> None:
    slow, fast = connect(), connect()
    gate = threading.Event()
    aws.hold(gate, slow.role_arn)

    async def use() -> list[str]:
        waiting = asyncio.create_task(ask(connections, slow))
        await asyncio.to_thread(aws.wait_for, 1)
        answers = [await ask(connections, fast)]
        gate.set()
        return [*answers, await waiting]

    assert asyncio.run(use()) == [fast.account_id, slow.account_id]


def test_an_operation_whose_session_aws_has_ended_is_tried_with_a_new_one(
    connections: Connections, connect: Connect, aws: Any, clock: Any
) -> None:
    connection = connect()

    async def use() -> str:
        async with connections.async_client(connection.id, "sesv2") as client:
            await client.get_account()
            clock.pass_(minutes=1)
            aws.sessions[next(iter(aws.sessions))].ended = True
            return str((await client.get_account())["EnforcementStatus"])

    assert asyncio.run(use()) == connection.account_id
    assert len(aws.opened) == 2


def test_what_cannot_be_used_and_what_there_is_not(connections: Connections, connect: Connect, aws: Any) -> None:
    insecure, sound = connect(status=ConnectionStatus.INSECURE), connect()

    async def use(connection: Connection, service: str) -> None:
        async with connections.async_client(connection.id, service):
            pass

    with pytest.raises(ConnectionUnusable, match="insecure"):
        asyncio.run(use(insecure, "sesv2"))
    with pytest.raises(InvalidRequest, match="sesv9"):
        asyncio.run(use(sound, "sesv9"))
    assert aws.asked == []


def test_the_vendors_own_credentials_sign_nothing_but_what_opens_roles(
    connections: Connections, connect: Connect, aws: Any
) -> None:
    connection = connect()
    asyncio.run(ask(connections, connection, policy=["ses-send"]))
    assert "Policy" in aws.opened[0]
    (vendor_key,) = aws.keys_of("AssumeRole")
    assert {operation for operation, key in aws.asked if key == vendor_key} == {"AssumeRole"}
    assert aws.wrong == []
