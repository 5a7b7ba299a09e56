"""Claims, leases, batches and what is to be told, on every database."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from byoaws.errors import StoreError
from byoaws.flows.stored import after
from byoaws.model import ConnectionStatus, ProbeResult, Status, Verdict
from byoaws.store.fleet import SqlFleet, open_fleet
from byoaws.store.interface import Backlog, FleetStore, Notice, Result, Selection, Standing
from byoaws.store.schema import connections, notices, reports

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=2)
DUE = Selection(vendor="mailmark")
ALL = Selection(vendor="mailmark", unchecked_since=NOW)
HOUR = timedelta(hours=1)


@pytest.fixture
def fleet(url, store):
    opened = open_fleet(url)
    yield opened
    opened.close()


@pytest.fixture
def add(store, make_connection):
    """Keep a connection whose role verified an hour ago."""

    def add_one(**changes):
        made = make_connection()
        account = made.id[-12:]
        known = {
            "role_arn": f"arn:aws:iam::{account}:role/byoaws/mailmark/Access",
            "account_id": account,
            "status": ConnectionStatus.VERIFIED,
            "checked_at": NOW - HOUR,
            "verified_at": NOW - HOUR,
        }
        connection = replace(made, **{**known, **changes})
        store.add(connection)
        return connection

    return add_one


@pytest.fixture
def claim(fleet):
    def claim_some(selection=ALL, *, owner="me", now=NOW, until=UNTIL, limit=100, after=None):
        return list(fleet.claim_due(owner, selection, now=now, until=until, limit=limit, after=after))

    return claim_some


@pytest.fixture
def judged(make_report):
    """What came of a claim."""

    def judge(claim, verdict=Verdict.VERIFIED, *, at=NOW, **changes):
        report = make_report(
            verdict=verdict,
            role_arn=claim.role_arn,
            account_id=claim.connection.account_id,
            checked_at=at,
            probes=(
                ProbeResult(code="V203", name="assume-role", status=Status.FAIL, summary="refused")
                if verdict is not Verdict.VERIFIED
                else ProbeResult(code="V203", name="assume-role", status=Status.PASS, summary="opened"),
            ),
        )
        values = {
            "claim": claim,
            "connection": after(claim.connection, report),
            "report": report,
            "standing": Standing(same_result=ConnectionStatus.VERIFIED, same_result_count=1),
            "next_check_at": at + timedelta(days=1),
        }
        return Result(**{**values, **changes})

    return judge


def ids(claims):
    return [claim.connection.id for claim in claims]


def rows(fleet, table):
    with fleet._database.reading("read") as transaction:
        return transaction.execute(sa.select(table).order_by(table.c.id)).mappings().all()


def test_the_class_is_the_port():
    port = {name for name in vars(FleetStore) if not name.startswith("_")}
    assert port == {name for name in vars(SqlFleet) if not name.startswith("_")}


def test_a_store_of_a_newer_byoaws_is_refused(fleet, url):
    with fleet._database.writing("change") as transaction:
        transaction.execute(sa.text("UPDATE byoaws_revision SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        open_fleet(url)


def test_a_claim_holds_the_connection_and_none_of_its_secrets(claim, add):
    added = add(webhook_secret="whsec_c2VjcmV0", customer="№ 7")
    (found,) = claim()
    assert found.connection == replace(added, webhook_secret=None)
    assert (found.role_arn, found.until, found.standing) == (added.role_arn, UNTIL, Standing())


def test_the_longest_unchecked_come_first_and_each_once(claim, add):
    young = add(checked_at=NOW - HOUR).id
    never = add(checked_at=None).id
    old = add(checked_at=NOW - 2 * HOUR).id
    assert ids(claim(limit=1)) == [never]
    assert ids(claim(limit=1)) == [old]
    assert ids(claim()) == [young]
    assert claim() == []


def test_pages_go_on_where_the_last_one_ended(claim, add):
    added = {add(checked_at=None if number % 3 == 0 else NOW - HOUR).id for number in range(10)}
    seen, last = [], None
    while page := claim(limit=3, after=last, now=NOW + timedelta(days=30)):  # no lease is in the way: only the place is
        seen += ids(page)
        last = page[-1]
    assert len(seen) == len(set(seen))
    assert set(seen) == added


@pytest.mark.parametrize(
    ("changes", "selection"),
    [
        ({"status": ConnectionStatus.DISCONNECTED}, ALL),
        ({"status": ConnectionStatus.PENDING, "role_arn": None, "checked_at": None}, ALL),
        ({"status": ConnectionStatus.PENDING, "role_arn": None, "checked_at": None}, DUE),
        ({"vendor": "other"}, ALL),
        ({"checked_at": NOW}, ALL),
        ({}, replace(ALL, statuses=frozenset({ConnectionStatus.FAILED}))),
        (
            {"status": ConnectionStatus.DISCONNECTED},
            replace(ALL, statuses=frozenset({ConnectionStatus.DISCONNECTED, ConnectionStatus.VERIFIED})),
        ),
    ],
    ids=[
        "disconnected",
        "no role",
        "no role, due",
        "other vendor",
        "checked since",
        "other status",
        "ended, asked for",
    ],
)
def test_what_is_not_asked_for_is_not_claimed(claim, add, changes, selection):
    add(**changes)
    wanted = add(status=min(selection.statuses - {ConnectionStatus.DISCONNECTED}))
    assert ids(claim(selection)) == [wanted.id]


def test_a_connection_that_never_verified_is_claimed_with_the_role_of_its_last_report(claim, add, store, make_report):
    connection = add(role_arn=None, status=ConnectionStatus.FAILED, account_id=None, verified_at=None)
    for number, at in ((1, NOW - 2 * HOUR), (2, NOW - HOUR)):
        report = make_report(
            verdict=Verdict.FAILED, role_arn=f"arn:aws:iam::111122223333:role/R{number}", checked_at=at
        )
        store.record(after(connection, report), report)
    assert [found.role_arn for found in claim()] == ["arn:aws:iam::111122223333:role/R2"]


def test_an_expired_lease_is_taken_over_and_the_late_result_is_dropped(fleet, claim, add, judged):
    add()
    (mine,) = claim(owner="slow")
    assert claim(owner="quick", now=UNTIL - timedelta(seconds=1)) == []
    (theirs,) = claim(owner="quick", now=UNTIL, until=UNTIL + HOUR)
    assert set(fleet.record_many("slow", [judged(mine, Verdict.FAILED)])) == set()
    assert rows(fleet, reports) == []
    assert set(fleet.record_many("quick", [judged(theirs, at=UNTIL)])) == {theirs.connection.id}
    (row,) = rows(fleet, connections)
    assert (row["status"], row["lease_owner"], row["lease_until"]) == ("verified", None, None)


def test_a_late_result_counts_where_nobody_took_over(fleet, claim, add, judged):
    add()
    (mine,) = claim()
    assert set(fleet.record_many("me", [judged(mine, Verdict.FAILED, at=UNTIL + HOUR)])) == {mine.connection.id}


def test_a_batch_is_recorded_with_its_history(fleet, store, claim, add, judged):
    added = [add(webhook_secret="whsec_c2VjcmV0") for _ in range(3)]
    verdicts = (Verdict.VERIFIED, Verdict.FAILED, Verdict.UNKNOWN)
    by_id = {found.connection.id: found for found in claim()}
    results = [judged(by_id[one.id], verdict) for one, verdict in zip(added, verdicts, strict=True)]
    assert set(fleet.record_many("me", results)) == {one.id for one in added}
    for result, before in zip(results, added, strict=True):
        assert store.get(before.id) == replace(result.connection, webhook_secret="whsec_c2VjcmV0")
        assert store.last_report(before.id) == result.report
    assert [store.get(one.id).status.value for one in added] == ["verified", "failed", "verified"]
    assert [row["next_check_at"] for row in rows(fleet, connections)] == [NOW + timedelta(days=1)] * 3
    assert claim() == []


def test_the_standing_comes_back_with_the_next_claim(fleet, claim, add, judged):
    add()
    standing = Standing(
        same_result=ConnectionStatus.FAILED, same_result_count=3, unknown_count=2, told=ConnectionStatus.VERIFIED
    )
    fleet.record_many("me", [judged(one, standing=standing) for one in claim()])
    later = NOW + timedelta(days=1, seconds=1)
    assert [found.standing for found in claim(DUE, now=later, until=later + HOUR)] == [standing]


def test_what_is_due_is_claimed_first_come_first_served(fleet, claim, add, judged):
    first, second = add(), add()
    at = {first.id: NOW + 2 * HOUR, second.id: NOW + HOUR}
    assert ids(claim(DUE)) == [first.id, second.id]  # never scheduled: due
    found = claim(DUE, owner="other", now=UNTIL, until=UNTIL + HOUR)
    fleet.record_many("other", [judged(one, next_check_at=at[one.connection.id]) for one in found])
    assert claim(DUE, now=UNTIL + timedelta(minutes=1)) == []
    late = NOW + 3 * HOUR
    assert ids(claim(DUE, now=late, until=late + HOUR)) == [second.id, first.id]


def exchange(store, connection):
    store.exchange(replace(store.get(connection.id), pending_external_id="ext-new", updated_at=NOW))


def disconnect(store, connection):
    store.update(replace(store.get(connection.id), status=ConnectionStatus.DISCONNECTED, updated_at=NOW))


def verify_later(store, connection, report):
    store.record(after(store.get(connection.id), report), report)


def test_keys_that_were_exchanged_meanwhile_make_a_result_void(fleet, store, claim, add, judged):
    connection = add(webhook_secret="whsec_c2VjcmV0")
    (mine,) = claim()
    exchange(store, connection)
    now = store.get(connection.id)
    assert set(fleet.record_many("me", [judged(mine, Verdict.FAILED)])) == set()
    assert store.get(connection.id) == now
    assert now.webhook_secret == "whsec_c2VjcmV0"
    assert ids(claim()) == [connection.id]  # at once, by the new keys


def test_what_was_disconnected_meanwhile_stays_so(fleet, store, claim, add, judged):
    connection = add()
    (mine,) = claim()
    disconnect(store, connection)
    assert set(fleet.record_many("me", [judged(mine)])) == set()
    assert store.get(connection.id).status is ConnectionStatus.DISCONNECTED
    assert store.last_report(connection.id) is None


def test_a_later_verification_is_not_written_over(fleet, store, claim, add, judged, make_report):
    connection = add()
    (mine,) = claim()
    verify_later(store, connection, make_report(role_arn=connection.role_arn, checked_at=NOW + HOUR))
    now = store.get(connection.id)
    assert set(fleet.record_many("me", [judged(mine, Verdict.FAILED)])) == set()
    assert store.get(connection.id) == now


def fail_in_use(store, connection, make_report):
    assert store.fail(store.get(connection.id), "User: x is not authorized", NOW)


def verify_before(store, connection, make_report):
    """Another machine's clock is behind."""
    report = make_report(verdict=Verdict.FAILED, role_arn=connection.role_arn, checked_at=NOW - timedelta(minutes=1))
    verify_later(store, connection, report)


def verify_new_role(store, connection, make_report):
    new = make_report(role_arn="arn:aws:iam::777788889999:role/New", account_id="777788889999", checked_at=NOW)
    verify_later(store, connection, new)


@pytest.mark.parametrize("meanwhile", [fail_in_use, verify_before, verify_new_role], ids=lambda one: one.__name__)
@pytest.mark.parametrize("verdict", [Verdict.VERIFIED, Verdict.UNKNOWN, Verdict.FAILED])
def test_a_check_that_began_before_never_writes_over_what_was_found_meanwhile(
    fleet, store, claim, add, judged, make_report, meanwhile, verdict
):
    connection = add()
    (mine,) = claim(DUE)
    meanwhile(store, connection, make_report)
    now = store.get(connection.id)
    assert now.status is not connection.status or now.role_arn != connection.role_arn
    # It ended last, by its own clock, and is of a state that is no more.
    assert set(fleet.record_many("me", [judged(mine, verdict, at=NOW + timedelta(minutes=1))])) == set()
    assert store.get(connection.id) == now
    assert ids(claim(DUE)) == [connection.id]  # at once: neither is known to be so still


def test_a_time_of_the_future_holds_up_no_check(fleet, store, claim, add, judged):
    """A machine whose clock was wrong has recorded something."""
    connection = add(checked_at=NOW + timedelta(days=300), verified_at=NOW + timedelta(days=300))
    (mine,) = claim(DUE)
    assert set(fleet.record_many("me", [judged(mine, Verdict.FAILED)])) == {connection.id}
    assert claim(DUE) == []


def test_what_others_changed_meanwhile_stays(fleet, store, claim, add, judged):
    connection = add()
    (mine,) = claim()
    store.update(replace(store.get(connection.id), alias="renamed", stack_name="new", updated_at=NOW))
    fleet.record_many("me", [judged(mine, Verdict.FAILED)])
    now = store.get(connection.id)
    assert (now.alias, now.stack_name, now.status) == ("renamed", "new", ConnectionStatus.FAILED)


def test_of_a_batch_only_the_result_is_dropped_whose_role_is_anothers(fleet, store, claim, add, judged):
    holder, good = add(), add()
    thief = add(role_arn=None, verified_at=None, status=ConnectionStatus.FAILED)
    results = [judged(found) for found in claim() if found.connection.id != thief.id]
    with fleet._database.writing("lease") as transaction:
        transaction.execute(sa.update(connections).where(connections.c.id == thief.id).values(lease_owner="me"))
    stolen = replace(results[0].claim, connection=store.get(thief.id), role_arn=holder.role_arn)
    results.insert(1, judged(stolen))
    assert set(fleet.record_many("me", results)) == {holder.id, good.id}
    assert store.get(thief.id).role_arn is None
    # Due no more: what is dropped and due at once is checked without end, and so is nothing else.
    assert rows(fleet, connections)[2]["next_check_at"] == NOW + timedelta(days=1)
    assert claim(DUE, now=UNTIL + HOUR, until=UNTIL + 2 * HOUR) == []


def test_only_ones_own_claims_are_postponed_and_their_leases_go_on(fleet, claim, add):
    add()
    (mine,) = claim(DUE)
    key = mine.connection.id
    fleet.postpone("other", {key: NOW + HOUR})
    assert rows(fleet, connections)[0]["next_check_at"] is None
    fleet.postpone("me", {key: NOW + HOUR})
    assert claim(ALL) == []
    assert claim(DUE, now=UNTIL) == []
    (again,) = claim(DUE, now=NOW + 2 * HOUR, until=NOW + 3 * HOUR)
    assert again.standing.unknown_count == 1


def test_words_that_no_database_keeps_do_not_cost_a_batch(fleet, store, claim, add, judged):
    add()
    (mine,) = claim()
    result = judged(mine, Verdict.FAILED)
    odd = replace(result, connection=replace(result.connection, last_error="a\0b\ud800c"))
    assert fleet.record_many("me", [odd])
    assert store.get(mine.connection.id).last_error == "a\N{REPLACEMENT CHARACTER}b?c"


def test_only_ones_own_leases_are_released(fleet, claim, add):
    add()
    (mine,) = claim(owner="me")
    fleet.release("other", ids([mine]))
    assert claim() == []
    fleet.release("me", ids([mine]))
    assert ids(claim()) == ids([mine])


def test_workers_at_once_never_share_a_connection(url, add):
    added = {add(checked_at=None if number % 2 else NOW - HOUR).id for number in range(60)}
    taken, begin = [[] for _ in range(4)], threading.Barrier(4)

    def work(number):
        own = open_fleet(url)
        begin.wait()
        while page := own.claim_due(f"w{number}", ALL, now=NOW, until=UNTIL, limit=4):
            taken[number] += ids(page)
        own.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [one for part in taken for one in part]
    assert len(everything) == len(set(everything))
    # PostgreSQL skips what another is taking, so a worker may end while that is so: nothing is claimed twice, ever.
    assert set(everything) == added


def test_counts_and_the_next_event(fleet, claim, add):
    for changes in ({}, {}, {"status": ConnectionStatus.DISCONNECTED}, {"vendor": "other"}):
        add(**changes)
    add(role_arn=None, checked_at=None, status=ConnectionStatus.PENDING)
    assert fleet.next_event("me", ALL, NOW, due=False) is None
    claim(owner="other", limit=1)
    counts = fleet.count(ALL, NOW)
    assert (counts.selected, counts.leased, counts.disconnected, counts.without_role, counts.other_vendors) == (
        *(2, 1),
        *(1, 1, 1),
    )
    assert fleet.next_event("me", ALL, NOW, due=False) == UNTIL
    assert fleet.next_event("other", ALL, NOW, due=False) is None


def test_the_backlog_is_counted_up_to_a_limit(fleet, claim, add):
    for changes in ({}, {}, {}, {"status": ConnectionStatus.DISCONNECTED}, {"vendor": "other"}):
        add(**changes)
    claim(owner="other", limit=1)
    assert fleet.backlog(ALL, NOW, most=10) == Backlog(free=2, leased=1)
    assert fleet.backlog(DUE, NOW, most=10) == Backlog(free=2, leased=1)
    assert fleet.backlog(ALL, UNTIL, most=10) == Backlog(free=3, leased=0)  # the lease has ended
    few = fleet.backlog(ALL, NOW, most=2)
    assert few.free + few.leased == 2


def test_notices_wait_until_they_are_settled(fleet, claim, add, judged):
    add()
    (held,) = claim()
    assert fleet.notices_waiting() == 0
    fleet.record_many("me", [replace(judged(held), notices=(notice(), notice("mail")))])
    one, other = take(fleet)
    assert fleet.notices_waiting() == 2
    fleet.delivered(one.id, NOW)
    fleet.undelivered(other.id, None)
    assert fleet.notices_waiting() == 0


def test_the_next_due_time_is_an_event_for_who_waits_for_it(fleet, claim, add, judged):
    add()
    fleet.record_many("me", [judged(one) for one in claim(DUE)])
    assert fleet.next_event("me", DUE, NOW, due=True) == NOW + timedelta(days=1)
    assert fleet.next_event("me", DUE, NOW, due=False) is None


def test_one_that_failed_in_use_is_due_at_once(fleet, store, claim, add, judged):
    connection = add()
    fleet.record_many("me", [judged(one) for one in claim(DUE)])
    assert claim(DUE) == []
    assert store.fail(store.get(connection.id), "User: x is not authorized", NOW)
    (found,) = claim(DUE)
    assert found.connection.status is ConnectionStatus.FAILED


def test_a_run_goes_on_until_it_is_ended_or_forgotten(fleet):
    assert fleet.begin_run("a", NOW, fresh=False) == NOW
    assert fleet.begin_run("a", NOW + HOUR, fresh=False) == NOW
    assert fleet.begin_run("b", NOW + HOUR, fresh=False) == NOW + HOUR
    assert fleet.begin_run("a", NOW + 2 * HOUR, fresh=True) == NOW + 2 * HOUR
    assert fleet.begin_run("a", NOW + timedelta(days=2), fresh=False) == NOW + timedelta(days=2)
    fleet.end_run("a")
    assert fleet.begin_run("a", NOW + timedelta(days=3), fresh=False) == NOW + timedelta(days=3)


def notice(channel="webhook", number=1):
    return Notice(message_id=f"msg_{number}", channel=channel, body="{}")


def take(fleet, at=NOW, channels=("webhook", "mail")):
    return list(fleet.claim_notices(channels=channels, now=at, until=at + HOUR, limit=10))


def test_a_notice_is_kept_exactly_when_its_result_is(fleet, claim, add, judged):
    add()
    (mine,) = claim(owner="slow")
    (theirs,) = claim(owner="quick", now=UNTIL, until=UNTIL + HOUR)
    fleet.record_many("slow", [judged(mine, notices=(notice(number=1),))])
    fleet.record_many("quick", [judged(theirs, at=UNTIL, notices=(notice(number=2), notice("mail", 2)))])
    assert [(one.notice.message_id, one.notice.channel) for one in take(fleet, UNTIL)] == [
        ("msg_2", "webhook"),
        ("msg_2", "mail"),
    ]


def test_a_notice_comes_again_until_it_is_settled(fleet, claim, add, judged):
    add()
    fleet.record_many("me", [judged(one, notices=(notice(),)) for one in claim()])
    assert take(fleet, channels=("mail",)) == []
    (first,) = take(fleet)
    assert (first.notice, first.tries) == (notice(), 0)
    assert take(fleet) == []  # leased
    (again,) = take(fleet, NOW + HOUR)  # whoever had it died
    assert (again.id, again.tries) == (first.id, 0)  # never tried, as far as anybody knows
    fleet.undelivered(again.id, NOW + 3 * HOUR)
    assert take(fleet, NOW + 2 * HOUR) == []
    assert [one.tries for one in take(fleet, NOW + 3 * HOUR)] == [1]
    fleet.delivered(first.id, NOW + 4 * HOUR)
    assert take(fleet, NOW + timedelta(days=9)) == []
    assert [row["delivered_at"] for row in rows(fleet, notices)] == [NOW + 4 * HOUR]


def test_a_notice_that_is_given_up_comes_no_more(fleet, claim, add, judged):
    add()
    fleet.record_many("me", [judged(one, notices=(notice(),)) for one in claim()])
    fleet.undelivered(take(fleet)[0].id, None)
    assert take(fleet, NOW + timedelta(days=9)) == []
