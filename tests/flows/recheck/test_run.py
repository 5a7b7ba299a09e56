"""A run over a fleet, on a real store and without AWS: what is recorded, told, resumed; and killed again and again."""

import asyncio
import importlib.util
import itertools
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from byoaws.errors import AccessDenied, BadCredentials, KeyMissing, UsageError
from byoaws.fleet.breaker import REFUSED, Breaker
from byoaws.fleet.engine import Limits
from byoaws.fleet.pacing import Pace, Ticker
from byoaws.fleet.schedule import Policy
from byoaws.flows.recheck import feed
from byoaws.flows.recheck.means import Means, Request
from byoaws.flows.recheck.run import keep_checking, recheck
from byoaws.model import Connection, ConnectionStatus, ProbeResult, Status, Verdict, VerificationReport
from byoaws.store.fleet import open_fleet
from byoaws.store.interface import Selection
from byoaws.store.schema import connections, notices, reports
from byoaws.store.sql import open_store
from byoaws.vendors.file import load_vendor

WORKER = Path(__file__).parents[2] / "data" / "fleet_worker.py"
START = datetime(2026, 11, 20, tzinfo=UTC)
EVERYTHING = Request(everything=True)


def connection(number, **changes):
    account = f"{number:012}"
    values = {
        "id": f"con_{number:020}",
        "alias": f"customer {number}",
        "vendor": "mailmark",
        "region": "eu-central-1",
        "external_id": f"ext-{number}",
        "role_arn": f"arn:aws:iam::{account}:role/byoaws/mailmark/Access",
        "account_id": account,
        "status": ConnectionStatus.VERIFIED,
        "created_at": START,
        "updated_at": START,
        "checked_at": START,
        "verified_at": START,
    }
    return Connection(**{**values, **changes})


class Fleet:
    """A store, and runs over it in which `verdicts` says what is found, by number; each check is a second later."""

    def __init__(self, folder):
        self.url = f"sqlite:///{folder / 'store.sqlite3'}"
        self.store = open_store(self.url, key=None, key_file=folder / "key")
        self.fleet = open_fleet(self.url)
        self.vendor = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "999988887777"})
        self.verdicts, self.asked, self.told, self.promoted = {}, [], [], []
        self.seconds = itertools.count()
        self.breaker = Breaker()
        self.engine = None

    def add(self, *made):
        for one in made:
            self.store.add(one)

    def now(self):
        return START + timedelta(days=1, seconds=next(self.seconds))

    async def check(self, target):
        number = int(target.role_arn.split(":")[4])
        self.asked.append(number)
        await asyncio.sleep(0)
        found = self.verdicts.get(number, Verdict.VERIFIED)
        if isinstance(found, Exception):
            raise found
        return VerificationReport(
            verdict=found,
            role_arn=target.role_arn,
            account_id=f"{number:012}",
            region=target.region,
            vendor="mailmark",
            sandbox=False,
            checked_at=self.now(),
            probes=(),
        )

    async def deliver(self, notice):
        self.told.append(json.loads(notice.body)["type"])

    def planned(self, total):
        self.total = total

    def checked(self, count):
        """Nothing."""

    def waiting(self, until):
        """Nothing."""

    def means(self, **changes):
        values = {
            "store": self.fleet,
            "vendor": self.vendor,
            "check": self.check,
            "promote": lambda connection_id, report: self.promoted.append(connection_id),
            "now": self.now,
            "monotonic": time.monotonic,
            "pace": Pace(500, Ticker(time.monotonic)),
            "breaker": self.breaker,
            "channels": {"test": self},
            "progress": self,
            # The clock runs a second a look: a lease must outlive that.
            "limits": Limits(concurrency=4, batch=3, linger=0.01, check=5000, margin=1000),
            "on_start": lambda engine: setattr(self, "engine", engine),
        }
        return Means(**{**values, **changes})

    def recheck(self, request=EVERYTHING, **changes):
        self.asked.clear()
        return asyncio.run(recheck(request, self.means(**changes)))

    def close(self):
        self.fleet.close()
        self.store.close()


@pytest.fixture
def fleet(tmp_path):
    opened = Fleet(tmp_path)
    yield opened
    opened.close()


def test_all_are_checked_once_and_recorded(fleet):
    fleet.add(*map(connection, range(20)))
    fleet.verdicts = {3: Verdict.FAILED, 4: Verdict.INSECURE, 5: Verdict.UNKNOWN, 6: UsageError("in our own account")}
    summary = fleet.recheck()
    assert Counter(fleet.asked) == Counter(range(20)) + Counter({6: Counter(fleet.asked)[6] - 1})
    assert summary.verdicts == {Verdict.VERIFIED: 16, Verdict.FAILED: 1, Verdict.INSECURE: 1, Verdict.UNKNOWN: 1}
    assert {one.connection.alias for one in summary.changed} == {"customer 3", "customer 4"}
    assert [one.reason for one in summary.refused][:1] == ["in our own account"]
    assert summary.exit_code == 1
    assert fleet.total == 20
    states = {one.alias: one.status.value for one in fleet.store.list()}
    assert (states["customer 3"], states["customer 4"], states["customer 5"]) == ("failed", "insecure", "verified")
    assert fleet.told == ["connection.insecure"]  # failed must hold


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(Verdict.VERIFIED, 0), (Verdict.FAILED, 1), (Verdict.INSECURE, 1), (Verdict.UNKNOWN, 3), (UsageError("no"), 3)],
    ids=["verified", "failed", "insecure", "unknown", "refused"],
)
def test_exit_codes(fleet, verdict, code):
    fleet.add(connection(1), connection(2))
    fleet.verdicts = {1: verdict}
    assert fleet.recheck().exit_code == code


def test_a_failure_is_told_when_it_holds_and_so_is_its_end(fleet):
    fleet.add(connection(1), connection(2, verified_at=None, status=ConnectionStatus.FAILED))
    fleet.verdicts = {1: Verdict.FAILED, 2: Verdict.FAILED}
    told = []
    for _ in range(3):
        fleet.recheck()
        told.append(list(fleet.told))
    assert told == [[], ["connection.failed"], ["connection.failed"]]  # the second never worked
    fleet.verdicts = {}
    fleet.recheck()
    fleet.recheck()
    assert fleet.told == ["connection.failed", "connection.verified"]


def test_a_selection_is_checked_and_no_other(fleet):
    day = timedelta(days=1)
    fleet.add(
        connection(1),
        connection(2, status=ConnectionStatus.FAILED),
        connection(3, checked_at=START + day - timedelta(hours=1)),
        connection(4, status=ConnectionStatus.DISCONNECTED, role_arn=None),
        connection(5, status=ConnectionStatus.PENDING, role_arn=None, checked_at=None),
        connection(6, vendor="other"),
    )
    fleet.recheck(Request(statuses=frozenset({ConnectionStatus.FAILED})))
    assert fleet.asked == [2]
    summary = fleet.recheck(Request(older_than=timedelta(hours=12)))
    assert fleet.asked == [1]
    assert (summary.counts.disconnected, summary.counts.without_role, summary.counts.other_vendors) == (1, 1, 1)
    fleet.recheck(Request())
    assert fleet.asked == [3]  # never scheduled; the other two are due tomorrow
    fleet.recheck(Request())
    assert fleet.asked == []


def test_a_fault_of_ours_touches_no_status_and_the_run_can_be_resumed(fleet):
    fleet.add(*map(connection, range(30)))

    async def check(target):
        if len(fleet.asked) >= 10:
            fleet.breaker.failed(BadCredentials("expired"))
            return replace(await fleet.check(target), verdict=Verdict.FAILED)
        return await fleet.check(target)

    with pytest.raises(BadCredentials):
        fleet.recheck(check=check)
    assert {one.status for one in fleet.store.list()} == {ConnectionStatus.VERIFIED}
    done = {one.alias for one in fleet.store.list() if one.checked_at > START}
    assert 0 < len(done) <= 10
    fleet.breaker = Breaker()
    summary = fleet.recheck()
    assert summary.resumed
    assert summary.checked == 30 - len(done)
    assert fleet.recheck().checked == 30  # that run is over: a new one begins


def test_interrupted_it_records_what_it_has_and_goes_on_later(fleet):
    fleet.add(*map(connection, range(30)))

    async def check(target):
        if len(fleet.asked) == 10:
            fleet.engine.stop()
        return await fleet.check(target)

    summary = fleet.recheck(check=check)
    assert summary.interrupted
    assert 10 <= summary.checked < 20
    again = fleet.recheck()
    assert (again.resumed, again.checked) == (True, 30 - summary.checked)
    assert fleet.recheck(replace(EVERYTHING, fresh=True)).resumed is False


def test_a_run_beside_another_one_says_that_the_other_has_it(fleet, monkeypatch):
    monkeypatch.setattr(feed, "_LONGEST_WAIT", 0.1)
    fleet.add(*map(connection, range(10)))
    second, planned = [], []
    monkeypatch.setattr(fleet, "planned", planned.append)

    async def check(target):
        if not second:
            # All are claimed by the first one: the second waits for it, and finds nothing left.
            second.append(asyncio.create_task(recheck(EVERYTHING, fleet.means())))
        while len(planned) < 2:
            await asyncio.sleep(0.01)
        return await fleet.check(target)

    async def both():
        one = Limits(concurrency=64, batch=3, linger=0.01, check=5000, margin=1000)
        first = await recheck(EVERYTHING, fleet.means(check=check, limits=one))
        return first, await second[0]

    first, other = asyncio.run(both())
    assert (first.checked, first.elsewhere, first.exit_code) == (10, 0, 0)
    assert (other.checked, other.elsewhere, other.exit_code) == (0, 10, 3)


def test_a_run_that_is_interrupted_knows_what_another_process_has(fleet):
    fleet.add(*map(connection, range(30)))
    selection = Selection(vendor="mailmark")
    at = fleet.now()
    fleet.fleet.claim_due("other", selection, now=at, until=at + timedelta(days=1), limit=7)

    async def check(target):
        if len(fleet.asked) == 10:
            fleet.engine.stop()
        return await fleet.check(target)

    summary = fleet.recheck(check=check)
    assert (summary.interrupted, summary.elsewhere) == (True, 7)


def test_only_what_is_being_exchanged_is_promoted(fleet):
    fleet.add(connection(1), connection(2, pending_external_id="ext-new"))
    fleet.recheck()
    assert fleet.promoted == ["con_00000000000000000002"]


def test_a_worker_without_the_key_checks_all_the_same(fleet):
    """Only to make a new ExternalId the present one needs it; every worker would die of one such customer."""
    fleet.add(*map(connection, range(3)), connection(7, pending_external_id="ext-new"))

    def promote(connection_id, report):
        raise KeyMissing("the key is not here")

    summary = fleet.recheck(promote=promote)
    assert (summary.checked, [one.reason for one in summary.refused]) == (4, ["the key is not here"])
    assert summary.exit_code == 3
    assert fleet.store.get(connection(7).id).pending_external_id == "ext-new"


def test_it_keeps_checking_what_is_due_until_it_is_stopped(fleet):
    fleet.add(*map(connection, range(10)))
    said = []

    def say(summary):
        said.append(summary.checked)
        if sum(said) == 10:
            fleet.engine.stop()

    policy = Policy(period=timedelta(days=1))
    asyncio.run(keep_checking(policy, fleet.means(monotonic=partial(next, itertools.count(0, 60))), say=say))
    assert sum(said) == 10
    assert sorted(fleet.asked) == list(range(10))


def test_a_schedule_says_a_line_a_minute_and_the_rest_at_the_end(fleet, monkeypatch):
    """While things fall due steadily the feed has nothing to do twice a second."""
    fleet.add(*map(connection, range(30)))
    said, clock = [], [0.0]

    def say(summary):
        said.append((clock[0], summary.checked))

    async def check(target):
        report = await fleet.check(target)
        clock[0] = 6.0 * len(fleet.asked)
        if len(fleet.asked) == 30:
            fleet.engine.stop()
        return report

    class Trickling:
        """One falls due after the other."""

        def __getattr__(self, name):
            return getattr(fleet.fleet, name)

        def claim_due(self, owner, selection, *, limit, **more):
            self.looks = not getattr(self, "looks", True)
            return [] if self.looks else fleet.fleet.claim_due(owner, selection, limit=1, **more)

    monkeypatch.setattr(feed, "_SETTLING", 0.0)
    limits = Limits(concurrency=1, batch=1, linger=0.01, check=5000, margin=1000)
    means = fleet.means(store=Trickling(), check=check, monotonic=lambda: clock[0], limits=limits)
    asyncio.run(keep_checking(Policy(), means, say=say))
    assert sum(checked for _, checked in said) == 30
    assert len(said) in (4, 5)  # of 180 seconds: one at once, one a minute, one at the end
    assert all(later - before >= 60 for (before, _), (later, _) in itertools.pairwise(said[:-1]))


def test_what_is_recorded_while_a_line_is_said_is_said_in_the_next(fleet):
    """The lines of a schedule add up to what was checked."""
    fleet.add(*map(connection, range(10)))
    said = []

    class Slow:
        """The line is said while a batch is being written."""

        def __getattr__(self, name):
            return getattr(fleet.fleet, name)

        def record_many(self, owner, results):
            if said:
                time.sleep(0.05)
            return fleet.fleet.record_many(owner, results)

    def say(summary):
        said.append(summary.checked)
        if len(fleet.asked) == 10:
            fleet.engine.stop()

    async def check(target):
        await asyncio.sleep(0.02 * (int(target.role_arn.split(":")[4]) + 1))
        return await fleet.check(target)

    means = fleet.means(store=Slow(), check=check, monotonic=partial(next, itertools.count(0, 60)))
    asyncio.run(keep_checking(Policy(), means, say=say))
    assert sum(said) == 10


def test_what_cannot_be_asked_is_not_asked_again_and_again(fleet):
    """Accounts that never answer, or roles that nobody can ask, must not take the turns of all others."""
    fleet.add(connection(1), connection(2))
    fleet.verdicts = {1: UsageError("in our own account")}
    fleet.recheck(Request())
    later = START + timedelta(days=1, minutes=10)
    fleet.now = lambda: later
    assert 1 in fleet.asked
    fleet.recheck(Request())
    assert fleet.asked == []
    later = START + timedelta(days=1, hours=3)  # the lease has ended as well
    fleet.recheck(Request())
    assert fleet.asked == [1]
    (claim,) = fleet.fleet.claim_due(
        "me",
        Selection(vendor="mailmark"),
        now=START + timedelta(days=2),
        until=START + timedelta(days=3),
        limit=1,
    )
    assert claim.standing.unknown_count == 2  # ever more seldom
    assert claim.connection.status is ConnectionStatus.VERIFIED


def test_a_role_of_another_connection_ends_no_run(fleet):
    """Two connections, one role: the second is never recorded, and must not be checked without end."""
    role = connection(1).role_arn
    fleet.add(connection(1), connection(2, role_arn=None, verified_at=None, status=ConnectionStatus.FAILED))
    second = fleet.store.get(connection(2).id)
    fleet.store.record(second, asyncio.run(fleet.check(SimpleNamespace(role_arn=role, region="eu-central-1"))))
    with fleet.fleet._database.writing("change") as transaction:
        transaction.execute(sa.update(connections).where(connections.c.id == second.id).values(role_arn=None))
    summary = fleet.recheck(Request())
    assert (summary.checked, summary.overtaken, fleet.asked) == (1, 1, [1, 1])
    assert fleet.recheck(Request()).checked == 0


REFUSAL = ProbeResult(
    code="V203",
    name="assume-role",
    status=Status.FAIL,
    summary="AWS refused",
    evidence={"aws_message": "User: u is not authorized to perform: sts:AssumeRole on resource: r"},
)


@pytest.fixture
def refusing(fleet):
    """A check in which all roles refuse us, but those of the numbers that are given."""

    def make(*opening, after=0.02):
        async def check(target):
            report = await fleet.check(target)
            if int(target.role_arn.split(":")[4]) in opening:
                await asyncio.sleep(after)  # the others refuse at once
                fleet.breaker.opened()
                return report
            return replace(report, verdict=Verdict.FAILED, probes=(REFUSAL,))

        return check

    return make


def statuses(fleet):
    return [one.status.value for one in sorted(fleet.store.list(), key=lambda one: one.id)]


@pytest.mark.parametrize("status", [ConnectionStatus.VERIFIED, ConnectionStatus.INSECURE])
def test_roles_that_refuse_us_all_at_once_are_not_written_down_as_failed(fleet, refusing, status):
    """The principal that they trust was deleted and made anew: a million customers did nothing."""
    fleet.add(*(connection(number, status=status) for number in range(REFUSED * 5)))
    request = replace(EVERYTHING, policy=Policy(hold=1))
    with pytest.raises(AccessDenied, match="20 roles in a row that opened before refuse us"):
        fleet.recheck(request, check=refusing())
    assert set(statuses(fleet)) == {status.value}
    assert fleet.told == []
    assert all(fleet.store.last_report(one.id) is None for one in fleet.store.list())
    left = fleet.fleet.backlog(Selection(vendor="mailmark"), fleet.now(), most=1000)
    assert (left.free, left.leased) == (REFUSED * 5, 0)  # given back: the next run finds out at once
    fleet.breaker = Breaker()
    assert fleet.recheck(request).verdicts == {Verdict.VERIFIED: REFUSED * 5}


@pytest.mark.parametrize("count", [1, 2, 3, REFUSED - 1])
def test_of_a_small_fleet_that_refuses_us_as_a_whole_one_or_two_may_be_theirs(fleet, refusing, count):
    fleet.add(*map(connection, range(count)))
    summary = fleet.recheck(replace(EVERYTHING, policy=Policy(hold=1)), check=refusing())
    if count <= 2:
        assert (statuses(fleet), summary.exit_code) == (["failed"] * count, 1)
        assert fleet.told == ["connection.failed"] * count
        return
    assert (statuses(fleet), summary.exit_code, fleet.told) == (["verified"] * count, 3, [])
    assert (summary.checked, summary.refused_count) == (0, count)
    assert f"{count} roles that opened before refuse us, and none opens" in summary.refused[0].reason
    left = fleet.fleet.backlog(Selection(vendor="mailmark"), fleet.now() + timedelta(days=1), most=1000)
    assert (left.free, left.leased) == (count, 0)  # the run is over: the next one waits for no lease of it
    # Asked again soon; and one that opens then tells that the others are the customers'.
    fleet.now = lambda: START + timedelta(days=1, hours=6)
    at_once = Limits(concurrency=256)
    again = fleet.recheck(Request(), check=refusing(count - 1), limits=at_once)
    assert again.verdicts == {Verdict.FAILED: count - 1, Verdict.VERIFIED: 1}


def test_attack_one_customer_who_withdraws_many_stops_nobody_s_checks(fleet):
    """All are asked at once: roles open with the first call, and a refusal is told when its whole check is over."""
    fleet.add(*map(connection, range(84)))

    async def check(target):
        number = int(target.role_arn.split(":")[4])
        if number >= 24:
            fleet.breaker.opened()
        await asyncio.sleep(0.05)
        report = await fleet.check(target)
        return report if number >= 24 else replace(report, verdict=Verdict.FAILED, probes=(REFUSAL,))

    limits = Limits(concurrency=84, linger=0.01, check=5000, margin=1000)
    summary = fleet.recheck(replace(EVERYTHING, policy=Policy(hold=1)), check=check, limits=limits)
    assert summary.verdicts == {Verdict.VERIFIED: 60, Verdict.FAILED: 24}
    assert statuses(fleet).count("failed") == 24


def test_refusals_among_roles_that_open_count(fleet, refusing):
    """However many they are: our principal is sound."""
    fleet.add(*map(connection, range(41)))
    summary = fleet.recheck(check=refusing(*range(0, 41, 5)))
    assert summary.verdicts == {Verdict.FAILED: 32, Verdict.VERIFIED: 9}
    assert statuses(fleet).count("failed") == 32


def test_roles_that_refuse_us_from_some_moment_on_are_not_failed_even_if_they_are_the_last(fleet, refusing):
    """Fewer than would trip the breaker are left; those that were under way when one opened last count."""
    fleet.add(*map(connection, range(41)))
    summary = fleet.recheck(check=refusing(*range(30), after=0))
    assert summary.verdicts[Verdict.VERIFIED] == 30
    assert summary.verdicts[Verdict.FAILED] <= 4
    assert summary.verdicts[Verdict.FAILED] + summary.refused_count == 11
    assert summary.exit_code in (1, 3)


def test_a_worker_that_is_killed_again_and_again_leaves_exactly_the_right_states(fleet):
    count, chance = 1000, random.Random(7)  # noqa: S311
    made = [connection(number) for number in range(count)]
    rows = [{**{name: getattr(one, name) for name in Connection.__slots__}, "status": "verified"} for one in made]
    with fleet.fleet._database.writing("fill") as transaction:
        transaction.execute(sa.insert(connections), rows)
    kills = [chance.randrange(20, 250) for _ in range(4)]
    done = subprocess.run(
        [sys.executable, "-W", "error", WORKER, fleet.url, *map(str, kills), "0"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    *_, summary, ends = done.stdout.splitlines()
    assert json.loads(ends) == [*[-signal.SIGKILL] * len(kills), 0], done.stderr
    assert json.loads(summary)["resumed"]
    spec = importlib.util.spec_from_file_location("fleet_worker", WORKER)
    worker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worker)
    with fleet.fleet._database.reading("read") as transaction:
        stored = transaction.execute(sa.select(connections)).mappings().all()
        history = Counter(transaction.execute(sa.select(reports.c.connection_id)).scalars())
        told = Counter(transaction.execute(sa.select(notices.c.connection_id)).scalars())
        undelivered = transaction.execute(sa.select(notices.c.id).where(notices.c.delivered_at.is_(None))).all()
    for row in stored:
        expected = worker.verdict_of(row["role_arn"])
        status = "verified" if expected is Verdict.UNKNOWN else expected.value
        assert (row["status"], row["lease_owner"]) == (status, None)
        assert row["checked_at"] > START
        assert told[row["id"]] == (1 if status in ("failed", "insecure") else 0)
    assert set(history.values()) == {1}  # what was not recorded was checked again, and nothing recorded twice
    assert len(history) == count
    assert undelivered == []
