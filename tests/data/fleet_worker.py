"""A recheck in a process of its own, with a check that needs no AWS, and that kills the process after so many checks.

    python fleet_worker.py STORE_URL DIE_AFTER...

One process after the other, each forked when all is imported; 0 is never. Prints what the last one said, then how each
of them ended. What is found follows from the connection's id alone: anybody can tell what a store must hold at the end.
"""

import asyncio
import hashlib
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

from byoaws.fleet.breaker import Breaker
from byoaws.fleet.engine import Limits
from byoaws.fleet.pacing import Pace, Ticker
from byoaws.fleet.schedule import Policy
from byoaws.flows.recheck.means import Means, Request
from byoaws.flows.recheck.run import recheck
from byoaws.model import Verdict, VerificationReport
from byoaws.store.fleet import open_fleet
from byoaws.vendors.file import load_vendor


def verdict_of(role_arn):
    """What a check of a role finds."""
    number = hashlib.sha256(role_arn.encode()).digest()[0]
    if number < 30:
        return Verdict.FAILED
    return Verdict.UNKNOWN if number < 45 else Verdict.INSECURE if number < 50 else Verdict.VERIFIED


class Quiet:
    def planned(self, total):
        """Nothing."""

    def checked(self, count):
        """Nothing."""

    def waiting(self, until):
        """Nothing."""


class Lost:
    async def deliver(self, notice):
        """Taken."""


def main(url, die_after):
    left = die_after or sys.maxsize

    async def check(target):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        await asyncio.sleep(0.001)
        verdict = verdict_of(target.role_arn)
        return VerificationReport(
            verdict=verdict,
            role_arn=target.role_arn,
            account_id=target.role_arn.split(":")[4],
            region=target.region,
            vendor=target.vendor.name,
            sandbox=False,
            checked_at=datetime.now(UTC),
            probes=(),
        )

    store = open_fleet(url)
    means = Means(
        store=store,
        vendor=load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "999988887777"}),
        check=check,
        promote=lambda connection_id, report: None,
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        pace=Pace(500, Ticker(time.monotonic)),
        breaker=Breaker(),
        channels={"lost": Lost()},
        progress=Quiet(),
        limits=Limits(concurrency=32, batch=50, linger=0.05, check=0.6, margin=0.4),
    )
    request = Request(everything=True, policy=Policy(hold=1, period=timedelta(days=1)))
    summary = asyncio.run(recheck(request, means))
    store.close()
    print(json.dumps({"checked": summary.checked, "resumed": summary.resumed, "changed": summary.changed_count}))


def in_turn(url, deaths):
    ends = []
    for die_after in deaths:
        child = os.fork()
        if not child:
            main(url, die_after)
            sys.stdout.flush()
            os._exit(0)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    print(json.dumps(ends))


if __name__ == "__main__":
    in_turn(sys.argv[1], [int(text) for text in sys.argv[2:]])
