"""What `byoaws.connections.client` works with: this process's own, as the commands find it."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

from byoaws import connections
from byoaws.connections import aio, process
from byoaws.errors import StoreMissing, UnknownConnection, UnknownName
from byoaws.model import Connection
from byoaws.store.sql import SqlStore


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A process that has used none yet."""
    made: list[connections.Connections] = []
    monkeypatch.setattr(process, "_made", made)
    monkeypatch.setattr(process, "_before_fork", [])
    yield made
    for one in made:
        one.close()


@pytest.fixture
def variables(
    store: SqlStore, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, aws: Any, mine: Any
) -> Callable[..., None]:
    monkeypatch.setenv("BYOAWS_STORE", f"sqlite:///{tmp_path}/store.sqlite3")
    monkeypatch.setenv("MAILMARK_AWS_ACCOUNT_ID", "111122223333")
    monkeypatch.setenv("BYOAWS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return monkeypatch.setenv


@pytest.mark.usefixtures("variables")
def test_store_vendor_and_credentials_are_found_as_the_commands_find_them(
    connect: Callable[..., Connection], aws: Any, clock: Any
) -> None:
    from byoaws.factory import now

    aws.clock = now
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    assert client.get_account()["EnforcementStatus"] == connection.account_id

    async def use() -> str:
        async with aio.client(connection.id, "sesv2") as other:
            return str((await other.get_account())["EnforcementStatus"])

    assert asyncio.run(use()) == connection.account_id
    assert len(aws.opened) == 1
    assert aws.opened[0]["DurationSeconds"] == "900"


@pytest.mark.usefixtures("variables")
@pytest.mark.parametrize("how", ["forget", "close"])
def test_sessions_can_be_given_up(how: str, connect: Callable[..., Connection], aws: Any, mine: Any) -> None:
    from byoaws.factory import now

    aws.clock = now
    connection = connect()
    client = connections.client(connection.id, "sesv2")
    client.get_account()
    connections.forget(connection.id) if how == "forget" else connections.close()
    connections.client(connection.id, "sesv2").get_account()
    assert len(aws.opened) == 2
    assert len(mine) == 1


def test_nothing_is_given_up_where_there_is_nothing(mine: Any) -> None:
    connections.forget("con_1")
    connections.close()
    connections.close()


def test_a_mistyped_store_is_told_and_not_made(variables: Callable[..., None], tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/typo/store.sqlite3"
    variables("BYOAWS_STORE", url)
    for client in (connections.client, connections.Connections(store=url, vendor="mailmark").client):
        with pytest.raises(StoreMissing, match="there is no store at"):
            client("con_1", "sesv2")
    assert not (tmp_path / "typo").exists()


def test_what_the_environment_names_is_looked_for(variables: Callable[..., None], mine: Any) -> None:
    variables("BYOAWS_VENDOR", "nobody")
    with pytest.raises(UnknownName):
        connections.client("con_1", "sesv2")
    variables("BYOAWS_VENDOR", "mailmark")  # a failure is not kept
    with pytest.raises(UnknownConnection):
        connections.client("con_1", "sesv2")
    assert len(mine) == 1


def test_what_is_given_wins(variables: Callable[..., None], tmp_path: Any) -> None:
    variables("BYOAWS_VENDOR", "nobody")
    variables("BYOAWS_STORE", "nowhere://")
    store = f"sqlite:///{tmp_path}/store.sqlite3"
    with connections.Connections(vendor="mailmark", store=store) as ours, pytest.raises(UnknownConnection):
        ours.client("con_1", "sesv2")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_makes_its_own_and_closes_nothing_of_its_parent(mine: Any) -> None:
    parents = process.default()
    assert process.default() is parents
    process._lock.acquire()  # as another thread may have done at that moment
    process._forked()
    assert process.default() is not parents
    assert process._before_fork == [parents]
