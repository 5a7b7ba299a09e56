"""What the port promises, on every database."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from byoaws.errors import ConnectionConflict, StoreError, UnknownConnection, UsageError
from byoaws.model import Connection, ConnectionStatus, Verdict
from byoaws.store import rows
from byoaws.store.interface import Store
from byoaws.store.schema import SCHEDULE, connections, reports
from byoaws.store.sql import SqlStore, open_store

ROLE = "arn:aws:iam::111122223333:role/byoaws/mailmark/Access"
OTHER_ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/Access"


def full(make_connection):
    at = datetime(2026, 11, 21, 23, 59, 59, 999999, tzinfo=UTC)
    return make_connection(
        customer="№ 7",
        webhook_secret="whsec_c2VjcmV0",
        next_webhook_secret="whsec_bmV4dA==",
        secret_spread_at=at,
        secret_overlap=86_400,
        secret_arn="arn:aws:secretsmanager:eu-central-1:111122223333:secret:s-AbCdEf",
        stack_name="mailmark",
        template_url="https://b.s3.amazonaws.com/t.yaml",
        role_arn=ROLE,
        account_id="111122223333",
        bucket_name="mail",
        status=ConnectionStatus.VERIFIED,
        sandbox=False,
        last_error="User: x is not authorized",
        checked_at=at,
        verified_at=at,
    )


def test_the_class_is_the_port():
    port = {name for name in vars(Store) if not name.startswith("_")}
    assert port == {name for name in vars(SqlStore) if not name.startswith("_")}


def test_every_field_has_a_column():
    fields = set(Connection.__slots__)
    assert fields | set(SCHEDULE) == set(connections.c.keys())
    assert not fields & set(SCHEDULE)
    assert fields == {*rows._INDEXED, *rows._TEXT, *rows._TIMES, *rows._PLAIN, "status"}
    assert set(rows.KEYS) < fields
    # The pending ExternalId is held unique by the table of all that were ever issued.
    indexed = {index.columns.keys()[0] for index in connections.indexes} | {"id", "pending_external_id"}
    assert indexed == {*rows._INDEXED, "next_check_at", "checked_at"}


def test_an_empty_store_is_empty(store):
    assert list(store.list()) == []
    assert store.find_by_role(ROLE) is None
    assert store.last_report("con_none") is None
    with pytest.raises(UnknownConnection, match="'con_none'"):
        store.get("con_none")


@pytest.mark.parametrize("filled", [False, True], ids=["least", "full"])
def test_what_is_added_comes_back(store, opened, make_connection, filled):
    connection = full(make_connection) if filled else make_connection()
    store.add(connection)
    assert store.get(connection.id) == connection
    assert opened().get(connection.id) == connection
    assert store.get(connection.id).created_at.tzinfo is UTC


def test_oldest_first(store, make_connection):
    first, second, third = make_connection(), make_connection(), make_connection()
    for connection in (third, first, second):
        store.add(connection)
    assert list(store.list()) == [first, second, third]


def test_find_by_role(store, make_connection):
    held = make_connection(role_arn=ROLE)
    store.add(held)
    store.add(make_connection())
    assert store.find_by_role(ROLE) == held
    assert store.find_by_role(ROLE.lower()) is None


@pytest.mark.parametrize(
    ("field", "named"), [("id", "con_"), ("external_id", "ExternalId"), ("role_arn", "role ARN")], ids=str
)
def test_add_refuses_what_another_holds(store, make_connection, field, named):
    held = make_connection(role_arn=ROLE)
    store.add(held)
    newcomer = make_connection(**{"role_arn": OTHER_ROLE, field: getattr(held, field)})
    with pytest.raises(ConnectionConflict, match=named) as caught:
        store.add(newcomer)
    assert held.id in str(caught.value)
    assert list(store.list()) == [held]


def test_connections_without_a_role_do_not_collide(store, make_connection):
    store.add(make_connection())
    store.add(make_connection())
    assert len(store.list()) == 2


def test_update_writes_every_field_that_may_change(store, make_connection):
    before = make_connection()
    store.add(before)
    after = replace(
        full(make_connection),
        id=before.id,
        external_id=before.external_id,
        created_at=before.created_at,
        alias="new",
        region="us-east-1",
    )
    store.update(after)
    assert store.get(before.id) == after
    store.update(replace(after, webhook_secret=None, role_arn=None))
    assert store.get(before.id) == replace(after, webhook_secret=None, role_arn=None)


def test_update_of_nobody(store, make_connection, make_report):
    with pytest.raises(UnknownConnection):
        store.update(make_connection())
    nobody = make_connection()
    with pytest.raises(UnknownConnection):
        store.record(nobody, make_report())
    assert store.last_report(nobody.id) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"external_id": "another"}, "ExternalId cannot change from 'ext-1' to 'another'"),
        ({"vendor": "another"}, "vendor cannot change from 'mailmark' to 'another'"),
        ({"created_at": datetime(2020, 1, 1, tzinfo=UTC)}, "time of creation cannot change"),
    ],
    ids=["external-id", "vendor", "created-at"],
)
@pytest.mark.parametrize("recorded", [False, True], ids=["update", "record"])
def test_what_cannot_change(store, make_connection, make_report, change, named, recorded):
    before = make_connection()
    store.add(before)
    arguments = (replace(before, alias="new", **change), *([make_report()] if recorded else []))
    with pytest.raises(ConnectionConflict, match=named):
        (store.record if recorded else store.update)(*arguments)
    assert store.get(before.id) == before
    assert store.last_report(before.id) is None


def test_update_refuses_a_role_that_another_holds(store, make_connection, make_report):
    held, other = make_connection(role_arn=ROLE), make_connection()
    store.add(held)
    store.add(other)
    with pytest.raises(ConnectionConflict, match=f"role ARN '{ROLE}' is held by connection '{held.id}'"):
        store.update(replace(other, role_arn=ROLE))
    with pytest.raises(ConnectionConflict):
        store.record(replace(other, role_arn=ROLE), make_report())
    assert store.get(other.id) == other
    assert store.last_report(other.id) is None


def test_update_with_its_own_role_is_no_conflict(store, make_connection):
    held = make_connection(role_arn=ROLE)
    store.add(held)
    store.update(replace(held, alias="new"))
    assert store.get(held.id).alias == "new"


def test_record_keeps_connection_and_report(store, opened, make_connection, make_report):
    before = make_connection()
    store.add(before)
    report = make_report()
    after = replace(before, role_arn=ROLE, status=ConnectionStatus.VERIFIED, checked_at=report.checked_at)
    store.record(after, report)
    assert opened().get(before.id) == after
    assert opened().last_report(before.id) == report


def test_the_newest_report_is_the_last(store, make_connection, make_report):
    connection, other = make_connection(), make_connection()
    store.add(connection)
    store.add(other)
    new = make_report(checked_at=datetime(2026, 11, 21, 5, tzinfo=UTC), verdict=Verdict.INSECURE)
    old = make_report(checked_at=new.checked_at - timedelta(microseconds=1))
    store.record(connection, new)
    store.record(connection, old)
    store.record(other, old)
    assert store.last_report(connection.id) == new
    again = make_report(checked_at=new.checked_at, verdict=Verdict.FAILED)
    store.record(connection, again)
    assert store.last_report(connection.id) == again


def test_record_is_one_transaction(store, make_connection, make_report):
    before = make_connection()
    store.add(before)
    with store._database.writing("break") as transaction:
        reports.drop(transaction)
    with pytest.raises(StoreError, match="cannot write to store"):
        store.record(replace(before, alias="new"), make_report())
    assert store.get(before.id) == before


def test_a_report_of_nobody_is_refused_by_the_database(store, make_report):
    entry = {"connection_id": "con_none", "checked_at": make_report().checked_at, "verdict": "x", "report": "{}"}
    with pytest.raises(StoreError), store._database.writing("write to") as transaction:
        transaction.execute(reports.insert().values(entry))


@pytest.mark.parametrize("field", ["id", "alias", "customer", "webhook_secret", "next_webhook_secret", "last_error"])
@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b"], ids=["nul", "surrogate"])
def test_text_that_not_every_database_can_keep(store, make_connection, field, bad):
    with pytest.raises(UsageError, match=f"connection's {field} ") as caught:
        store.add(make_connection(**{field: bad}))
    assert bad not in f"{caught.value!r} {caught.value.hint} {caught.value.__cause__!r}"
    assert list(store.list()) == []


def test_indexed_text_has_a_limit_that_every_database_keeps(store, make_connection):
    longest = "".join(chr(0x4E00 + number * 37 % 20000) for number in range(682))  # does not compress
    connection = make_connection(external_id=longest, role_arn=longest, vendor=longest, id=longest)
    store.add(connection)
    assert store.get(longest) == connection
    with pytest.raises(UsageError, match="external_id is 2049 bytes long"):
        store.add(make_connection(external_id=longest + "abc"))


def test_a_time_without_zone_is_refused(store, make_connection):
    with pytest.raises(UsageError, match="updated_at has no time zone"):
        store.add(make_connection(updated_at=datetime(2026, 1, 1)))  # noqa: DTZ001  the attack


def test_an_unknown_status_is_not_guessed(store, make_connection):
    connection = make_connection()
    store.add(connection)
    with store._database.writing("change") as transaction:
        transaction.execute(connections.update().values(status="superb"))
    with pytest.raises(StoreError, match="unknown status 'superb'"):
        store.get(connection.id)


def test_threads_may_share_a_store(store, make_connection, make_report):
    made = [make_connection(webhook_secret=f"secret {number}") for number in range(16)]

    def work(connection):
        # What fails in a thread fails the test: pytest makes it a warning, and warnings are errors here.
        store.add(connection)
        store.record(replace(connection, alias="seen"), make_report())
        assert store.get(connection.id).webhook_secret == connection.webhook_secret

    threads = [threading.Thread(target=work, args=(connection,)) for connection in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(store.list()) == [replace(connection, alias="seen") for connection in made]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
AWKWARD = st.sampled_from(
    ["", " ", "\n", "'; DROP TABLE connections; --", "\\", "%s", ":x", "\ufeff", "🜁" * 40, "\u00e9", "e\u0301"]
)
ANY_TEXT = TEXT | AWKWARD
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2500, 1, 1), timezones=ZONES)  # noqa: DTZ001  zones are added
CONNECTIONS = st.builds(
    dict,
    alias=ANY_TEXT,
    vendor=ANY_TEXT,
    region=ANY_TEXT,
    customer=st.none() | ANY_TEXT,
    webhook_secret=st.none() | ANY_TEXT,
    next_webhook_secret=st.none() | ANY_TEXT,
    secret_spread_at=st.none() | TIMES,
    secret_overlap=st.none() | st.integers(0, 2**31 - 1),
    secret_arn=st.none() | ANY_TEXT,
    stack_name=st.none() | ANY_TEXT,
    template_url=st.none() | ANY_TEXT,
    account_id=st.none() | ANY_TEXT,
    bucket_name=st.none() | ANY_TEXT,
    status=st.sampled_from(ConnectionStatus),
    sandbox=st.none() | st.booleans(),
    last_error=st.none() | ANY_TEXT,
    created_at=TIMES,
    updated_at=TIMES,
    checked_at=st.none() | TIMES,
    verified_at=st.none() | TIMES,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=CONNECTIONS, after=CONNECTIONS, suffix=ANY_TEXT)
def test_any_row_comes_back_as_it_was(store, make_connection, before, after, suffix):
    connection = make_connection(**before)
    unique = {"id": connection.id + suffix, "external_id": connection.id + suffix, "role_arn": connection.id + suffix}
    connection = replace(connection, **unique)
    store.add(connection)
    assert store.get(connection.id) == connection
    assert store.find_by_role(connection.role_arn) == connection
    kept = {"vendor": connection.vendor, "created_at": connection.created_at}
    changed = replace(connection, **{**after, **kept})
    store.update(changed)
    found = store.get(connection.id)
    assert found == changed
    assert {found.created_at.tzinfo, found.updated_at.tzinfo} == {UTC}


def test_close_may_be_called_twice(url, key_file):
    store = open_store(url, key=None, key_file=key_file)
    store.close()
    store.close()
