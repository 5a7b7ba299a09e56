"""Workers of the shared queue, each in a process of its own, with checks that need no AWS.

    python queue_worker.py STORE_URL WITNESS_FILE

Standard input says what to do, a line at a time: `begin DIE_AFTER` forks a worker, now that all is imported, and
answers with its process id; `look PROCESS_ID` answers with how that one ended, or with `alive`. A worker is killed in
the middle of so many checks; 0 is never. What is found is what `fleet_worker` finds. Every check is written to the
witness when it begins and when it ends, so that anybody can tell whether two workers were at one connection at the same
time.
"""

import asyncio
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401  what each worker would import
from fleet_worker import Lost, Quiet, verdict_of

import byoaws.fleet.procrastinate_queue
import byoaws.vendors.reader  # noqa: F401
from byoaws.factories.queue import queue
from byoaws.fleet.breaker import Breaker
from byoaws.fleet.engine import Limits
from byoaws.fleet.pacing import Pace, Ticker
from byoaws.fleet.queue import Timing
from byoaws.fleet.schedule import Policy
from byoaws.flows.recheck.means import Means
from byoaws.flows.recheck.queue import Shift, work
from byoaws.model import VerificationReport
from byoaws.settings import read_settings
from byoaws.store.fleet import open_fleet
from byoaws.vendors.file import load_vendor

TIMING = Timing(plan=1, replan=1, heartbeat=0.3, dead=1.5, poll=0.2)
LIMITS = Limits(batch=25, linger=0.05, check=0.6, margin=0.1)
SHIFT = Shift(rate=500, concurrency=20, batch=25, share=0.2)


async def working(url, witness, die_after):
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
    async with queue(read_settings({}, cwd=Path.cwd(), store=url), vendor.name, TIMING) as shared:
        await work(shared, SHIFT, Policy(hold=1, period=timedelta(days=1)), means, say=lambda summary: None)
    store.close()


def obey(url, witness):
    for line in sys.stdin:
        what, number = line.split()
        if what == "begin":
            child = os.fork()
            if not child:
                asyncio.run(working(url, witness, int(number)))
                return
            print(child, flush=True)
        else:
            ended, status = os.waitpid(int(number), os.WNOHANG)
            print(os.waitstatus_to_exitcode(status) if ended else "alive", flush=True)


if __name__ == "__main__":
    obey(*sys.argv[1:])
