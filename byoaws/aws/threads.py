"""boto3 under the async port: each call in a thread of its own.

For one account, or a few. The threads are daemons, unlike those of `asyncio.to_thread`: who presses Ctrl-C does not
wait for a call that AWS may take a minute to answer.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from byoaws.aws.interface import Caller, CustomerAws, Session, VendorAws, VendorPort
from byoaws.aws.question import Question

T = TypeVar("T")


class ThreadedSession(Session):
    """A session in the customer's account."""

    def __init__(self, customer: CustomerAws) -> None:
        self._customer = customer

    async def ask(self, question: Question[T]) -> T:
        """As the port says."""
        return await in_thread(partial(self._customer.ask, question))


class ThreadedVendor(VendorPort):
    """The vendor's own credentials."""

    def __init__(self, aws: VendorAws) -> None:
        self._aws = aws

    async def caller(self) -> Caller:
        """As the port says."""
        return await in_thread(self._aws.caller)

    async def assume_role(
        self, *, role_arn: str, external_id: str | None, session_name: str, duration: int, region: str
    ) -> Session:
        """As the port says."""
        opened = await in_thread(
            partial(
                self._aws.assume_role,
                role_arn=role_arn,
                external_id=external_id,
                session_name=session_name,
                duration=duration,
                region=region,
            )
        )
        return ThreadedSession(opened)


async def in_thread(call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise what it raises. Where the waiting is cancelled, the call is left to itself.

    What a call comes to that nobody waits for any more, is dropped.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(set_it: Callable[[], None]) -> None:
        if not answer.done():
            set_it()

    def work() -> None:
        try:
            settle = partial(answer.set_result, call())
        except Exception as error:  # noqa: BLE001  handed on to who waits for it
            settle = partial(answer.set_exception, error)
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(tell, settle)

    threading.Thread(target=work, name="aws", daemon=True).start()
    return await answer
