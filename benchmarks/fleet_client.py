"""One way to verify the fleet, in a process of its own: `python fleet_client.py WAY CALLS COUNT [--concurrency N]`.

The server's URL and the vendor's keys are in the environment. Says, as JSON, what COUNT accounts cost: processor time
of the work alone (imports and the first accounts, which build the clients, are left out), wall time, peak memory, and
how many accounts were answered as another.

shared  byoaws: clients that every account shares
naive   boto3, with a new session and clients for each account, one account after the other
bare    the same requests, signed beforehand, by the HTTP library that byoaws uses, and nothing else
mutated the mistake that shared clients invite: one credentials object, changed before each call
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from fleet_accounts import REGION, Account, accounts

from byoaws.aws import questions
from byoaws.aws.interface import Session, VendorPort
from byoaws.aws.question import Question
from byoaws.errors import AccessDenied, AwsError

Verify = Callable[[VendorPort, Account], Awaitable[bool]]
"""Verify one account; True if all answers were its own."""


def _raw(service: str, operation: str, **request: str) -> Question[dict[str, Any]]:
    return Question(service=service, operation=operation, request=request, read=lambda answer, _: dict(answer))


async def opened(aws: VendorPort, account: Account, external_id: str | None) -> Session:
    """Assume the account's role."""
    return await aws.assume_role(
        role_arn=account.role_arn, external_id=external_id, session_name="byoaws", duration=900, region=REGION
    )


async def three(aws: VendorPort, account: Account) -> bool:
    """AssumeRole, who the session is, and SES."""
    session = await opened(aws, account, account.external_id)
    caller = await session.ask(questions.CALLER)
    ses = await session.ask(questions.SES_ACCOUNT)
    return caller.account_id == account.id and ses.sent_last_24_hours == float(account.id)


async def seven(aws: VendorPort, account: Account) -> bool:
    """The three, AssumeRole without an ExternalId, and what the resources are."""
    try:
        await opened(aws, account, None)
        return False
    except AccessDenied:
        pass
    session = await opened(aws, account, account.external_id)
    caller = await session.ask(questions.CALLER)
    ses = await session.ask(questions.SES_ACCOUNT)
    await session.ask(_raw("s3", "GetBucketLocation", Bucket=account.name))
    await session.ask(_raw("s3", "HeadBucket", Bucket=account.name))
    where = _raw("sesv2", "GetConfigurationSetEventDestinations", ConfigurationSetName=account.name)
    topic = (await session.ask(where))["EventDestinations"][0]["SnsDestination"]["TopicArn"]
    own = account.id in topic and caller.account_id == account.id
    return own and ses.sent_last_24_hours == float(account.id)


async def two(aws: VendorPort, account: Account) -> bool:
    """AssumeRole, and SES."""
    ses = await (await opened(aws, account, account.external_id)).ask(questions.SES_ACCOUNT)
    return ses.sent_last_24_hours == float(account.id)


def probes() -> Verify:
    """A whole verification as `byoaws recheck` does it: ten probes in eight calls, judged and reported."""
    import dataclasses
    from datetime import UTC, datetime

    from byoaws.factories.fleet import _Nobody
    from byoaws.flows.check import Verifier
    from byoaws.model import Verdict
    from byoaws.vendors.file import load_vendor
    from byoaws.verify.clock import AsyncClock
    from byoaws.verify.interface import Target

    vendor = load_vendor("mailmark", os.environ)
    asked = (*vendor.probes, "ses-sending-enabled", "ses-send-quota")
    vendor = dataclasses.replace(vendor, probes=tuple(dict.fromkeys(asked)))
    clock = AsyncClock(time.monotonic, asyncio.sleep)

    async def verify(aws: VendorPort, account: Account) -> bool:
        verifier = Verifier(vendor_aws=lambda _: aws, clock=clock, progress=_Nobody(), now=lambda: datetime.now(UTC))
        target = Target(region=REGION, vendor=vendor, role_arn=account.role_arn, external_id=account.external_id)
        report = await verifier.check_async(target)
        return report.account_id == account.id and report.verdict is Verdict.VERIFIED

    return verify


CALLS: dict[str, Callable[[], Verify]] = {
    "2": lambda: two,
    "3": lambda: three,
    "7": lambda: seven,
    "probes": probes,
}
"""What is asked of each account."""


class Work:
    """What is counted while accounts are verified."""

    def __init__(self) -> None:
        self.wrong = 0
        self.failed = 0
        self.done = 0

    async def through(self, aws: VendorPort, verify: Verify, fleet: Iterator[Account], at_once: int) -> None:
        """Verify all accounts, so many at once; memory does not grow with their number."""

        async def worker() -> None:
            for account in fleet:
                try:
                    own = await verify(aws, account)
                    self.wrong += not own
                except AwsError:
                    self.failed += 1
                self.done += 1

        async with asyncio.TaskGroup() as tasks:
            for _ in range(at_once):
                tasks.create_task(worker())


def meter() -> Callable[[], dict[str, float]]:
    """Start measuring; what is returned says what it has cost since."""

    def cpu() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    started, before = time.perf_counter(), cpu()
    return lambda: {"wall": time.perf_counter() - started, "cpu": cpu() - before}


def peak_memory() -> float:
    """In MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def result(work: Work, cost: dict[str, float]) -> dict[str, float]:
    """What is told."""
    return {**cost, "accounts": work.done, "wrong": work.wrong, "failed": work.failed, "memory": peak_memory()}


async def shared(verify: Verify, count: int, at_once: int) -> dict[str, float]:
    """byoaws."""
    from byoaws.aws.shared import SharedAws

    async with SharedAws(None, REGION, concurrency=at_once) as aws:
        await Work().through(aws, verify, iter(accounts(2 * at_once, start=10**6)), at_once)
        work, cost = Work(), meter()
        await work.through(aws, verify, iter(accounts(count)), at_once)
        return result(work, cost())


async def mutated(verify: Verify, count: int, at_once: int) -> dict[str, float]:
    """The wrong way, which must be caught."""
    from byoaws.aws.identity import TENANT

    class OneForAll:
        held: Any = None

        def set(self, credentials: Any) -> None:
            self.held = credentials

        def get(self, _: Any) -> Any:
            return self.held

        def reset(self, _: Any) -> None:
            """It stays, until somebody else sets it."""

    TENANT._signs = OneForAll()  # type: ignore[assignment]
    return await shared(verify, count, at_once)


def naive(calls: str, count: int) -> dict[str, float]:
    """boto3 as everybody writes it first. The vendor's own client is made once."""
    import boto3

    sts = boto3.Session().client("sts", region_name=REGION)
    work = Work()
    _naive(boto3, sts, Account(accounts(1, start=10**6)[0].id), calls)
    cost = meter()
    for account in accounts(count):
        work.wrong += not _naive(boto3, sts, account, calls)
        work.done += 1
    return result(work, cost())


def _naive(boto3: Any, sts: Any, account: Account, calls: str) -> bool:
    asked = {"RoleArn": account.role_arn, "RoleSessionName": "byoaws", "DurationSeconds": 900}
    refused: dict[str, list[dict[str, str]]] = {
        "3": [],
        "7": [{}],
        "probes": [{}, {"ExternalId": "byoaws-acme-random"}],
    }
    for wrong in refused[calls]:
        try:
            sts.assume_role(**asked, **wrong)
            return False
        except sts.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
    held = sts.assume_role(**asked, ExternalId=account.external_id)["Credentials"]
    session = boto3.Session(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"], REGION)
    caller = session.client("sts").get_caller_identity()
    ses = session.client("sesv2")
    sent = ses.get_account()["SendQuota"]["SentLast24Hours"]
    if calls == "7":
        s3 = session.client("s3")
        s3.get_bucket_location(Bucket=account.name)
        s3.head_bucket(Bucket=account.name)
        ses.get_configuration_set_event_destinations(ConfigurationSetName=account.name)
    elif calls == "probes":
        session.client("iam").get_role(RoleName=account.name)
        first = session.client("ses")
        first.get_account_sending_enabled()
        first.get_send_quota()
    return bool(caller["Account"] == account.id and sent == float(account.id))


async def bare(verify: Verify, count: int, at_once: int) -> dict[str, float]:
    """byoaws's own requests once more, by aiohttp alone."""
    from aiohttp import ClientSession, TCPConnector
    from yarl import URL

    requests = await _recorded(verify, min(count, 1000), at_once)
    context = _tls()
    connector = TCPConnector(limit=at_once, **({"ssl": context} if context else {}))
    async with ClientSession(connector=connector, auto_decompress=False) as http:

        async def worker(every: Iterator[list[Any]]) -> None:
            for one in every:
                for request in one:
                    async with http.request(
                        request.method, URL(request.url, encoded=True), headers=request.headers, data=request.body
                    ) as answer:
                        await answer.read()
                work.done += 1

        async def through(every: Iterator[list[Any]]) -> None:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(at_once):
                    tasks.create_task(worker(every))

        work = Work()
        await through(iter(requests[: 2 * at_once]))
        work, cost = Work(), meter()
        await through(requests[number % len(requests)] for number in range(count))
        return result(work, cost())


def _tls() -> Any:
    import ssl

    bundle = os.environ.get("AWS_CA_BUNDLE")
    return ssl.create_default_context(cafile=bundle) if bundle else None


async def _recorded(verify: Verify, count: int, at_once: int) -> list[list[Any]]:
    """Return the requests that byoaws makes for each account."""
    from byoaws.aws import transport
    from byoaws.aws.shared import SharedAws

    every: list[list[Any]] = []
    exchange = transport._Transport._exchange

    async def record(self: Any, request: Any) -> Any:
        current.get().append(request)
        return await exchange(self, request)

    from contextvars import ContextVar

    current: ContextVar[list[Any]] = ContextVar("the account's requests")

    async def recording(aws: VendorPort, account: Account) -> bool:
        requests: list[Any] = []
        current.set(requests)
        every.append(requests)
        return await verify(aws, account)

    transport._Transport._exchange = record  # type: ignore[method-assign]
    async with SharedAws(None, REGION, concurrency=at_once) as aws:
        await Work().through(aws, recording, iter(accounts(count)), at_once)
    transport._Transport._exchange = exchange  # type: ignore[method-assign]
    for one in every:
        for request in one:
            request.headers = {
                name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
            }
    return every


def run(work: Awaitable[dict[str, float]], loop: str) -> dict[str, float]:
    """Run on the event loop of that name."""
    if loop == "uvloop":
        import uvloop

        return uvloop.run(work)
    return asyncio.run(work)  # type: ignore[arg-type]


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=["shared", "naive", "bare", "mutated"])
    parser.add_argument("calls", choices=list(CALLS))
    parser.add_argument("count", type=int)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--core", type=int, help="the core that it keeps to")
    parser.add_argument("--loop", default="asyncio")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    if options.way == "naive":
        told = naive(options.calls, options.count)
    else:
        way = {"shared": shared, "bare": bare, "mutated": mutated}[options.way]
        told = run(way(CALLS[options.calls](), options.count, options.concurrency), options.loop)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
