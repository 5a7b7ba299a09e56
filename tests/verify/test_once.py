"""Asked once, whoever wants to know: the answer is shared, an error is for those who waited, and nobody hangs."""

import asyncio

import pytest

from byoaws.verify.once import Once


class Asked:
    """What is asked; it answers when it is let go on."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.times = 0
        self.go_on = asyncio.Event()

    async def __call__(self):
        self.times += 1
        await self.go_on.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


async def started(*coroutines):
    tasks = [asyncio.ensure_future(one) for one in coroutines]
    await asyncio.sleep(0)
    return tasks


def test_ten_at_once(finish):
    async def ask():
        asked = Asked("answer")
        once = Once(asked)
        tasks = await started(*(once() for _ in range(10)))
        asked.go_on.set()
        return await asyncio.gather(*tasks), await once(), asked.times

    assert finish(ask()) == (["answer"] * 10, "answer", 1)


def test_nothing_is_an_answer_too(finish):
    async def ask():
        asked = Asked(None)
        asked.go_on.set()
        once = Once(asked)
        return await once(), await once(), asked.times

    assert finish(ask()) == (None, None, 1)


def test_an_error_is_for_all_who_waited_and_asked_again_by_who_comes_later(finish):
    async def ask():
        asked = Asked(KeyError("first"), "second")
        once = Once(asked)
        tasks = await started(*(once() for _ in range(3)))
        asked.go_on.set()
        failed = await asyncio.gather(*tasks, return_exceptions=True)
        return [str(error) for error in failed], await once(), asked.times

    assert finish(ask()) == (["'first'"] * 3, "second", 2)


def test_who_waits_and_is_cancelled_takes_nothing_from_the_others(finish):
    async def ask():
        asked = Asked("answer")
        once = Once(asked)
        first, second, third = await started(once(), once(), once())
        second.cancel()
        await asyncio.sleep(0)
        asked.go_on.set()
        return await first, await third, second.cancelled(), asked.times

    assert finish(ask()) == ("answer", "answer", True, 1)


def test_who_asks_and_is_cancelled_leaves_nobody_waiting(finish):
    async def ask():
        asked = Asked("answer")
        once = Once(asked)
        first, second = await started(once(), once())
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(second, 1)
        asked.go_on.set()
        return await once(), asked.times

    assert finish(ask()) == ("answer", 2)
