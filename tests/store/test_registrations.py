"""One-time tokens in the store: whose they are, for how long, and that of two that come at once one wins."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from byoaws.errors import UnknownConnection
from byoaws.model import ConnectionStatus, StackClaim

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=24)
HASH, OTHER = "a" * 64, "b" * 64


def claim(connection_id: str, **fields: Any) -> StackClaim:
    return StackClaim(
        **{
            "connection_id": connection_id,
            "stack_id": "arn:aws:cloudformation:eu-west-1:444455556666:stack/acme/1",
            "role_arn": "arn:aws:iam::444455556666:role/one",
            "bucket_name": "acme-mail",
            "secret_arn": None,
            "claimed_at": NOW,
            **fields,
        }
    )


@pytest.fixture
def store(opened: Callable[..., Any]) -> Any:
    return opened()


@pytest.fixture
def connection(store: Any, make_connection: Callable[..., Any]) -> Any:
    made = make_connection()
    store.add(made)
    store.issue_token(made.id, HASH, LATER)
    return made


def test_a_token_proves_a_claim(store: Any, connection: Any) -> None:
    assert store.claimed(connection.id) is None
    assert store.claim(claim(connection.id), token_hash=HASH)
    assert store.claimed(connection.id) == claim(connection.id)


def test_what_it_is_made_from_and_that_it_goes_are_kept_and_the_newest_word_counts(store: Any, connection: Any) -> None:
    going = claim(connection.id, template_version="1.2.0", is_deleted=True)
    for said in (going, claim(connection.id, template_version="1.3.0"), claim(connection.id)):
        assert store.claim(said, token_hash=HASH)
        assert store.claimed(connection.id) == said


def test_what_all_of_them_said(store: Any, connection: Any, make_connection: Callable[..., Any]) -> None:
    silent, second = make_connection(), make_connection()
    for one in (silent, second):
        store.add(one)
        store.issue_token(one.id, OTHER, LATER)
    assert store.claims() == []
    assert store.claim(claim(second.id, claimed_at=NOW + timedelta(seconds=1)), token_hash=OTHER)
    assert store.claim(claim(connection.id), token_hash=HASH)
    assert store.claims() == [store.claimed(connection.id), store.claimed(second.id)]


@pytest.mark.parametrize("token_hash", [OTHER, "", HASH[:-1], "\u00e4" * 64], ids=["other", "empty", "cut", "letters"])
def test_another_token_proves_nothing(store: Any, connection: Any, token_hash: str) -> None:
    assert not store.claim(claim(connection.id), token_hash=token_hash)
    assert store.claimed(connection.id) is None


def test_a_token_of_another_connection_proves_nothing(
    store: Any, connection: Any, make_connection: Callable[..., Any]
) -> None:
    other = make_connection()
    store.add(other)
    assert not store.claim(claim(other.id), token_hash=HASH)
    store.issue_token(other.id, OTHER, LATER)
    assert not store.claim(claim(other.id), token_hash=HASH)


@pytest.mark.parametrize(("at", "is_taken"), [(LATER - timedelta(microseconds=1), True), (LATER, False)])
def test_a_token_expires(store: Any, connection: Any, at: datetime, is_taken: bool) -> None:
    assert store.claim(claim(connection.id, claimed_at=at), token_hash=HASH) is is_taken


def test_a_used_token_is_good_for_the_same_stack_and_role_and_no_other(store: Any, connection: Any) -> None:
    assert store.claim(claim(connection.id), token_hash=HASH)
    assert store.claim(claim(connection.id), token_hash=HASH)
    assert not store.claim(claim(connection.id, role_arn="arn:aws:iam::999988887777:role/x"), token_hash=HASH)
    assert not store.claim(claim(connection.id, stack_id="another"), token_hash=HASH)
    assert store.claimed(connection.id) == claim(connection.id)


def test_a_new_token_voids_the_old_one_and_leaves_the_claim(store: Any, connection: Any) -> None:
    assert store.claim(claim(connection.id), token_hash=HASH)
    store.issue_token(connection.id, OTHER, LATER)
    assert not store.claim(claim(connection.id), token_hash=HASH)
    assert store.claimed(connection.id) == claim(connection.id)
    assert store.claim(claim(connection.id, stack_id="a new one"), token_hash=OTHER)


def test_a_claim_that_is_proven_otherwise_needs_no_token(store: Any, make_connection: Callable[..., Any]) -> None:
    made = make_connection()
    store.add(made)
    assert store.claim(claim(made.id), token_hash=None)
    assert not store.claim(claim(made.id), token_hash=HASH)


def test_a_disconnected_connection_takes_no_claim(store: Any, connection: Any) -> None:
    store.update(replace(connection, status=ConnectionStatus.DISCONNECTED))
    assert not store.claim(claim(connection.id), token_hash=HASH)
    assert not store.claim(claim(connection.id), token_hash=None)


def test_an_unknown_connection(store: Any) -> None:
    assert store.claimed("con_none") is None
    assert not store.claim(claim("con_none"), token_hash=HASH)
    with pytest.raises(UnknownConnection):
        store.issue_token("con_none", HASH, LATER)


def test_of_many_stacks_that_come_at_once_one_wins(store: Any, connection: Any) -> None:
    start, won = threading.Barrier(8), []

    def come(number: int) -> None:
        mine = claim(connection.id, role_arn=f"arn:aws:iam::444455556666:role/{number}")
        start.wait(10)
        if store.claim(mine, token_hash=HASH):
            won.append(mine)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [store.claimed(connection.id)] == won


def test_the_store_has_no_token_in_it(store: Any, connection: Any) -> None:
    """Only what `fingerprint` makes of it."""
    with store._database.reading("read") as transaction:
        (row,) = transaction.execute(sa.text("SELECT * FROM registrations")).all()
    assert HASH in row
    assert not any("once_" in str(value) for value in row)
