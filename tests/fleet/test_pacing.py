"""Never faster than asked, slower when AWS says so, and never many calls in one account."""

import asyncio
import itertools
from collections import Counter

import pytest

from byoaws.arn import parse_role_arn
from byoaws.aws import questions
from byoaws.aws.interface import Caller, Session, VendorPort
from byoaws.errors import AccessDenied, Throttled
from byoaws.fleet.pacing import PER_ACCOUNT, Bucket, Pace, PacedVendor, Ticker


@pytest.fixture
def ticker(time):
    return Ticker(time.now, time.sleep, lambda: 1.0)


class Aws(VendorPort, Session):
    """Counts what is asked, and answers as it is told."""

    def __init__(self, time, answers=(), takes=0.0):
        self.time, self.answers, self.takes = time, list(answers), takes
        self.asked, self.under_way, self.most = [], Counter(), 0

    async def caller(self):
        return Caller(account_id="111122223333", arn="arn:aws:iam::111122223333:root")

    async def assume_role(self, *, role_arn, external_id, session_name, duration, region):
        await self._answer(parse_role_arn(role_arn).account_id)
        return self

    async def ask(self, question):
        await self._answer("session")
        return question.operation

    async def _answer(self, account):
        self.asked.append(self.time.now())
        self.under_way[account] += 1
        self.most = max(self.most, self.under_way[account])
        try:
            if self.takes:
                await self.time.sleep(self.takes)
            if self.answers and (error := self.answers.pop(0)):
                raise error
        finally:
            self.under_way[account] -= 1


def opening(port, number=1):
    return port.assume_role(
        role_arn=f"arn:aws:iam::{number:012}:role/R", external_id="x", session_name="s", duration=900, region="r"
    )


async def within(time, tasks, seconds=1000.0):
    running = asyncio.gather(*tasks, return_exceptions=True)
    await time.pass_for(seconds)
    return await asyncio.wait_for(running, 0)


def test_no_second_sees_more_calls_than_the_rate(time, ticker):
    async def run():
        aws = Aws(time)
        port = PacedVendor(aws, Pace(50, ticker), "us-east-1")
        await within(time, [opening(port, number) for number in range(500)])
        return aws.asked

    asked = asyncio.run(run())
    assert len(asked) == 500
    assert asked[-1] == pytest.approx(10, abs=0.2)
    for start in asked:
        assert sum(start <= at < start + 1 for at in asked) <= 50 + 6  # what a tenth of a second may save up


def test_all_ports_of_a_region_share_one_rate_and_regions_do_not(time, ticker):
    pace = Pace(10, ticker)
    assert pace.bucket("us-east-1") is pace.bucket("us-east-1")
    assert pace.bucket("us-east-1") is not pace.bucket("us-gov-west-1")


def test_a_pause_is_not_made_up_for_by_a_burst(time, ticker):
    async def run():
        bucket, times = Bucket(10, ticker), []

        async def one():
            await bucket.take()
            times.append(time.now())

        await within(time, [one()], seconds=100)
        await within(time, [one() for _ in range(20)], seconds=100)
        return times[1:]

    times = asyncio.run(run())
    assert sum(at < 101 for at in times) <= 12


def test_who_shares_the_quota_with_more_goes_slower_at_once_and_faster_slowly(time, ticker):
    async def run():
        pace = Pace(100, ticker)
        bucket, before = pace.bucket("us-east-1"), pace.rate
        pace.limit(25)
        assert (before, pace.rate, pace.bucket("eu-west-1").rate) == (100, 25, 25)
        bucket.throttled()
        pace.limit(25)  # the same again takes nothing back
        assert bucket.rate == pytest.approx(15)
        await time.pass_for(60)
        pace.limit(100)
        assert bucket.rate == pytest.approx(25)
        await time.pass_for(5)
        assert bucket.rate == pytest.approx(50)
        await time.pass_for(60)
        assert bucket.rate == 100

    asyncio.run(run())


def test_calls_are_counted(time, ticker):
    async def run():
        pace = Pace(100, ticker)
        await within(time, [pace.bucket(region).take() for region in ("us-east-1", "us-east-1", "eu-west-1")])
        return pace.calls

    assert asyncio.run(run()) == 3


def test_throttling_slows_down_at_once_and_speeds_up_slowly(time, ticker):
    async def run():
        bucket = Bucket(100, ticker)
        bucket.throttled()
        assert bucket.rate == pytest.approx(60)
        bucket.throttled()  # of the same moment: one sign, not two
        assert bucket.rate == pytest.approx(60)
        assert bucket.throttles == 2
        await time.pass_for(2)
        assert bucket.rate == pytest.approx(70)
        bucket.throttled()
        assert bucket.rate == pytest.approx(42)
        for _ in range(100):
            await time.pass_for(1)
            bucket.throttled()
        assert bucket.rate >= 1
        await time.pass_for(60)
        assert bucket.rate == 100

    asyncio.run(run())


def test_a_few_refusals_are_no_reason_to_crawl(time, ticker):
    async def run():
        bucket = Bucket(100, ticker)
        for _ in range(60):
            await within(time, [bucket.take() for _ in range(100)], seconds=3)
            bucket.throttled()
        return bucket.rate

    assert asyncio.run(run()) > 70


def test_a_throttled_call_is_made_again_after_ever_longer_pauses(time, ticker):
    async def run():
        aws = Aws(time, [Throttled("slow down"), Throttled("slow down"), None])
        port = PacedVendor(aws, Pace(1000, ticker), "us-east-1")
        (session,) = await within(time, [opening(port)])
        assert await session.ask(questions.CALLER) == "GetCallerIdentity"
        return aws.asked

    asked = asyncio.run(run())
    assert [round(later - first, 2) for first, later in itertools.pairwise(asked)][:2] == [0.25, 0.5]


@pytest.mark.parametrize("question", [questions.CALLER, questions.SES_ACCOUNT], ids=["sts", "ses"])
def test_what_stays_throttled_is_told_so(time, ticker, question):
    async def run():
        aws = Aws(time, [None, *[Throttled("slow down")] * 99])
        port = PacedVendor(aws, Pace(1000, ticker), "us-east-1")
        (session,) = await within(time, [opening(port)])
        (error,) = await within(time, [session.ask(question)])
        return error, len(aws.asked), port._bucket.throttles

    error, asked, throttles = asyncio.run(run())
    assert isinstance(error, Throttled)
    assert asked == 1 + 5
    assert throttles == 0  # it is the customer's quota, and no reason to slow down ours


def test_another_error_is_passed_on_at_once(time, ticker):
    async def run():
        aws = Aws(time, [AccessDenied("no")])
        (error,) = await within(time, [opening(PacedVendor(aws, Pace(1000, ticker), "us-east-1"))])
        return error, len(aws.asked)

    error, asked = asyncio.run(run())
    assert isinstance(error, AccessDenied)
    assert asked == 1


def test_in_one_account_only_a_few_calls_are_under_way(time, ticker):
    async def run():
        aws = Aws(time, takes=1.0)
        port = PacedVendor(aws, Pace(1e6, ticker), "us-east-1")
        await within(time, [opening(port, 7) for _ in range(20)])
        of_one = aws.most
        aws.most = 0
        (session,) = await within(time, [opening(port, 7)])
        await within(time, [session.ask(questions.SES_ACCOUNT) for _ in range(20)])
        return of_one, aws.most

    assert asyncio.run(run()) == (PER_ACCOUNT, PER_ACCOUNT)


def test_accounts_that_are_done_are_forgotten(time, ticker):
    async def run():
        pace = Pace(1e6, ticker)
        port = PacedVendor(Aws(time), pace, "us-east-1")
        for number in range(200):
            await within(time, [opening(port, number)])
        return len(pace._accounts)

    assert asyncio.run(run()) <= 2
