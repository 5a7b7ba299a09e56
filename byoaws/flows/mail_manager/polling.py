"""Asking AWS again until something rests: ever more seldom, and not for ever."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from byoaws.errors import Throttled, Unreachable
from byoaws.verify.clock import Clock

State = TypeVar("State")
_FIRST, _FACTOR, _LONGEST = 0.5, 1.5, 15.0
"""Seconds before the second question; each pause is that much longer; and no longer than this."""
_MISSES = 5
"""Questions in a row that may go unanswered, once one was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled(Generic[State]):
    """What AWS said last."""

    state: State
    rests: bool
    """False: the time was over before."""


def poll(
    ask: Callable[[], State],
    rests: Callable[[State], bool],
    *,
    clock: Clock,
    timeout: float,
    show: Callable[[State], None] = lambda state: None,
) -> Polled[State]:
    """Ask until the answer rests, or `timeout` seconds are over. The first question is always asked.

    Raises:
        AwsError: AWS did not answer the first question, or five in a row; or it refused one.
    """
    deadline = clock.now() + timeout
    state, pause, misses = ask(), _FIRST, 0
    while True:
        show(state)
        if rests(state):
            return Polled(state=state, rests=True)
        left = deadline - clock.now()
        if left <= 0:
            return Polled(state=state, rests=False)
        clock.sleep(min(pause, left))
        pause = min(pause * _FACTOR, _LONGEST)
        try:
            state, misses = ask(), 0
        except (Throttled, Unreachable):
            misses += 1
            if misses >= _MISSES:
                raise
