"""Bounded, ends as it is told, and records everything that was found before a fault of ours, and nothing after."""

import asyncio
from datetime import timedelta

import pytest

from byoaws.errors import AccessDenied, BadCredentials, StoreError, UsageError
from byoaws.fleet.breaker import REFUSED, Breaker
from byoaws.fleet.engine import Engine, Limits
from byoaws.model import Verdict

LIMITS = Limits(concurrency=8, batch=5, linger=0.01)


class Source:
    """A list of claims, and what was given back."""

    def __init__(self, claims):
        self.claims = list(claims)
        self.given_back, self.stopped, self.closed = [], False, False

    async def take(self):
        await asyncio.sleep(0)
        return self.claims.pop(0) if self.claims else None

    def stop(self):
        self.stopped = True

    async def close(self, dropped):
        self.closed = True
        self.given_back += [claim.connection.id for claim in dropped]


class Run:
    """An engine, and what it recorded."""

    def __init__(self, claims, check, start, *, limits=LIMITS, record=None, **more):
        self.source, self.batches, self.breaker = Source(claims), [], Breaker()
        self.engine = Engine(
            self.source,
            check,
            record or self._record,
            breaker=self.breaker,
            now=lambda: start,
            limits=limits,
            **more,
        )

    async def _record(self, found):
        self.batches.append(list(found))

    @property
    def found(self):
        return {one.claim.connection.id: one for batch in self.batches for one in batch}


@pytest.fixture
def start(make_claim):
    return make_claim().connection.created_at


def test_every_claim_is_judged_once_in_batches(make_claim, make_report, start):
    async def check(claim):
        return make_report(claim)

    async def run():
        run = Run([make_claim(number) for number in range(103)], check, start)
        await run.engine.run()
        return run

    run = asyncio.run(run())
    assert len(run.found) == sum(map(len, run.batches)) == 103
    assert all(one.report is not None for one in run.found.values())
    assert max(map(len, run.batches)) < 5 + 8
    assert run.source.closed
    assert run.source.given_back == []


@pytest.mark.parametrize("room", [8, 3])
def test_no_more_are_under_way_than_was_said(make_claim, make_report, start, room):
    under_way, most = 0, 0

    async def check(claim):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(50):
            await asyncio.sleep(0)
        under_way -= 1
        return make_report(claim)

    asyncio.run(Run(map(make_claim, range(30)), check, start, room=lambda: room).engine.run())
    assert most == room


def test_what_lingers_is_written_while_others_are_still_checked(make_claim, make_report, start):
    async def run():
        written = asyncio.Event()

        async def check(claim):
            if claim.connection.id.endswith("2"):
                await written.wait()
            return make_report(claim)

        async def record(found):
            batches.append(len(found))
            written.set()

        batches = []
        await Run([make_claim(1), make_claim(2)], check, start, record=record).engine.run()
        return batches

    assert asyncio.run(run()) == [1, 1]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (UsageError("the role is in our own account"), "the role is in our own account"),
        (KeyError("secret"), "byoaws itself failed (KeyError)"),
        (TimeoutError(), "no answer in 90 s"),
    ],
    ids=["refused", "bug", "time-out"],
)
def test_one_that_cannot_be_asked_ends_nothing(make_claim, make_report, start, error, reason):
    async def check(claim):
        if claim.connection.id.endswith("5"):
            raise error
        return make_report(claim)

    run = Run(map(make_claim, range(10)), check, start)
    asyncio.run(run.engine.run())
    refused = {one.refusal for one in run.found.values() if one.report is None}
    assert (len(run.found), refused) == (10, {reason})


def test_a_check_that_never_ends_is_given_up(make_claim, make_report, start):
    async def check(claim):
        await asyncio.Event().wait()

    run = Run([make_claim()], check, start, limits=Limits(concurrency=1, check=0.01))
    asyncio.run(run.engine.run())
    assert [one.refusal for one in run.found.values()] == ["no answer in 0 s"]


def test_a_claim_whose_lease_ends_too_soon_is_not_begun(make_claim, make_report, start):
    async def check(claim):
        return pytest.fail("somebody else may check it at this moment")

    run = Run([make_claim(until=start + timedelta(seconds=119))], check, start)
    asyncio.run(run.engine.run())
    assert run.found == {}


async def hanging(run, begun, count):
    task = asyncio.create_task(run.engine.run())
    while len(begun) < count:
        await asyncio.sleep(0)
    return task


def test_a_fault_of_ours_drops_what_is_under_way_and_keeps_what_was_found(make_claim, make_report, start):
    async def run():
        begun, error = [], BadCredentials("expired")

        async def check(claim):
            begun.append(claim)
            if len(begun) > 20:
                await asyncio.Event().wait()
            return make_report(claim)

        run = Run(map(make_claim, range(1000)), check, start)
        task = await hanging(run, begun, 28)
        run.breaker.failed(error)
        with pytest.raises(BadCredentials):
            await task
        return run

    run = asyncio.run(run())
    assert len(run.found) == 20
    assert len(run.source.given_back) == 8
    assert run.source.stopped


def test_what_is_found_at_the_moment_of_the_fault_counts_for_nothing(make_claim, make_report, start):
    async def run():
        async def check(claim):
            run.breaker.failed(BadCredentials("expired"))
            return make_report(claim)

        run = Run(map(make_claim, range(3)), check, start)
        with pytest.raises(BadCredentials):
            await run.engine.run()
        return run

    run = asyncio.run(run())
    assert run.found == {}
    assert len(run.source.given_back) == 3 - len(run.source.claims)


def test_stop_waits_for_what_is_under_way_and_drop_does_not(make_claim, make_report, start):
    async def run(drop):
        begun, go = [], asyncio.Event()

        async def check(claim):
            begun.append(claim)
            await go.wait()
            return make_report(claim)

        run = Run(map(make_claim, range(1000)), check, start)
        task = await hanging(run, begun, 8)
        run.engine.stop()
        await asyncio.sleep(0)
        assert not task.done()
        if drop:
            run.engine.drop()
            run.engine.drop()  # an impatient hand
        else:
            go.set()
        await asyncio.wait_for(task, 5)
        return len(begun), len(run.found), len(run.source.given_back)

    assert asyncio.run(run(drop=False)) == (8, 8, 0)
    assert asyncio.run(run(drop=True)) == (8, 0, 8)


def test_what_cannot_be_recorded_ends_the_run(make_claim, make_report, start):
    async def run():
        async def check(claim):
            return make_report(claim)

        async def record(found):
            raise StoreError("the disk is full")

        run = Run(map(make_claim, range(1000)), check, start, record=record)
        with pytest.raises(StoreError):
            await asyncio.wait_for(run.engine.run(), 5)
        return run

    run = asyncio.run(run())
    assert run.source.closed
    assert len(run.source.claims) > 900


def test_cancelled_it_still_records_what_it_has(make_claim, make_report, start):
    async def run():
        begun = []

        async def check(claim):
            begun.append(claim)
            if len(begun) > 3:
                await asyncio.Event().wait()
            return make_report(claim)

        run = Run(map(make_claim, range(1000)), check, start, limits=Limits(concurrency=8))
        task = await hanging(run, begun, 11)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return run

    run = asyncio.run(run())
    assert len(run.found) == 3


class Refusing:
    """Checks of roles that refuse us and opened before; one that is named opens, or waits before it does."""

    def __init__(self, make_report, *, opens=(), waits=()):
        self.make_report, self.opens, self.waits = make_report, opens, waits
        self.go, self.run = asyncio.Event(), None

    async def __call__(self, claim):
        number = int(claim.connection.account_id)
        if number in self.waits:
            await self.go.wait()
        if number in self.opens:
            self.run.breaker.opened()
            return self.make_report(claim)
        self.run.breaker.refused(claim.role_arn, "no", since=self.run.breaker.openings)
        return self.make_report(claim, Verdict.FAILED)


def test_of_roles_that_all_refuse_us_nothing_is_recorded(make_claim, make_report, start):
    check = Refusing(make_report)
    check.run = run = Run(map(make_claim, range(100)), check, start)
    with pytest.raises(AccessDenied):
        asyncio.run(run.engine.run())
    assert run.found == {}
    assert len(run.source.given_back) == 100 - len(run.source.claims) >= REFUSED


def test_what_is_held_back_is_recorded_as_soon_as_a_role_opens(make_claim, make_report, start):
    async def hold_and_open():
        check = Refusing(make_report, opens=(5,), waits=(5, 6))
        check.run = run = Run([*map(make_claim, range(7))], check, start)
        task = asyncio.create_task(run.engine.run())
        while run.breaker.doubts < 5:
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)  # some looks at what can be written
        before = dict(run.found)
        check.go.set()
        await task
        return before, run

    before, run = asyncio.run(hold_and_open())
    assert before == {}
    assert [one.report.verdict for _, one in sorted(run.found.items())] == [
        *[Verdict.FAILED] * 5,
        Verdict.VERIFIED,
        Verdict.FAILED,
    ]


def test_what_is_held_back_is_given_back_by_a_run_that_is_stopped(make_claim, make_report, start):
    async def stopped():
        check = Refusing(make_report, waits=(2,), opens=())
        check.run = run = Run([*map(make_claim, range(3))], check, start)
        task = asyncio.create_task(run.engine.run())
        while run.breaker.doubts < 2 or run.source.claims:
            await asyncio.sleep(0)
        run.engine.stop()
        check.go.set()
        await task
        return run

    run = asyncio.run(stopped())
    assert run.found == {}
    assert len(run.source.given_back) == 3


@pytest.mark.parametrize(("refused", "told"), [(2, True), (3, False)], ids=["few", "many"])
def test_what_is_held_back_is_judged_before_its_lease_ends(make_claim, make_report, start, refused, told):
    async def wait():
        check = Refusing(make_report, waits=(9,), opens=(9,))
        check.run = run = Run([*map(make_claim, [*range(refused), 9])], check, start)
        clock = [start]
        run.engine._now = lambda: clock[0]
        task = asyncio.create_task(run.engine.run())
        while run.breaker.doubts < refused:
            await asyncio.sleep(0)
        await asyncio.sleep(0.03)
        clock[0] = start + timedelta(seconds=119)  # a lease of 150, less the margin
        await asyncio.sleep(0.03)
        before = dict(run.found)
        clock[0] = start + timedelta(seconds=120)
        while len(run.found) < refused:
            await asyncio.sleep(0.01)
        found = dict(run.found)
        check.go.set()
        await task
        return before, found

    before, found = asyncio.run(wait())
    assert before == {}
    assert [one.report is not None for one in found.values()] == [told] * refused
