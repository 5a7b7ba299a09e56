"""A session that many share, without AWS: who opens it, who waits, and what is kept when it cannot be opened."""

import asyncio
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from byoaws.aws.credentials import TemporaryCredentials
from byoaws.aws.lease import Lease, Opened
from byoaws.errors import ConnectionUnusable, Throttled, Unreachable

START = datetime(2026, 11, 21, tzinfo=UTC)


class Time:
    at = START

    def __call__(self) -> datetime:
        return self.at


class AtOnce(Executor):
    """Runs what is submitted there and then."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as an executor does
            done.set_exception(error)
        return done


class Opener:
    """Opens sessions with keys K1, K2 ..., or raises what stands in `raises`."""

    def __init__(self, time: Time, minutes: float = 60) -> None:
        self.time, self.minutes, self.calls = time, minutes, 0
        self.raises: BaseException | None = None

    def __call__(self) -> Opened:
        self.calls += 1
        if self.raises:
            raise self.raises
        key = f"K{self.calls}"
        credentials = TemporaryCredentials(access_key_id=key, secret_access_key=f"s-{key}", session_token=f"t-{key}")
        return Opened(credentials=credentials, expires_at=self.time() + timedelta(minutes=self.minutes))


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def opener(time: Time) -> Opener:
    return Opener(time)


@pytest.fixture
def lease(opener: Opener, time: Time) -> Lease:
    return Lease(opener, time, AtOnce())


@pytest.mark.parametrize(("minutes", "goes_on"), [(60, 44), (15, 11), (720, 704)])
def test_it_is_opened_anew_a_while_before_its_end(time: Time, minutes: float, goes_on: float) -> None:
    opener = Opener(time, minutes)
    lease = Lease(opener, time, AtOnce())
    assert lease.take().access_key_id == "K1"
    time.at += timedelta(minutes=goes_on)
    lease.take()
    assert opener.calls == 1
    time.at += timedelta(minutes=2)
    assert lease.take().access_key_id == "K1"  # it was good; the next one is there
    assert (opener.calls, lease.take().access_key_id) == (2, "K2")


def test_in_its_last_seconds_it_signs_nothing(lease: Lease, opener: Opener, time: Time) -> None:
    lease.take()
    opener.raises = Throttled("slow down")
    time.at += timedelta(minutes=59, seconds=29)
    assert lease.take().access_key_id == "K1"
    time.at += timedelta(seconds=2)
    with pytest.raises(Throttled):
        lease.take()


def test_a_connection_that_must_not_be_used_ends_it_at_once(lease: Lease, opener: Opener, time: Time) -> None:
    lease.take()
    opener.raises = ConnectionUnusable("no", connection_id="con_1", status="disconnected")
    time.at += timedelta(minutes=50)
    lease.take()
    with pytest.raises(ConnectionUnusable) as caught:
        lease.take()
    assert (caught.value.connection_id, caught.value.status) == ("con_1", "disconnected")


def test_a_thread_that_is_interrupted_leaves_nobody_waiting(opener: Opener, time: Time) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def open_slowly() -> Opened:
        inside.set()
        go_on.wait(10)
        return opener()

    lease = Lease(open_slowly, time, AtOnce())
    opener.raises = KeyboardInterrupt()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lease.take)
        assert inside.wait(10)
        second = pool.submit(lease.take)
        go_on.set()
        assert isinstance(first.exception(10), KeyboardInterrupt)
        assert isinstance(second.exception(10), Unreachable | KeyboardInterrupt)
    opener.raises = None
    assert lease.take().access_key_id


def test_after_the_background_was_shut_down_tasks_are_told_and_threads_go_on(opener: Opener, time: Time) -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    lease = Lease(opener, time, pool)
    with pytest.raises(RuntimeError, match="shutdown"):
        asyncio.run(lease.take_async())
    assert lease.take().access_key_id == "K1"
    assert asyncio.run(lease.take_async()).access_key_id == "K1"


def test_a_loop_that_was_closed_meanwhile_is_left_alone(opener: Opener, time: Time) -> None:
    gate = threading.Event()

    def open_late() -> Opened:
        gate.wait(10)
        return opener()

    with ThreadPoolExecutor(1) as pool:
        lease = Lease(open_late, time, pool)

        async def give_up() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(lease.take_async(), 0.01)

        asyncio.run(give_up())
        gate.set()
        assert lease.take().access_key_id == "K1"


def test_a_key_that_is_not_its_own_voids_nothing(lease: Lease, opener: Opener, time: Time) -> None:
    lease.take()
    time.at += timedelta(minutes=1)
    assert lease.void("K0") is True  # another thread has opened the next one already
    lease.take()
    assert opener.calls == 1
    assert lease.void("K1") is True
    assert lease.take().access_key_id == "K2"
    assert lease.void("K2") is False  # too young: the next one would do no better


def test_what_was_begun_before_it_was_given_up_is_not_kept(opener: Opener, time: Time) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def open_slowly() -> Opened:
        inside.set()
        go_on.wait(10)
        return opener()

    lease = Lease(open_slowly, time, AtOnce())
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lease.take)
        assert inside.wait(10)
        lease.end()
        go_on.set()
        assert first.result(10).access_key_id == "K1"
    assert lease.take().access_key_id == "K2"


@pytest.mark.parametrize("late", ["opens", "is refused"])
def test_who_comes_after_it_was_given_up_gets_nothing_that_was_begun_before(
    opener: Opener, time: Time, late: str
) -> None:
    """A customer is disconnected while its role is being opened: what that comes to is nobody's any more."""
    inside, go_on, calls = threading.Event(), threading.Event(), []

    def open_first_slowly() -> Opened:
        calls.append(len(calls))
        if len(calls) > 1:
            return opener()
        opened = opener()
        inside.set()
        go_on.wait(10)
        if late == "is refused":
            raise Unreachable("no answer")
        return opened

    lease = Lease(open_first_slowly, time, AtOnce())
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lease.take)
        assert inside.wait(10)
        lease.end()
        assert lease.take().access_key_id == "K2"  # waits for nobody
        go_on.set()
        assert (first.exception(10) is None) is (late == "opens")
    assert lease.take().access_key_id == "K2"
    assert len(calls) == 2


def test_nothing_of_it_is_shown_or_pickled(lease: Lease, opener: Opener) -> None:
    lease.take()
    opened = opener()
    assert "s-K" not in f"{lease!r}{opened!r}{vars(lease)}"
    for one in (lease, opened):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(one)
