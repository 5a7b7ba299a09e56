"""A worker of the shared queue in a process of its own, with checks that need no AWS.

    python queue_worker.py STORE_URL WITNESS_FILE DIE_AFTER

It is ready when it says so, begins at the first line of its standard input, and is killed in the middle of so many
checks; 0 is never. What is found is what `fleet_worker` finds. Every check is written to the witness when it begins and
when it ends, so that anybody can tell whether two workers were at one connection at the same time.
"""

import asyncio
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet_worker import Lost, Quiet, verdict_of

from byoaws.factories.queue import queue
from byoaws.fleet.breaker import Breaker
from byoaws.fleet.engine import Limits
from byoaws.fleet.pacing import Pace, Ticker
from byoaws.fleet.queue import Timing
from byoaws.fleet.schedule import Policy
from byoaws.flows.recheck_means import Means
from byoaws.flows.recheck_queue import Shift, work
from byoaws.model import VerificationReport
from byoaws.settings import read_settings
from byoaws.store.fleet import open_fleet

TIMING = Timing(plan=1, replan=1, heartbeat=0.3, dead=1.5, poll=0.2)
LIMITS = Limits(batch=25, linger=0.05, check=0.6, margin=0.1)
SHIFT = Shift(rate=500, concurrency=20, batch=25, share=0.2)


async def working(url, witness, die_after):
    from byoaws.vendors.file import load_vendor

    vendor, started = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "999988887777"}), []
    log = os.open(witness, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    left = die_after or sys.maxsize

    async def check(target):
        nonlocal left

        def say(what):
            os.write(log, f"{what} {os.getpid()} {target.role_arn} {time.monotonic()}\n".encode())

        say("begins")
        await asyncio.sleep(0.02)
        left -= 1
        if left == 0:
            say("dies")
            os.kill(os.getpid(), signal.SIGKILL)
        say("ends")
        return VerificationReport(
            verdict=verdict_of(target.role_arn),
            role_arn=target.role_arn,
            account_id=target.role_arn.split(":")[4],
            region=target.region,
            vendor=target.vendor.name,
            sandbox=False,
            checked_at=datetime.now(UTC),
            probes=(),
        )

    def stop():
        for one in started:
            one.stop()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    store = open_fleet(url)
    means = Means(
        store=store,
        vendor=vendor,
        check=check,
        promote=lambda connection_id, report: None,
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        pace=Pace(500, Ticker(time.monotonic)),
        breaker=Breaker(),
        channels={"lost": Lost()},
        progress=Quiet(),
        limits=LIMITS,
        on_start=started.append,
    )
    print("ready", flush=True)
    sys.stdin.readline()
    async with queue(read_settings({}, cwd=Path.cwd(), store=url), vendor.name, TIMING) as shared:
        await work(shared, SHIFT, Policy(hold=1, period=timedelta(days=1)), means, say=lambda summary: None)
    store.close()


if __name__ == "__main__":
    asyncio.run(working(sys.argv[1], sys.argv[2], int(sys.argv[3])))
