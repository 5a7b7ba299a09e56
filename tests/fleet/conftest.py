"""A clock that only moves when somebody sleeps, and connections, claims and reports without a store."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from byoaws.model import Connection, ConnectionStatus, ProbeResult, Status, Verdict, VerificationReport
from byoaws.store.interface import Claim, Standing

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Time:
    """Sleepers wake in order, and the clock with them, as soon as nobody else has anything to do."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.seconds + seconds, next(self._numbers), woken))
        await woken

    async def pass_for(self, seconds: float) -> None:
        end = self.seconds + seconds
        while True:
            await settle()
            if not self._sleepers or self._sleepers[0][0] > end:
                self.seconds = end
                return
            self.seconds, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def make_claim():
    def make(number=1, *, until=START + timedelta(seconds=150), **changes):
        account = f"{number:012}"
        role = f"arn:aws:iam::{account}:role/byoaws/mailmark/Access"
        values = {
            "id": f"con_{number:020}",
            "alias": f"customer {number}",
            "vendor": "mailmark",
            "region": "eu-central-1",
            "external_id": f"ext-{number}",
            "role_arn": role,
            "account_id": account,
            "status": ConnectionStatus.VERIFIED,
            "created_at": START,
            "updated_at": START,
            "verified_at": START,
        }
        connection = Connection(**{**values, **changes})
        return Claim(connection=connection, role_arn=role, standing=Standing(), until=until)

    return make


@pytest.fixture
def make_report():
    def make(claim, verdict=Verdict.VERIFIED, probes=None):
        good = verdict is Verdict.VERIFIED
        probe = ProbeResult(
            code="V203",
            name="assume-role",
            status=Status.PASS if good else Status.FAIL,
            summary="the role opened" if good else "AWS refused",
            causes=() if good else ("the stack was deleted",),
            fix="" if good else "ask the customer",
            evidence={} if good else {"aws_message": "User: x is not authorized"},
        )
        return VerificationReport(
            verdict=verdict,
            role_arn=claim.role_arn,
            account_id=claim.connection.account_id,
            region=claim.connection.region,
            vendor="mailmark",
            sandbox=False,
            checked_at=START,
            probes=(probe,) if probes is None else probes,
        )

    return make
