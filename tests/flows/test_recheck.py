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
from pathlib import Path

import pytest
import sqlalchemy as sa

from byoaws.errors import BadCredentials, UsageError
from byoaws.fleet.breaker import Breaker
from byoaws.fleet.engine import Limits
from byoaws.fleet.pacing import Pace, Ticker
from byoaws.fleet.schedule import Policy
from byoaws.flows.recheck import keep_checking, recheck
from byoaws.flows.recheck_means import Means, Request
from byoaws.model import Connection, ConnectionStatus, Verdict, VerificationReport
from byoaws.store.fleet import open_fleet
from byoaws.store.schema import connections, notices, reports
from byoaws.store.sql import open_store
from byoaws.vendors.file import load_vendor

WORKER = Path(__file__).parents[1] / "data" / "fleet_worker.py"
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


def test_only_what_is_being_exchanged_is_promoted(fleet):
    fleet.add(connection(1), connection(2, pending_external_id="ext-new"))
    fleet.recheck()
    assert fleet.promoted == ["con_00000000000000000002"]


def test_it_keeps_checking_what_is_due_until_it_is_stopped(fleet):
    fleet.add(*map(connection, range(10)))
    said = []

    def say(summary):
        said.append(summary.checked)
        if sum(said) == 10:
            fleet.engine.stop()

    policy = Policy(period=timedelta(days=1))
    asyncio.run(keep_checking(policy, fleet.means(), say=say))
    assert sum(said) == 10
    assert sorted(fleet.asked) == list(range(10))


def test_a_worker_that_is_killed_again_and_again_leaves_exactly_the_right_states(fleet):
    count, chance = 1000, random.Random(7)  # noqa: S311
    made = [connection(number) for number in range(count)]
    rows = [{**{name: getattr(one, name) for name in Connection.__slots__}, "status": "verified"} for one in made]
    with fleet.fleet._database.writing("fill") as transaction:
        transaction.execute(sa.insert(connections), rows)
    kills = [chance.randrange(20, 250) for _ in range(4)]
    for die_after in [*kills, 0]:
        done = subprocess.run(
            [sys.executable, "-W", "error", WORKER, fleet.url, str(die_after)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == (-signal.SIGKILL if die_after else 0), done.stderr
    assert json.loads(done.stdout)["resumed"]
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
