"""A connection whose role AWS refused: marked as failed, unless anything was written of it since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from byoaws.errors import UsageError
from byoaws.model import ConnectionStatus

SAID = "User: app is not authorized to perform: sts:AssumeRole"
ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/r"


@pytest.fixture
def verified(store, make_connection):
    made = make_connection(status=ConnectionStatus.VERIFIED, role_arn=ROLE)
    store.add(made)
    return made


def test_it_is_marked_once_with_awss_words(store, make_connection, verified):
    other = make_connection(status=ConnectionStatus.VERIFIED)
    store.add(other)
    at = verified.updated_at + timedelta(hours=1)
    assert store.fail(verified, SAID, at) is True
    failed = replace(verified, status=ConnectionStatus.FAILED, last_error=SAID, updated_at=at)
    assert store.get(verified.id) == failed
    assert store.fail(verified, "again", at) is False
    assert store.fail(failed, "again", at) is False
    assert store.get(verified.id) == failed
    assert store.get(other.id) == other


CHANGES = {
    "verified anew": {"updated_at": timedelta(seconds=1)},
    "failed already": {"status": ConnectionStatus.FAILED, "last_error": "earlier"},
    "insecure": {"status": ConnectionStatus.INSECURE},
    "another role": {"role_arn": f"{ROLE}2"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_was_written_since_stays(store, verified, change):
    if isinstance(change.get("updated_at"), timedelta):
        change = {"updated_at": verified.updated_at + change["updated_at"]}
    newer = replace(verified, **change)
    store.update(newer)
    assert store.fail(verified, SAID, verified.updated_at) is False
    assert store.get(verified.id) == newer


@pytest.mark.parametrize(
    "change",
    [
        {"pending_external_id": "the-next-external-id-of-it"},
        {"status": ConnectionStatus.DISCONNECTED, "role_arn": None},
    ],
    ids=["an exchange", "disconnected"],
)
def test_what_was_exchanged_since_stays(store, verified, change):
    newer = store.exchange(replace(verified, **change))
    assert store.fail(verified, SAID, verified.updated_at) is False
    assert store.get(verified.id) == newer


def test_of_nobody_and_of_what_no_database_keeps(store, make_connection, verified):
    assert store.fail(make_connection(), SAID, verified.updated_at) is False
    with pytest.raises(UsageError):
        store.fail(verified, "nul \x00", verified.updated_at)
    with pytest.raises(UsageError):
        store.fail(verified, SAID, verified.updated_at.replace(tzinfo=None))
    assert store.get(verified.id) == verified
