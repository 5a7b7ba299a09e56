"""The key and the store, on every database: lost, wrong, malformed, rotated, and found by two at once."""

import base64
import stat
import traceback
from dataclasses import replace

import pytest
import sqlalchemy as sa

from byoaws.errors import KeyMissing, StoreError
from byoaws.store import keycheck
from byoaws.store.schema import connections, meta, metadata

OLD, NEW, OTHER = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"1", b"2", b"3"))
SECRET = "whsec_aHVzaCBodXNoIHdlZXQgY2hhcmxvdHRl"


def tokens(store):
    with store._database.reading("read") as transaction:
        return dict(transaction.execute(sa.select(connections.c.id, connections.c.webhook_secret)).all())


def check_value(store):
    with store._database.reading("read") as transaction:
        return transaction.execute(sa.select(meta.c.value)).scalar_one_or_none()


def everything(error):
    return f"{error.hint}{''.join(traceback.format_exception(error))}"


def test_a_store_without_secrets_needs_no_key(opened, make_connection, key_file):
    connection = make_connection()
    opened().add(connection)
    opened().update(replace(connection, alias="new"))
    assert not key_file.exists()
    assert opened(key=OLD).get(connection.id).alias == "new"
    assert opened(key=NEW).get(connection.id).alias == "new"


def test_the_first_secret_makes_the_key_file(opened, make_connection, key_file):
    connection = make_connection(webhook_secret=SECRET)
    opened().add(connection)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert opened().get(connection.id) == connection


def test_a_given_key_makes_no_file(opened, make_connection, key_file):
    connection = make_connection(webhook_secret=SECRET)
    opened(key=OLD).add(connection)
    assert not key_file.exists()
    assert opened(key=OLD).get(connection.id) == connection


def test_the_secret_may_come_later(opened, make_connection, make_report):
    connection = make_connection()
    store = opened()
    store.add(connection)
    store.record(replace(connection, webhook_secret=SECRET), make_report())
    assert opened().get(connection.id).webhook_secret == SECRET


def test_the_raw_database_does_not_hold_the_secret(opened, make_connection, make_report, url, key_file):
    connection = make_connection(webhook_secret=SECRET)
    store = opened()
    store.add(connection)
    store.record(connection, make_report())
    if url.startswith("sqlite"):
        files = [path for path in key_file.parent.iterdir() if path != key_file]
        raw = b"".join(path.read_bytes() for path in files)
    else:
        with store._database.reading("read") as transaction:
            rows = [transaction.execute(sa.select(table)).all() for table in metadata.sorted_tables]
        raw = repr(rows).encode()
    assert connection.external_id.encode() in raw, "looked at the wrong bytes"
    assert SECRET.encode() not in raw
    assert key_file.read_bytes().strip() not in raw


def test_the_token_stays_while_the_secret_does(opened, make_connection):
    connection = make_connection(webhook_secret=SECRET)
    store = opened()
    store.add(connection)
    before = tokens(store)
    store.update(replace(connection, alias="new"))
    assert tokens(store) == before
    store.update(replace(connection, webhook_secret="another"))
    assert tokens(store) != before
    assert store.get(connection.id).webhook_secret == "another"


def test_a_lost_key_file_is_noticed_at_opening_and_not_replaced(opened, make_connection, key_file):
    opened().add(make_connection(webhook_secret=SECRET))
    key_file.unlink()
    with pytest.raises(KeyMissing, match="the key for them is not here") as caught:
        opened()
    assert "BYOAWS_KEY" in caught.value.hint
    assert str(key_file) in caught.value.hint
    assert not key_file.exists()


def test_a_second_machine_without_the_key(opened, make_connection, tmp_path):
    opened().add(make_connection(webhook_secret=SECRET))
    elsewhere = tmp_path / "elsewhere" / "key"
    with pytest.raises(KeyMissing):
        opened(key_file=elsewhere)
    assert not elsewhere.exists()


def test_a_second_machine_that_was_there_before_the_first_secret(opened, make_connection, tmp_path):
    elsewhere = tmp_path / "elsewhere" / "key"
    here, there = opened(), opened(key_file=elsewhere)
    first, second = make_connection(webhook_secret=SECRET), make_connection(webhook_secret=SECRET)
    here.add(first)
    with pytest.raises(KeyMissing):
        there.add(second)
    with pytest.raises(KeyMissing):
        there.get(first.id)
    assert not elsewhere.exists()
    assert list(here.list()) == [first]


def test_the_wrong_key_is_noticed_at_opening(opened, make_connection):
    opened(key=OLD).add(make_connection(webhook_secret=SECRET))
    with pytest.raises(KeyMissing, match="BYOAWS_KEY does not open") as caught:
        opened(key=NEW)
    assert not any(hushed in everything(caught.value) for hushed in (OLD, NEW, SECRET))


def test_a_key_file_of_another_store(opened, make_connection, key_file):
    opened(key=OLD).add(make_connection(webhook_secret=SECRET))
    key_file.parent.mkdir(exist_ok=True)
    key_file.write_text(NEW)
    key_file.chmod(0o600)
    with pytest.raises(KeyMissing, match=f"key file '{key_file}' does not open"):
        opened()


@pytest.mark.parametrize("key", ["", "hushhush", f"{OLD},hushhush"], ids=["empty", "malformed", "one-of-two"])
def test_a_malformed_key_is_noticed_at_opening(opened, key):
    with pytest.raises(StoreError, match="BYOAWS_KEY is") as caught:
        opened(key=key)
    assert not any(hushed in everything(caught.value) for hushed in ("hushhush", OLD))


def test_an_open_key_file_is_noticed_at_opening(opened, key_file):
    key_file.parent.mkdir()
    key_file.write_text(OLD)
    key_file.chmod(0o644)
    with pytest.raises(StoreError, match="other users"):
        opened()


def test_rotation(opened, make_connection):
    one, two, none = make_connection(webhook_secret="one"), make_connection(webhook_secret="two"), make_connection()
    for connection in (one, two, none):
        opened(key=OLD).add(connection)
    before = tokens(opened(key=f"{OLD},{NEW}"))
    assert before == tokens(opened(key=OLD)), "a newer key in second place changes nothing"
    both = opened(key=f"{NEW},{OLD}")
    assert list(both.list()) == [one, two, none]
    after = tokens(both)
    assert after[none.id] is None
    assert all(before[connection.id] != after[connection.id] for connection in (one, two))
    assert list(opened(key=NEW).list()) == [one, two, none]
    with pytest.raises(KeyMissing):
        opened(key=OLD)


def test_rotation_happens_once(opened, make_connection):
    opened(key=OLD).add(make_connection(webhook_secret=SECRET))
    store = opened(key=f"{NEW},{OLD}")
    before = tokens(store), check_value(store)
    store = opened(key=f"{NEW},{OLD}")
    assert (tokens(store), check_value(store)) == before


def test_from_the_key_file_to_the_variable(opened, make_connection, key_file):
    connection = make_connection(webhook_secret=SECRET)
    opened().add(connection)
    opened(key=f"{NEW},{key_file.read_text()}")
    key_file.unlink()
    assert opened(key=NEW).get(connection.id) == connection


def test_after_a_rotation_the_old_key_writes_nothing_more(opened, make_connection):
    stale = opened(key=OLD)
    first = make_connection(webhook_secret=SECRET)
    stale.add(first)
    fresh = opened(key=f"{NEW},{OLD}")
    with pytest.raises(KeyMissing):
        stale.add(make_connection(webhook_secret=SECRET))
    with pytest.raises(KeyMissing):
        stale.update(replace(first, alias="new"))
    assert list(fresh.list()) == [first]


def test_a_rotation_that_fails_changes_nothing(opened, make_connection):
    store = opened(key=OLD)
    first, second = make_connection(webhook_secret="one"), make_connection(webhook_secret="two")
    store.add(first)
    store.add(second)
    with store._database.writing("break") as transaction:
        transaction.execute(connections.update().where(connections.c.id == second.id).values(webhook_secret="broken"))
    before = tokens(store), check_value(store)
    with pytest.raises(KeyMissing, match=f"connections/{second.id}/webhook_secret"):
        opened(key=f"{NEW},{OLD}")
    assert (tokens(store), check_value(store)) == before


def test_tokens_cannot_change_places(opened, make_connection):
    store = opened()
    first, second = make_connection(webhook_secret="one"), make_connection(webhook_secret="two")
    store.add(first)
    store.add(second)
    swapped = tokens(store)[first.id]
    with store._database.writing("attack") as transaction:
        transaction.execute(connections.update().where(connections.c.id == second.id).values(webhook_secret=swapped))
    assert store.get(first.id) == first
    with pytest.raises(StoreError, match="was sealed for"):
        store.get(second.id)


def test_a_lost_check_value_makes_no_second_key(opened, make_connection):
    connection = make_connection(webhook_secret=SECRET)
    store = opened(key=OLD)
    store.add(connection)
    with store._database.writing("break") as transaction:
        transaction.execute(meta.delete())
    other = opened(key=OTHER)
    with pytest.raises(KeyMissing, match="which key is theirs"):
        other.add(make_connection(webhook_secret=SECRET))
    assert check_value(store) is None


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite's writers are alone
def test_another_process_may_settle_the_key_meanwhile(opened, make_connection):
    early, other = opened(key=OLD), opened(key=OLD)
    with early._database.writing("write to") as transaction:
        assert transaction.execute(sa.select(meta)).all() == []
        other.add(make_connection(webhook_secret=SECRET))
        keycheck._settle(transaction, early._vault)
        keycheck.require_key(transaction, early._vault)
    assert len(opened(key=OLD).list()) == 1


def test_no_error_of_the_database_shows_the_secret(opened, make_connection):
    store = opened()
    store.add(make_connection(webhook_secret=SECRET))
    with store._database.writing("break") as transaction:
        transaction.execute(sa.text("ALTER TABLE connections RENAME TO gone"))
    with pytest.raises(StoreError) as caught:
        store.add(make_connection(webhook_secret=SECRET))
    assert SECRET not in everything(caught.value)
    assert "gAAAA" not in everything(caught.value)
