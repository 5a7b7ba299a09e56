"""The questions that probes ask of one account, each asked of AWS once."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from byoaws.aws.interface import Session
from byoaws.aws.question import Question
from byoaws.verify.once import Once

T = TypeVar("T")


class Asking:
    """Asks, and remembers the answers: two probes that want the same of AWS make one call."""

    def __init__(self, session: Callable[[], Awaitable[Session]]) -> None:
        self._session = session
        self._asked: dict[object, Once[Any]] = {}

    async def __call__(self, question: Question[T]) -> T:
        """Return the answer; raises what the session's `ask` raises.

        What changes something is asked as often as it is wanted.
        """
        if question.changes:
            return await self._put(question)
        request = json.dumps(question.request, sort_keys=True)
        key = (question.service, question.operation, request, question.read)
        if key not in self._asked:
            self._asked[key] = Once(lambda: self._put(question))
        answer: T = await self._asked[key]()
        return answer

    async def _put(self, question: Question[T]) -> T:
        return await (await self._session()).ask(question)
