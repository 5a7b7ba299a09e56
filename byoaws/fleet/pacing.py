"""How fast AWS is asked: a token bucket per STS region that gives way when AWS says so, and a limit per account.

The quota is STS's: AssumeRole and GetCallerIdentity share 600 calls a second per account and region, and an AssumeRole
across accounts counts against the caller. Source: IAM user guide, "IAM and AWS STS quotas". GetCallerIdentity under a
customer's role counts against the customer's account, and so takes no turn.

Neither probes nor the edge know of it: `PacedVendor` is a port around a port.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from byoaws.arn import parse_role_arn
from byoaws.aws.interface import Caller, Session, VendorPort
from byoaws.aws.question import Question
from byoaws.errors import Throttled

T = TypeVar("T")

QUOTA = 600
"""Calls of STS a second, per account and region."""
RATE = 500.0
"""Calls a second unless another rate is asked for: the rest of the quota is left to the vendor's other programs."""
PER_ACCOUNT = 4
"""Calls at one time in one customer's account."""

_SLOWEST_STEP = 0.6
"""Of the present rate, kept when a fifth of the calls or more were refused."""
_FASTER = 0.05
"""Of the wanted rate, regained in each second without throttling."""
_SLOWEST = 0.01
_TRIES = 5
_FIRST_PAUSE = 0.25


class Ticker:
    """Monotonic time, sleep and chance; tests hand in another."""

    def __init__(
        self,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.now = now
        self.sleep = sleep
        self.chance = chance


class Bucket:
    """Lets through `rate` calls a second, evenly, in the order in which they came."""

    def __init__(self, rate: float, ticker: Ticker) -> None:
        self.wanted = rate
        self.throttles = 0
        """How often AWS asked for fewer calls."""
        self.calls = 0
        """How many turns were given."""
        self._ticker = ticker
        self._rate = rate
        self._free_at = ticker.now()
        self._changed_at = ticker.now()
        self._judged = (0, 0)
        """Calls and throttles up to the last change."""

    @property
    def rate(self) -> float:
        """Calls a second at present."""
        regained = (self._ticker.now() - self._changed_at) * _FASTER * self.wanted
        return min(self.wanted, self._rate + regained)

    def limit(self, rate: float) -> None:
        """Want another rate from now on; what throttling took away is regained as before."""
        if rate != self.wanted:
            present = self.rate
            self.wanted, self._rate, self._changed_at = rate, min(present, rate), self._ticker.now()

    async def take(self) -> None:
        """Wait for a turn."""
        now = self._ticker.now()
        # What was not used is lost, but for a tenth of a second: a burst is what throttling answers.
        mine = max(self._free_at, now - 0.1)
        self._free_at = mine + 1 / self.rate
        self.calls += 1
        if mine > now:
            await self._ticker.sleep(mine - now)

    def throttled(self) -> None:
        """AWS asked for fewer calls: slow down, once a second, by as much as it refused of what was asked since.

        A few in a thousand are refused at any rate, and no reason to crawl.
        """
        self.throttles += 1
        now, rate = self._ticker.now(), self.rate
        if now - self._changed_at < 1 and self._rate < self.wanted:
            return
        calls, throttles = self.calls - self._judged[0], self.throttles - self._judged[1]
        slower = max(_SLOWEST_STEP, 1 - 2 * throttles / max(calls, 1))
        self._rate, self._changed_at = max(rate * slower, self.wanted * _SLOWEST), now
        self._judged = self.calls, self.throttles


class Pace:
    """What all ports of a run share."""

    def __init__(self, rate: float, ticker: Ticker, *, per_account: int = PER_ACCOUNT) -> None:
        self.ticker = ticker
        self._rate = rate
        self._per_account = per_account
        self._buckets: dict[str, Bucket] = {}
        # An account is forgotten with its last session: a run may see a million of them.
        self._accounts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @property
    def throttles(self) -> int:
        """How often AWS asked for fewer calls."""
        return sum(bucket.throttles for bucket in self._buckets.values())

    @property
    def rate(self) -> float:
        """Calls of STS a second at present, where it is slowest."""
        return min((bucket.rate for bucket in self._buckets.values()), default=self._rate)

    @property
    def calls(self) -> int:
        """How many calls of STS were made."""
        return sum(bucket.calls for bucket in self._buckets.values())

    def limit(self, rate: float) -> None:
        """Let through so many calls a second from now on: others came that share the quota, or went."""
        self._rate = rate
        for bucket in self._buckets.values():
            bucket.limit(rate)

    def bucket(self, sts_region: str) -> Bucket:
        """The bucket of an STS region."""
        if sts_region not in self._buckets:
            self._buckets[sts_region] = Bucket(self._rate, self.ticker)
        return self._buckets[sts_region]

    def turn_in(self, account_id: str) -> asyncio.Semaphore:
        """What holds back calls in one account."""
        found = self._accounts.get(account_id)
        if found is None:
            self._accounts[account_id] = found = asyncio.Semaphore(self._per_account)
        return found


class PacedVendor(VendorPort):
    """The vendor's port, no faster than the pace; throttled calls are made again, later."""

    def __init__(self, port: VendorPort, pace: Pace, sts_region: str) -> None:
        self._port = port
        self._pace = pace
        self._bucket = pace.bucket(sts_region)

    async def caller(self) -> Caller:
        """As the port says. It takes no turn: both edges ask AWS once, and remember."""
        return await self._port.caller()

    async def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> Session:
        """As the port says."""
        turn = self._pace.turn_in(parse_role_arn(role_arn).account_id)

        async def call() -> Session:
            return await self._port.assume_role(
                role_arn=role_arn,
                external_id=external_id,
                session_name=session_name,
                duration=duration,
                region=region,
            )

        async with turn:
            opened = await _paced(self._bucket, self._pace.ticker, call)
        return PacedSession(opened, turn, self._pace.ticker)


class PacedSession(Session):
    """A customer's session: no more than a few calls at one time in one account."""

    def __init__(self, session: Session, turn: asyncio.Semaphore, ticker: Ticker) -> None:
        self._session = session
        self._turn = turn
        self._ticker = ticker

    async def ask(self, question: Question[T]) -> T:
        """As the port says."""
        async with self._turn:
            return await _paced(None, self._ticker, lambda: self._session.ask(question))


async def _paced(bucket: Bucket | None, ticker: Ticker, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Make a call, of STS when it is its turn; again, later and later, where AWS asks for fewer.

    Raises:
        Throttled: AWS still did after all tries. It says nothing about the account.
    """
    for tried in range(_TRIES):
        if bucket is not None:
            await bucket.take()
        try:
            return await call()
        except Throttled:
            if bucket is not None:
                bucket.throttled()
            if tried == _TRIES - 1:
                raise
        # Full jitter: those that were throttled together do not come back together.
        await ticker.sleep(_FIRST_PAUSE * 2**tried * ticker.chance())
    raise AssertionError("the last try returns or raises")
