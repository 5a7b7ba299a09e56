"""A thousand accounts over the same clients: whoever is asked, is asked with its own credentials.

The server is that of the benchmarks: it computes each signature, and of each request checks that access key, session
token and addressed resource are of one account.
"""

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from byoaws.aws import questions, shared_clients
from byoaws.aws.identity import TENANT, VENDOR
from byoaws.aws.interface import Session
from byoaws.aws.question import Question
from byoaws.aws.session import Limits
from byoaws.aws.shared import SharedAws
from byoaws.errors import AccessDenied, AwsError, BadCredentials, Throttled

REGION = "us-east-1"
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MODULES = ("fleet_accounts", "fleet_answers", "fleet_signature", "fleet_server")


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The server's module, and the vendor's keys in the environment."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = importlib.import_module("fleet_server")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", module.VENDOR_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", module.VENDOR_SECRET)
    # Second attempts soon, so that they meet first ones of others.
    monkeypatch.setattr(shared_clients, "_APART", 0.02)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.02)
    yield module
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def against(fleet: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Does some work against such a server; returns the server, whose `counts` tell what came in."""

    async def do(aws: Any, work: Callable[[SharedAws], Awaitable[None]], limits: Limits) -> None:
        server, url = await fleet.listen(aws)
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        try:
            async with SharedAws(None, REGION, limits=limits) as port:
                await work(port)
        finally:
            server.close()
            await server.wait_closed()

    def run(work: Callable[[SharedAws], Awaitable[None]], attempts: int = 8, **behaviour: Any) -> Any:
        aws = fleet.Aws(verify=True, **behaviour)
        asyncio.run(do(aws, work, Limits(attempts=attempts)))
        return aws

    return run


def accounts(count: int) -> list[Any]:
    found: list[Any] = importlib.import_module("fleet_accounts").accounts(count)
    return found


async def opened(aws: SharedAws, account: Any) -> Session:
    return await aws.assume_role(
        role_arn=account.role_arn, external_id=account.external_id, session_name="byoaws", duration=900, region=REGION
    )


def raw(service: str, operation: str, **request: str) -> Question[dict[str, Any]]:
    return Question(service=service, operation=operation, request=request, read=lambda answer, _: dict(answer))


async def is_own(aws: SharedAws, account: Any) -> bool:
    """Open the role, then ask three things at once; True if each answer is this account's."""
    session = await opened(aws, account)
    ses, role, _ = await asyncio.gather(
        session.ask(questions.SES_ACCOUNT),
        session.ask(questions.trust_policy(account.name)),
        session.ask(raw("s3", "HeadBucket", Bucket=account.name)),
    )
    return int(ses.sent_last_24_hours or 0) == int(account.id) and account.id in str(role)


class Fleet:
    """So many accounts at once, and what became of them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.own = 0
        self.errors: list[AwsError] = []

    async def __call__(self, aws: SharedAws) -> None:
        limit = asyncio.Semaphore(128)

        async def one(account: Any) -> None:
            async with limit:
                try:
                    own = await is_own(aws, account)
                    self.own += own
                except AwsError as error:
                    self.errors.append(error)

        async with asyncio.TaskGroup() as tasks:
            for account in accounts(self.count):
                tasks.create_task(one(account))


def test_attack_no_request_of_a_thousand_interleaved_accounts_is_signed_for_another(
    against: Callable[..., Any],
) -> None:
    fleet = Fleet(1000)
    counts = against(fleet, throttle=0.05).counts
    assert (fleet.own, fleet.errors) == (1000, [])
    assert counts.throttled > 100
    assert counts.requests == 4000 + counts.throttled
    assert (counts.wrong, counts.unsigned) == (0, 0)


def test_the_same_test_catches_one_credentials_object_that_is_changed_before_each_call(
    against: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class OneForAll:
        held: Any = None

        def set(self, credentials: Any) -> None:
            self.held = credentials

        def get(self, _: Any) -> Any:
            return self.held

        def reset(self, _: Any) -> None:
            """It stays as it is, until somebody else changes it."""

    monkeypatch.setattr(TENANT, "_signs", OneForAll())
    fleet = Fleet(150)
    counts = against(fleet, throttle=0.1).counts
    assert fleet.own < 150
    assert counts.wrong > 0
    assert counts.unsigned == 0


@pytest.mark.parametrize("by", ["first-try", "client"])
@pytest.mark.parametrize("whose", ["tenant", "vendor"])
def test_attack_where_nobody_signs_nothing_is_sent(against: Callable[..., Any], by: str, whose: str) -> None:
    async def work(aws: SharedAws) -> None:
        clients = aws._tenants if whose == "tenant" else aws._vendor
        await clients._built("sts", REGION)
        client, _ = clients._clients["sts", REGION]
        with pytest.raises(BadCredentials, match="nothing was sent"):
            await (
                client.get_caller_identity()
                if by == "client"
                else clients.answer("sts", REGION, "GetCallerIdentity", {})
            )

    assert against(work).counts.requests == 0


def test_attack_the_vendor_s_credentials_sign_nothing_of_a_customer_s_and_the_reverse(
    against: Callable[..., Any],
) -> None:
    async def work(aws: SharedAws) -> None:
        await aws.caller()
        session = await opened(aws, accounts(1)[0])
        await session.ask(questions.CALLER)
        # Neither is left behind in the task that asked, nor taken for the other.
        for identity in (VENDOR, TENANT):
            with pytest.raises(BadCredentials):
                await identity.get_frozen_credentials()

    assert against(work).counts.wrong == 0


def test_a_question_about_another_s_account_is_seen_by_the_server(against: Callable[..., Any]) -> None:
    async def work(aws: SharedAws) -> None:
        mine, other = accounts(2)
        session = await opened(aws, mine)
        for question in (questions.trust_policy(other.name), raw("s3", "GetBucketLocation", Bucket=other.name)):
            with pytest.raises(AccessDenied):
                await session.ask(question)

    assert against(work).counts.wrong == 2


def test_a_signature_by_another_key_is_seen_by_the_server(
    against: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)

    async def work(aws: SharedAws) -> None:
        with pytest.raises(BadCredentials):
            await aws.caller()

    counts = against(work, attempts=1).counts
    assert (counts.requests, counts.unsigned) == (1, 1)


def test_attack_cancelled_tasks_leave_their_credentials_to_nobody(against: Callable[..., Any]) -> None:
    left: list[BaseException] = []

    async def work(aws: SharedAws) -> None:
        sessions = [await opened(aws, account) for account in accounts(40)]

        async def ask(session: Session) -> None:
            try:
                await session.ask(questions.SES_ACCOUNT)
            except asyncio.CancelledError:
                try:
                    await TENANT.get_frozen_credentials()
                except BadCredentials as error:
                    left.append(error)
                raise

        tasks = [asyncio.create_task(ask(session)) for session in sessions]
        await asyncio.sleep(0.01)  # sent, and not answered
        for task in tasks[::2]:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(end, asyncio.CancelledError) for end in ended] == [True, False] * 20
        assert all(await asyncio.gather(*(is_own(aws, account) for account in accounts(40))))

    assert against(work, latency=0.03).counts.wrong == 0
    assert len(left) == 20


def test_throttled_to_the_last_attempt_is_throttled_and_the_attempts_are_bounded(against: Callable[..., Any]) -> None:
    async def work(aws: SharedAws) -> None:
        with pytest.raises(Throttled) as caught:
            await aws.caller()
        assert caught.value.code == "Throttling"

    counts = against(work, attempts=3, throttle=1.0).counts
    assert counts.requests == counts.throttled == 3


def test_a_fleet_that_is_throttled_throughout_does_not_send_everything_several_times(
    against: Callable[..., Any],
) -> None:
    """The retry quota is shared: once it is used up, a refusal is final at once."""

    async def work(aws: SharedAws) -> None:
        refused = await asyncio.gather(*(opened(aws, account) for account in accounts(600)), return_exceptions=True)
        assert {type(error) for error in refused} == {Throttled}

    assert 600 <= against(work, attempts=5, throttle=1.0).counts.requests <= 600 + 2 * 100
