"""boto3 under the async port: calls overlap, answers and errors come back, and nobody waits for what was given up."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from byoaws.aws.boto import BotoVendorAws
from byoaws.aws.interface import Session
from byoaws.aws.questions import CALLER, SES_ACCOUNT, trust_policy
from byoaws.aws.session import Limits
from byoaws.aws.threads import ThreadedVendor, in_thread
from byoaws.errors import AccessDenied, BadCredentials, RegionDisabled

ROLE = "arn:aws:iam::444455556666:role/mail"
Wire = Any


@pytest.fixture
def vendor(vendor_environment: Wire, quick: Limits) -> ThreadedVendor:
    return ThreadedVendor(BotoVendorAws(None, "us-east-1", limits=quick))


async def opened(vendor: ThreadedVendor) -> Session:
    return await vendor.assume_role(
        role_arn=ROLE, external_id="ab", session_name="byoaws", duration=900, region="eu-west-1"
    )


def test_calls_overlap() -> None:
    """Each waits for the other: one after the other they would wait for ever."""
    both = threading.Barrier(2)

    async def ask() -> list[int]:
        return await asyncio.gather(*(in_thread(lambda: both.wait(5)) for _ in range(2)))

    assert sorted(asyncio.run(ask())) == [0, 1]


def test_two_questions_overlap_on_the_wire(vendor: ThreadedVendor, vendor_environment: Wire) -> None:
    both = threading.Barrier(2)
    plain = dict(vendor_environment.replies)

    def held(name: str) -> Callable[[Any], Any]:
        def reply(sent: Any) -> Any:
            both.wait(5)
            return plain[name]

        return reply

    async def ask() -> tuple[Any, Any]:
        session = await opened(vendor)
        vendor_environment.replies |= {name: held(name) for name in ("GetRole", "GET /v2/email/account")}
        return await asyncio.gather(session.ask(trust_policy("mail")), session.ask(SES_ACCOUNT))

    policy, account = asyncio.run(ask())
    assert (policy["Version"], account.production_access) == ("2012-10-17", False)


def test_every_question_of_many_tasks_is_signed_by_the_role(
    vendor: ThreadedVendor, vendor_environment: Wire, customer_keys: tuple[str, ...]
) -> None:
    """Twelve threads want the same session's clients, which are built once each."""

    async def ask() -> list[Any]:
        session = await opened(vendor)
        vendor_environment.sent.clear()
        return await asyncio.gather(
            *(session.ask(question) for question in (CALLER, SES_ACCOUNT, trust_policy("mail")) for _ in range(4))
        )

    found = asyncio.run(ask())
    assert {caller.account_id for caller in found[:4]} == {"444455556666"}
    assert len(vendor_environment.sent) == 12
    assert all(f"Credential={customer_keys[0]}/" in sent.headers["authorization"] for sent in vendor_environment.sent)


def test_the_vendor_s_threads_share_one_set_of_clients(vendor: ThreadedVendor, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    built: list[str] = []
    plain = boto3.Session.client

    def client(self: Any, service: str, **options: Any) -> Any:
        built.append(service)
        return plain(self, service, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(boto3.Session, "client", client)

    async def ask() -> None:
        await asyncio.gather(*(opened(vendor) for _ in range(6)))

    asyncio.run(ask())
    assert built == ["sts"]


@pytest.mark.parametrize(
    ("code", "kind", "path"),
    [
        ("AccessDeniedException", AccessDenied, "GET /v2/email/account"),
        ("UnrecognizedClientException", RegionDisabled, "GET /v2/email/account"),
        ("ExpiredTokenException", BadCredentials, "GET /v2/email/account"),
    ],
)
def test_errors_are_those_of_the_sync_port(
    vendor: ThreadedVendor,
    vendor_environment: Wire,
    secrets_in: Callable[..., list[str]],
    customer_keys: tuple[str, ...],
    code: str,
    kind: type,
    path: str,
) -> None:
    async def ask() -> Any:
        session = await opened(vendor)
        vendor_environment.replies[path] = vendor_environment.json_refusal(code, f"no {customer_keys[2]}")
        return await session.ask(SES_ACCOUNT)

    with pytest.raises(kind) as caught:
        asyncio.run(ask())
    assert type(caught.value) is kind
    assert secrets_in(caught.value) == []


def test_a_mistake_comes_back_too() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(lambda: 1 // 0))


def test_nobody_waits_for_what_was_given_up() -> None:
    """As on Ctrl-C: the call goes on in its thread, and the program ends."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def call() -> None:
        threads.append(threading.current_thread())
        begun.set()
        go_on.wait(5)
        ended.set()

    async def ask() -> None:
        asked = asyncio.ensure_future(in_thread(call))
        while not begun.is_set():
            await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(ask())  # returns, though the call has not
    assert not ended.is_set()
    (thread,) = threads
    assert thread.daemon
    go_on.set()
    thread.join(5)
    assert ended.is_set()  # and told nobody, without an error


def test_an_answer_that_comes_too_late_is_dropped() -> None:
    go_on, done = threading.Event(), threading.Event()

    def call() -> int:
        go_on.wait(5)
        done.set()
        return 1

    async def ask() -> str:
        asked = asyncio.ensure_future(in_thread(call))
        await asyncio.sleep(0)
        asked.cancel()
        go_on.set()
        while not done.is_set():
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)  # the thread's word comes in
        return "went on"

    assert asyncio.run(ask()) == "went on"
