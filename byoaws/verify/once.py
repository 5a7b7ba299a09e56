"""What is asked once, however many tasks want to know it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """The first task that calls it asks; those that come meanwhile or later get the same answer, or the same error.

    An answer stays. An error is for those who were waiting for it: who comes after it asks again.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._answer: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        """Return the answer; raises what asking raises."""
        if self._answer is not None:
            # Shielded: a task that is cancelled while it waits takes nothing from the others.
            return await asyncio.shield(self._answer)
        answer = self._answer = asyncio.get_running_loop().create_future()
        try:
            found = await self._ask()
        except BaseException as error:
            self._answer = None
            if isinstance(error, asyncio.CancelledError):
                answer.cancel()
            else:
                answer.set_exception(error)
                answer.exception()  # seen, should nobody have waited
            raise
        answer.set_result(found)
        return found
