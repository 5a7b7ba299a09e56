"""Time and sleep as things that are handed in, so that tests need no time."""

from collections.abc import Awaitable, Callable


class Clock:
    """Monotonic time and sleep, in seconds."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.now = now
        self.sleep = sleep


class AsyncClock:
    """The same for tasks: who sleeps, lets others go on."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self.now = now
        self.sleep = sleep
