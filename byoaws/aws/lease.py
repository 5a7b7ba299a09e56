"""A session in a customer's account that is opened again before it ends, for any number of threads and tasks.

One call opens it for everybody who waits. While the present session is good, nobody waits for the next one.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple, NoReturn

from byoaws.aws.credentials import TemporaryCredentials
from byoaws.errors import Unreachable, UsageError

_log = logging.getLogger(__name__)

EARLY = timedelta(minutes=15)
"""How long before its end a session is opened anew; a quarter of its life, where that is less."""
LAST = timedelta(seconds=30)
"""For so long before its end a session signs nothing any more."""
PAUSE = timedelta(seconds=10)
"""Between two tries to open the next session while the present one is good."""
YOUNG = timedelta(seconds=30)
"""A session that is refused at this age is not cured by another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session that AWS has opened; no part of it is shown, and it cannot be pickled."""

    credentials: TemporaryCredentials = field(repr=False)
    expires_at: datetime

    def __reduce__(self) -> NoReturn:
        """Refuse: credentials stay in this process."""
        raise TypeError("a session of a customer's account cannot be pickled")


class _Seen(NamedTuple):
    """What a caller finds."""

    held: TemporaryCredentials | None
    flight: "Future[TemporaryCredentials] | None"
    starts: bool
    """True for the one who has to open the next session."""


class Lease:
    """The session that clients share.

    Args:
        renew: Opens a session; it may take long, and is called by one thread at a time, but after `end`.
        now: The time, aware.
        background: Where `renew` runs when nobody waits for it, or only tasks do.
    """

    def __init__(self, renew: Callable[[], Opened], now: Callable[[], datetime], background: Executor) -> None:
        self._renew = renew
        self._now = now
        self._background = background
        self._lock = Lock()
        self._opened: Opened | None = None
        self._opened_at = self._renew_at = now()
        self._flight: Future[TemporaryCredentials] | None = None
        self.holder: object = None
        """Lives for as long as somebody signs with this."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> NoReturn:
        """Refuse: credentials stay in this process."""
        raise TypeError("a session of a customer's account cannot be pickled")

    def take(self) -> TemporaryCredentials:
        """Return credentials that are good now; raises what `renew` raises."""
        seen = self._look()
        if seen.flight is None or seen.held is not None:
            return self._at_once(seen)
        if seen.starts:
            self._fly(seen.flight)
        return _outcome(seen.flight)

    async def take_async(self) -> TemporaryCredentials:
        """Return credentials that are good now; a task that is cancelled meanwhile disturbs nobody else."""
        seen = self._look()
        if seen.flight is None or seen.held is not None:
            return self._at_once(seen)
        if seen.starts:
            self._start(seen.flight)
        await _landing(seen.flight)
        return _outcome(seen.flight)

    def void(self, access_key_id: str) -> bool:
        """Give up the session with that key, since AWS does not take it any more; True if another may do better."""
        with self._lock:
            if self._opened is None or self._opened.credentials.access_key_id != access_key_id:
                return True
            if self._now() - self._opened_at < YOUNG:
                return False
            self._opened = None
            return True

    def end(self) -> None:
        """Give up the session: whoever signs next opens another, or is refused."""
        with self._lock:
            self._opened = None
            # What is being opened is for those who wait already: it was begun by what is true no more.
            self._flight = None

    def _look(self) -> _Seen:
        with self._lock:
            now = self._now()
            good = self._opened if self._opened and now < self._opened.expires_at - LAST else None
            held = good.credentials if good else None
            if held and (now < self._renew_at or self._flight):
                return _Seen(held, None, starts=False)
            starts = self._flight is None
            if self._flight is None:
                self._flight = Future()
                self._flight.set_running_or_notify_cancel()
            return _Seen(held, self._flight, starts)

    def _at_once(self, seen: _Seen) -> TemporaryCredentials:
        if seen.flight is not None:
            self._start(seen.flight)
        if seen.held is None:
            raise AssertionError("neither a session nor a flight")
        return seen.held

    def _start(self, flight: "Future[TemporaryCredentials]") -> None:
        try:
            self._background.submit(self._fly, flight)
        except RuntimeError as error:  # it was shut down
            self._missed(flight, error)

    def _fly(self, flight: "Future[TemporaryCredentials]") -> None:
        try:
            opened = self._renew()
            if opened.expires_at - LAST <= self._now():
                raise Unreachable(
                    "sts:AssumeRole: no usable answer (the session has ended already)",
                    operation="sts:AssumeRole",
                    hint="the clock of this machine is wrong; set it, then try again",
                )
        except BaseException as error:
            interrupted = Unreachable("the role was not opened: interrupted", hint="try again")
            self._missed(flight, error if isinstance(error, Exception) else interrupted)
            raise
        self._landed(flight, opened)

    def _landed(self, flight: "Future[TemporaryCredentials]", opened: Opened) -> None:
        with self._lock:
            if flight is self._flight:
                self._opened, self._opened_at, self._flight = opened, self._now(), None
                self._renew_at = opened.expires_at - min(EARLY, (opened.expires_at - self._opened_at) / 4)
        flight.set_result(opened.credentials)

    def _missed(self, flight: "Future[TemporaryCredentials]", error: Exception) -> None:
        with self._lock:
            is_present = flight is self._flight
            goes_on = is_present and self._opened is not None and not isinstance(error, UsageError)
            if is_present:
                self._flight = None
                self._renew_at = self._now() + PAUSE
            if is_present and not goes_on:
                # The connection must not be used any more, or there was no session: nothing is kept.
                self._opened = None
        if goes_on:
            _log.warning("a session could not be opened anew yet, and the present one goes on: %s", error)
        flight.set_exception(error)


async def _landing(flight: "Future[TemporaryCredentials]") -> None:
    """Wait for a flight. What is waited for holds no exception, so that a cancelled task leaves none unseen."""
    import asyncio

    loop = asyncio.get_running_loop()
    landed = asyncio.Event()

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(landed.set)

    flight.add_done_callback(tell)
    await landed.wait()


def _outcome(flight: "Future[TemporaryCredentials]") -> TemporaryCredentials:
    error = flight.exception()
    if error is None:
        return flight.result()
    # A copy for each who waited: one exception raised by many threads would gather all their tracebacks.
    again = type(error).__new__(type(error))
    again.args = error.args
    again.__dict__.update(error.__dict__)
    raise again
