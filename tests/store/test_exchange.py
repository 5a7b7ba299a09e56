"""ExternalIds and webhook secrets that are exchanged, on every database: none issued twice, none lost by a race."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from byoaws.errors import ConnectionConflict, KeyMissing, StoreError, UnknownConnection
from byoaws.model import ConnectionStatus, Verdict
from byoaws.store import keycheck, migrate
from byoaws.store.schema import connections, external_ids, meta

OLD_KEY, NEW_KEY = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"1", b"2"))
OLD, NEW = "whsec_b2xkIG9sZCBvbGQ=", "whsec_bmV3IG5ldyBuZXc="
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def held(store, make_connection):
    connection = make_connection(webhook_secret=OLD)
    store.add(connection)
    return connection


def test_an_exchange_comes_back(store, opened, held):
    wanted = replace(
        held,
        pending_external_id="minted",
        next_webhook_secret=NEW,
        secret_spread_at=AT,
        secret_overlap=3600,
        secret_arn="arn:aws:secretsmanager:eu-central-1:111122223333:secret:s",
        updated_at=AT,
    )
    exchanged = store.exchange(wanted)
    assert exchanged == replace(wanted, keys_version=1)
    assert opened().get(held.id) == exchanged
    done = store.exchange(replace(exchanged, webhook_secret=NEW, next_webhook_secret=None))
    assert opened().get(held.id) == done
    assert done.keys_version == 2


def test_both_secrets_are_sealed_each_for_its_place(store, held):
    store.exchange(replace(held, next_webhook_secret=NEW))
    with store._database.writing("read") as transaction:
        row = transaction.execute(sa.select(connections)).mappings().one()
        assert not {OLD, NEW} & set(map(str, row.values()))
        # Put by hand into each other's place, neither opens.
        swapped = {"webhook_secret": row["next_webhook_secret"], "next_webhook_secret": row["webhook_secret"]}
        transaction.execute(sa.update(connections).values(swapped))
    with pytest.raises(StoreError, match="was sealed for"):
        store.get(held.id)


def test_a_newer_key_seals_both_anew(opened, make_connection):
    connection = make_connection(webhook_secret=OLD)
    first = opened(key=OLD_KEY)
    first.add(connection)
    exchanged = first.exchange(replace(connection, next_webhook_secret=NEW))
    assert opened(key=f"{NEW_KEY},{OLD_KEY}").get(connection.id) == exchanged
    assert opened(key=NEW_KEY).get(connection.id) == exchanged
    with pytest.raises(KeyMissing):
        opened(key=OLD_KEY)


def test_only_a_next_secret_needs_the_key_as_well(opened, make_connection):
    connection = make_connection()
    store = opened(key=OLD_KEY)
    store.add(connection)
    store.exchange(replace(connection, next_webhook_secret=NEW))
    with pytest.raises(KeyMissing):
        opened(key=NEW_KEY)


def test_whoever_comes_second_is_told(store, held):
    store.exchange(replace(held, next_webhook_secret=NEW))
    for stale in (replace(held, next_webhook_secret=OLD), replace(held, pending_external_id="minted")):
        with pytest.raises(ConnectionConflict, match="by another command") as caught:
            store.exchange(stale)
        assert "again" in caught.value.hint
    assert store.get(held.id).next_webhook_secret == NEW
    assert store.external_ids(held.id) == [held.external_id]


def test_a_verification_that_began_before_writes_over_no_key(store, held, make_report):
    exchanged = store.exchange(replace(held, next_webhook_secret=NEW, pending_external_id="minted"))
    promoted = store.exchange(replace(exchanged, external_id="minted", pending_external_id=None))
    store.record(replace(held, status=ConnectionStatus.VERIFIED, webhook_secret=None), make_report())
    assert store.get(held.id) == replace(promoted, status=ConnectionStatus.VERIFIED)


@pytest.mark.parametrize("verdict", [Verdict.VERIFIED, Verdict.FAILED])
def test_a_verification_that_began_before_revives_nothing_that_was_disconnected(store, held, make_report, verdict):
    """The attack: a stack is deleted while its role is verified; its account would be used again."""
    ended = store.exchange(replace(held, status=ConnectionStatus.DISCONNECTED, role_arn=None, webhook_secret=None))
    known = replace(held, status=ConnectionStatus.VERIFIED, role_arn="arn:aws:iam::444455556666:role/r")
    with pytest.raises(ConnectionConflict, match="was disconnected in the meantime"):
        store.record(known, make_report(verdict=verdict))
    assert store.get(held.id) == ended
    assert store.last_report(held.id) is None


def test_a_verification_that_failed_takes_no_role_that_was_verified_since(store, held, make_report):
    role, at = "arn:aws:iam::444455556666:role/since", datetime(2026, 11, 21, 5, tzinfo=UTC)
    proven = replace(held, role_arn=role, account_id="444455556666", bucket_name="b", verified_at=at)
    store.record(replace(proven, status=ConnectionStatus.VERIFIED), make_report(verdict=Verdict.VERIFIED))
    store.record(replace(held, status=ConnectionStatus.FAILED), make_report(verdict=Verdict.FAILED))
    assert store.get(held.id) == replace(proven, status=ConnectionStatus.FAILED)


def test_attack_an_exchange_makes_nothing_verified_that_was_found_insecure_since(store, opened, held, make_report):
    """A secret is exchanged while the fleet is checked: a role that opens for others would be used again."""
    role, at = "arn:aws:iam::444455556666:role/r", datetime(2026, 11, 21, 5, tzinfo=UTC)
    proven = replace(held, role_arn=role, account_id="444455556666", verified_at=at, checked_at=at)
    store.record(replace(proven, status=ConnectionStatus.VERIFIED), make_report(verdict=Verdict.VERIFIED))
    seen = store.get(held.id)
    found = replace(seen, status=ConnectionStatus.INSECURE, last_error="it opens for anyone", sandbox=True)
    opened().record(found, make_report(verdict=Verdict.INSECURE))
    exchanged = store.exchange(replace(seen, next_webhook_secret=NEW))
    assert exchanged.status is ConnectionStatus.INSECURE
    assert store.get(held.id) == exchanged == replace(found, next_webhook_secret=NEW, keys_version=1)


def test_an_exchange_that_began_before_takes_no_role_that_was_verified_since(store, held, make_report):
    role, at = "arn:aws:iam::444455556666:role/since", datetime(2026, 11, 21, 5, tzinfo=UTC)
    proven = replace(held, role_arn=role, account_id="444455556666", bucket_name="b", verified_at=at, checked_at=at)
    proven = replace(proven, status=ConnectionStatus.VERIFIED)
    store.record(proven, make_report(verdict=Verdict.VERIFIED))
    exchanged = store.exchange(replace(held, next_webhook_secret=NEW))
    assert store.get(held.id) == exchanged == replace(proven, next_webhook_secret=NEW, keys_version=1)


def test_an_update_that_knows_an_older_state_is_refused(store, held):
    exchanged = store.exchange(replace(held, next_webhook_secret=NEW))
    with pytest.raises(ConnectionConflict, match="by another command"):
        store.update(replace(held, alias="new"))
    assert store.get(held.id) == exchanged


def test_what_was_disconnected_meanwhile_gets_no_key_back(store, held):
    store.update(replace(held, status=ConnectionStatus.DISCONNECTED, webhook_secret=None))
    with pytest.raises(ConnectionConflict, match="by another command"):
        store.exchange(replace(held, next_webhook_secret=NEW))
    assert store.get(held.id).next_webhook_secret is None


def test_exchange_of_nobody(store, make_connection):
    with pytest.raises(UnknownConnection):
        store.exchange(make_connection())


@pytest.mark.parametrize("change", [{"vendor": "another"}, {"created_at": AT}], ids=["vendor", "created-at"])
def test_what_never_changes(store, held, change):
    with pytest.raises(ConnectionConflict, match="cannot change"):
        store.exchange(replace(held, **change))
    assert store.get(held.id) == held


# ExternalIds ---------------------------------------------------------------------------------------------------------


def test_every_external_id_stays_on_record(store, held):
    connection = held
    for number in range(3):
        at = datetime(2026, 12, 1 + number, tzinfo=UTC)
        connection = store.exchange(replace(connection, pending_external_id=f"minted-{number}", updated_at=at))
        connection = store.exchange(replace(connection, external_id=f"minted-{number}", pending_external_id=None))
    assert store.external_ids(held.id) == [held.external_id, "minted-0", "minted-1", "minted-2"]
    assert store.external_ids("con_none") == []


@pytest.mark.parametrize("of", ["present", "pending", "past", "given up"])
def test_none_is_issued_twice(store, held, make_connection, of):
    """The attack: an ExternalId that another customer's role opens for, or did, or will."""
    second = store.exchange(replace(held, pending_external_id="second"))
    third = store.exchange(replace(second, external_id="second", pending_external_id="third"))
    given_up = store.exchange(replace(third, pending_external_id="fourth"))
    taken = {"present": "second", "pending": "fourth", "past": held.external_id, "given up": "third"}[of]
    other = make_connection()
    store.add(other)
    with pytest.raises(ConnectionConflict, match=f"'{taken}' .*connection '{held.id}'"):
        store.exchange(replace(other, pending_external_id=taken))
    with pytest.raises(ConnectionConflict, match=f"'{taken}' .*connection '{held.id}'"):
        store.add(make_connection(external_id=taken))
    if taken != given_up.pending_external_id:
        with pytest.raises(ConnectionConflict, match="was issued to connection"):
            store.exchange(replace(given_up, pending_external_id=taken))
    assert store.get(other.id) == other
    assert len(store.list()) == 2
    assert store.get(held.id) == given_up


def test_none_is_handed_in(store, held):
    """The attack: the present one is changed to a text that byoaws did not keep as pending."""
    pending = store.exchange(replace(held, pending_external_id="minted"))
    for change in ({"external_id": "chosen"}, {"external_id": "chosen", "pending_external_id": None}):
        with pytest.raises(ConnectionConflict, match="not pending"):
            store.exchange(replace(pending, **change))
    for write in (store.update, lambda connection: store.record(connection, None)):
        with pytest.raises((ConnectionConflict, AttributeError)):
            write(replace(pending, external_id="minted", pending_external_id=None))
    with pytest.raises(ConnectionConflict, match="pending ExternalId cannot change"):
        store.update(replace(pending, pending_external_id="chosen"))
    assert store.get(held.id) == pending
    assert store.external_ids(held.id) == [held.external_id, "minted"]


def test_a_refused_exchange_issues_nothing(store, held, make_connection):
    other = make_connection()
    store.add(other)
    with pytest.raises(ConnectionConflict):
        store.exchange(replace(other, pending_external_id=held.external_id, next_webhook_secret=NEW))
    assert store.get(other.id) == other
    assert store.external_ids(other.id) == [other.external_id]


# The migration -------------------------------------------------------------------------------------------------------


@pytest.fixture
def old_store(opened, make_connection, monkeypatch):
    """A store as the first migration left it, with two connections; the second has a secret."""
    with monkeypatch.context() as patch:
        patch.setattr("alembic.command.upgrade", _only_the_first)
        patch.setattr(migrate, "HEAD", "0001")
        store = opened(key=OLD_KEY)
    made = [make_connection(), make_connection(webhook_secret=OLD)]
    columns = list(_FIRST)
    with store._database.writing("fill") as transaction:
        store._vault.require_key()
        check = {"name": keycheck._NAME, "value": store._vault.seal(keycheck._TEXT, keycheck._PLACE)}
        transaction.execute(sa.insert(meta).values(check))
        for connection in made:
            row = {name: getattr(connection, name) for name in columns} | {"status": connection.status.value}
            row["webhook_secret"] = store._token(connection, "webhook_secret", None)
            old = sa.table("connections", *(sa.column(name, connections.c[name].type) for name in columns))
            transaction.execute(sa.insert(old).values(row))
    return made


_FIRST = (
    *("id", "alias", "vendor", "region", "external_id", "customer", "webhook_secret", "stack_name", "template_url"),
    *("role_arn", "account_id", "bucket_name", "status", "sandbox", "last_error", "created_at", "updated_at"),
    *("checked_at", "verified_at"),
)


def _only_the_first(config, revision):
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, script, fn=lambda rev, context: script._upgrade_revs("0001", rev)):
        script.run_env()


def test_an_older_store_is_brought_up_to_date(opened, old_store):
    store = opened(key=OLD_KEY)
    assert store.list() == old_store
    assert [store.external_ids(connection.id) for connection in old_store] == [
        [connection.external_id] for connection in old_store
    ]
    with store._database.reading("read") as transaction:
        assert transaction.execute(sa.select(sa.func.count()).select_from(external_ids)).scalar_one() == 2
    exchanged = store.exchange(replace(old_store[1], next_webhook_secret=NEW))
    assert opened(key=OLD_KEY).get(old_store[1].id) == exchanged
