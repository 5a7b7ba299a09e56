"""Workers and their batches, on a real store, with a queue that is a list: what is planned, checked, and shared."""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from byoaws.errors import AccessDenied, BadCredentials, StoreError
from byoaws.fleet.breaker import Breaker
from byoaws.fleet.engine import Limits
from byoaws.fleet.pacing import Pace, Ticker
from byoaws.fleet.queue import Errand
from byoaws.fleet.schedule import Policy
from byoaws.flows.recheck.batch import check_batch
from byoaws.flows.recheck.means import Means, Request
from byoaws.flows.recheck.queue import Shift, Worker, leave_to_workers, work
from byoaws.model import Connection, ConnectionStatus, ProbeResult, Status, Verdict, VerificationReport
from byoaws.store.fleet import open_fleet
from byoaws.store.interface import Backlog, Selection
from byoaws.store.sql import open_store
from byoaws.vendors.file import load_vendor

START = datetime(2026, 11, 20, tzinfo=UTC)
DUE = Selection(vendor="mailmark")
POLICY = Policy(hold=1)


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


class Tickets:
    """`fleet.queue.Queue`, of one worker; `alive` says how many workers live, look by look."""

    def __init__(self, *, alive=(1,), looks=None):
        self.tickets, self.plans = [], []
        self.alive = itertools.chain(alive, itertools.repeat(alive[-1]))
        self.stopped, self.at_once = False, None
        self.looks = looks or asyncio.Event()

    async def begin(self, errand):
        self.plans.append(errand)
        return True

    async def put(self, errand, tickets):
        self.tickets += [errand] * tickets

    async def waiting(self, errand):
        return self.tickets.count(errand)

    async def workers(self):
        found = next(self.alive)
        if isinstance(found, Exception):
            raise found
        return found

    async def work(self, jobs, *, at_once):
        self.at_once = at_once
        while not self.stopped and (self.plans or self.tickets):
            if self.plans:
                errand = self.plans.pop()
                if await jobs.plan(errand):
                    self.plans.insert(0, errand)
            for errand in [self.tickets.pop() for _ in self.tickets[:at_once]]:
                await jobs.check(errand)

    def stop(self):
        self.stopped = True


class Fleet:
    """A store, and checks in which `verdicts` says what is found, by number; each look at the clock is a second."""

    def __init__(self, folder):
        url = f"sqlite:///{folder / 'store.sqlite3'}"
        self.store, self.fleet = open_store(url, key=None, key_file=folder / "key"), open_fleet(url)
        self.vendor = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "999988887777"})
        self.seconds, self.asked, self.verdicts, self.told = itertools.count(), [], {}, []
        self.at_once, self.most_at_once = 0, 0
        self.breaker, self.pace, self.started = Breaker(), Pace(500, Ticker(lambda: 0.0)), []

    def now(self):
        return START + timedelta(days=1, seconds=next(self.seconds))

    async def check(self, target):
        number = int(target.role_arn.split(":")[4])
        self.asked.append(number)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        found = self.verdicts.get(number, Verdict.VERIFIED)
        if isinstance(found, Exception):
            self.breaker.failed(found)
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
        self.told.append(notice.message_id)

    def checked(self, count):
        """Nothing."""

    @property
    def means(self):
        return Means(
            store=self.fleet,
            vendor=self.vendor,
            check=self.check,
            promote=lambda connection_id, report: None,
            now=self.now,
            monotonic=lambda: 0.0,
            pace=self.pace,
            breaker=self.breaker,
            channels={"test": self},
            progress=self,
            limits=Limits(concurrency=4, batch=50, linger=0.01, check=5000, margin=1000),
            on_start=self.started.append,
        )

    def unchecked(self):
        return self.fleet.backlog(Selection(vendor="mailmark", unchecked_since=self.now()), self.now(), most=1000)

    def close(self):
        self.fleet.close()
        self.store.close()


@pytest.fixture
def fleet(tmp_path):
    opened = Fleet(tmp_path)
    for number in range(10):
        opened.store.add(connection(number))
    yield opened
    opened.close()


def test_a_batch_checks_so_many_and_no_more(fleet):
    summary = asyncio.run(check_batch(DUE, 6, POLICY, fleet.means))
    assert (summary.checked, len(set(fleet.asked))) == (6, 6)
    assert fleet.fleet.backlog(DUE, fleet.now(), most=1000).free == 4
    assert asyncio.run(check_batch(DUE, 6, POLICY, fleet.means)).checked == 4
    assert asyncio.run(check_batch(DUE, 6, POLICY, fleet.means)).checked == 0
    assert sorted(fleet.asked) == list(range(10))


def test_a_batch_takes_nothing_that_others_hold(fleet):
    at = fleet.now()
    held = fleet.fleet.claim_due("other", DUE, now=at, until=at + timedelta(days=1), limit=7)
    asyncio.run(check_batch(DUE, 100, POLICY, fleet.means))
    assert len(fleet.asked) == 3
    assert not set(fleet.asked) & {int(claim.role_arn.split(":")[4]) for claim in held}


def test_a_batch_that_is_stopped_gives_back_what_it_had_not_begun(fleet):
    async def stopped():
        means = fleet.means
        batch = asyncio.create_task(check_batch(DUE, 10, POLICY, means))
        while not fleet.asked:
            await asyncio.sleep(0)
        fleet.started[0].stop()
        return await batch

    summary = asyncio.run(stopped())
    assert 0 < summary.checked < 10
    left = fleet.fleet.backlog(DUE, fleet.now(), most=1000)
    assert (left.free, left.leased) == (10 - summary.checked, 0)


def test_what_cannot_be_asked_is_not_asked_again_by_the_same_batch(fleet):
    fleet.verdicts = {3: StoreError("odd")}
    summary = asyncio.run(check_batch(DUE, 100, POLICY, fleet.means))
    assert (summary.checked, summary.refused_count) == (9, 1)
    assert fleet.asked.count(3) == 1


def refusal_of(fleet, *opening):
    """A check in which all roles refuse us, but those of the numbers that are given."""
    probe = ProbeResult(code="V203", name="assume-role", status=Status.FAIL, summary="AWS refused")

    async def check(target):
        report = await fleet.check(target)
        if int(target.role_arn.split(":")[4]) in opening:
            fleet.breaker.opened()
            return report
        return replace(report, verdict=Verdict.FAILED, probes=(probe,))

    return check


def test_batches_of_roles_that_all_refuse_us_write_down_none_as_failed(fleet):
    """Each is too small to tell, and the worker knows what the ones before it found."""
    for number in range(10, 40):
        fleet.store.add(connection(number))
    means = replace(fleet.means, check=refusal_of(fleet))

    async def batches():
        return [await check_batch(DUE, 6, POLICY, means) for _ in range(10)]

    with pytest.raises(AccessDenied, match="none opens"):
        asyncio.run(batches())
    assert {one.status for one in fleet.store.list()} == {ConnectionStatus.VERIFIED}
    assert fleet.told == []


def test_a_role_that_opens_in_another_batch_tells_that_refusals_are_the_customers(fleet):
    refusing = refusal_of(fleet, 9)

    async def check(target):
        """The last of one batch opens when all others have refused, and the last of the other takes as long."""
        number = int(target.role_arn.split(":")[4])
        while (number == 9 and fleet.breaker.doubts < 8) or (number == 4 and not fleet.breaker.openings):
            await asyncio.sleep(0)
        return await refusing(target)

    means = fleet.means
    means = replace(means, check=check, limits=replace(means.limits, concurrency=8))

    async def together():
        return await asyncio.gather(*(check_batch(DUE, 5, POLICY, means) for _ in range(2)))

    summaries = asyncio.run(together())
    assert sum(one.verdicts[Verdict.FAILED] for one in summaries) == 9
    assert sum(one.refused_count for one in summaries) == 0


def shift(**changes):
    return Shift(**{"rate": 500, "concurrency": 4, "batch": 3, "share": 0.01, **changes})


def worker(fleet, queue, **changes):
    return Worker(queue, shift(**changes), POLICY, fleet.means, lambda summary: None)


@pytest.mark.parametrize(
    ("waiting", "put"), [(0, 4), (1, 3), (4, 0), (9, 0)], ids=["none-waits", "one-waits", "enough", "too-many"]
)
def test_as_many_tickets_are_put_as_there_is_work_for(fleet, waiting, put):
    queue, errand = Tickets(), Errand(selection=DUE)
    queue.tickets = [errand] * waiting
    assert asyncio.run(worker(fleet, queue).plan(errand)) is False
    assert len(queue.tickets) == waiting + put


def test_no_more_tickets_wait_than_will_be_worked_off_in_a_while(fleet):
    class Endless:
        def backlog(self, selection, now, *, most):
            return Backlog(free=most, leased=0)

    queue, means = Tickets(), replace(fleet.means, store=Endless())
    endless = Worker(queue, shift(batch=7), POLICY, means, lambda summary: None)
    for _ in range(2):
        asyncio.run(endless.plan(Errand(selection=DUE)))
        assert len(queue.tickets) == 500


def test_a_run_is_planned_until_nothing_of_it_is_left_not_even_under_way(fleet):
    asyncio.run(leave_to_workers(Request(everything=True), Tickets(), fleet.fleet, "mailmark", fleet.now()))
    queue, at = Tickets(), fleet.now()
    since = Selection(vendor="mailmark", unchecked_since=at)
    errand = Errand(selection=since, run="mailmark/any/-", began_at=at)
    one = worker(fleet, queue, batch=20)
    assert asyncio.run(one.plan(errand)) is True
    fleet.fleet.claim_due("other", since, now=at, until=at + timedelta(minutes=5), limit=1)
    asyncio.run(check_batch(since, 20, POLICY, fleet.means))
    assert asyncio.run(one.plan(errand)) is True
    fleet.fleet.release("other", ["con_00000000000000000000"])
    asyncio.run(check_batch(since, 20, POLICY, fleet.means))
    assert asyncio.run(one.plan(errand)) is False
    # And it has ended: the same asked for again is a new run.
    later = fleet.now()
    assert fleet.fleet.begin_run("mailmark/any/-", later, fresh=False) == later


def test_a_run_of_which_something_cannot_be_asked_at_all_ends_after_a_day(fleet):
    began = fleet.now() - timedelta(days=1)
    errand = Errand(selection=Selection(vendor="mailmark", unchecked_since=fleet.now()), run="x", began_at=began)
    assert asyncio.run(worker(fleet, Tickets()).plan(errand)) is False


def test_a_run_is_left_to_workers_and_they_do_it_whole(fleet):
    fleet.verdicts = {2: Verdict.FAILED}
    queue, said = Tickets(alive=(1, 1)), []
    request = Request(everything=True)
    left = asyncio.run(leave_to_workers(request, queue, fleet.fleet, "mailmark", fleet.now()))
    assert (left.counts.selected, left.resumed, left.workers) == (10, False, 0)
    again = asyncio.run(leave_to_workers(request, Tickets(alive=(3,)), fleet.fleet, "mailmark", fleet.now()))
    assert (again.resumed, again.workers) == (True, 2)
    asyncio.run(work(queue, shift(), POLICY, fleet.means, say=said.append))
    assert sorted(fleet.asked) == list(range(10))
    assert fleet.store.get("con_00000000000000000002").status is ConnectionStatus.FAILED
    assert len(fleet.told) == 1
    assert [(one.checked, one.verdicts[Verdict.FAILED], one.changed_count) for one in said] == [(10, 1, 1)]


@pytest.mark.parametrize("only", ["due", "status"])
def test_what_is_left_to_workers_is_what_was_asked_for(fleet, only):
    request = Request() if only == "due" else Request(statuses=frozenset([ConnectionStatus.FAILED]))
    queue = Tickets()
    left = asyncio.run(leave_to_workers(request, queue, fleet.fleet, "mailmark", fleet.now()))
    (errand,) = queue.plans
    assert (errand.run, left.counts.selected) == (("", 10) if only == "due" else ("mailmark/failed/-", 0))
    assert errand.selection.statuses == (DUE.statuses if only == "due" else request.statuses)


def test_jobs_together_have_no_more_under_way_than_was_said(fleet):
    queue = Tickets()
    queue.plans = [Errand(selection=DUE)]
    asyncio.run(work(queue, shift(concurrency=5), POLICY, fleet.means, say=lambda summary: None))
    assert queue.at_once == 2
    assert 2 * fleet.most_at_once <= 5


def test_workers_share_the_rate_and_a_new_one_waits_until_the_others_know(fleet):
    queue, rates = Tickets(alive=(4, 4, 2)), []
    queue.plans = [Errand(selection=DUE)]
    limit = fleet.pace.limit
    fleet.pace.limit = lambda rate: rates.append((rate, len(fleet.asked))) or limit(rate)
    asyncio.run(work(queue, shift(), POLICY, fleet.means, say=lambda summary: None))
    assert rates[:2] == [(125, 0), (125, 0)]  # a share of a quarter, twice seen, before the first check
    assert len(fleet.asked) == 10


def test_a_worker_alone_begins_at_once(fleet):
    queue = Tickets(alive=(1,))
    queue.plans = [Errand(selection=DUE)]
    asyncio.run(work(queue, shift(share=3600), POLICY, fleet.means, say=lambda summary: None))
    assert len(fleet.asked) == 10


def test_a_fault_of_our_own_ends_the_worker_and_touches_no_status(fleet):
    fleet.verdicts = dict.fromkeys(range(10), BadCredentials("the token has expired"))
    queue = Tickets()
    queue.plans = [Errand(selection=DUE)]
    with pytest.raises(BadCredentials):
        asyncio.run(work(queue, shift(), POLICY, fleet.means, say=lambda summary: None))
    assert {one.status for one in fleet.store.list()} == {ConnectionStatus.VERIFIED}
    assert fleet.fleet.backlog(DUE, fleet.now(), most=100).free == 10


def test_a_worker_that_cannot_see_the_others_stops(fleet):
    """It would not know its part of the rate."""
    queue = Tickets(alive=(StoreError("the queue does not answer"),))
    queue.plans = [Errand(selection=DUE, run="x", began_at=fleet.now())]
    with pytest.raises(StoreError, match="does not answer"):
        asyncio.run(work(queue, shift(), POLICY, fleet.means, say=lambda summary: None))
    assert queue.stopped


def test_told_to_stop_it_stops_the_queue(fleet):
    queue = Tickets()
    one = worker(fleet, queue)
    one.drop()
    assert queue.stopped
