"""The queue on a real PostgreSQL: its tables, its tickets, and what becomes of the jobs of a worker that died."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from byoaws.errors import BadCredentials, StoreError
from byoaws.fleet.procrastinate_queue import ProcrastinateQueue
from byoaws.fleet.queue import Errand, Timing, errand
from byoaws.fleet.queue_schema import SCHEMA
from byoaws.model import ConnectionStatus
from byoaws.store.interface import Selection

pytestmark = pytest.mark.postgres

TIMING = Timing(plan=1, replan=0, heartbeat=0.2, dead=1, poll=0.1)
START = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)
DUE = Errand(selection=Selection(vendor="acme"))
RUN = Errand(
    selection=Selection(vendor="acme", statuses=frozenset([ConnectionStatus.FAILED]), unchecked_since=START),
    run="acme/failed",
    began_at=START,
)


class Jobs:
    """Remembers what it was given, and stops the queue once there was enough of it."""

    def __init__(self, queue, *, until=1, again=0, error=None):
        self.queue, self.until, self.again, self.error = queue, until, again, error
        self.checked, self.planned = [], []

    async def check(self, errand):
        self.checked.append(errand)
        if self.error:
            raise self.error
        if len(self.checked) == self.until:
            self.queue.stop()

    async def plan(self, errand):
        self.planned.append(errand)
        if errand.run and len([one for one in self.planned if one.run]) > self.again:
            self.queue.stop()
        return bool(errand.run)


@pytest.fixture(scope="module")
def database(postgres):
    """One for all: making the tables takes a quarter of a second."""
    url = postgres.new_database()
    yield url
    postgres.recycle(url)


@pytest.fixture
def ask(database):
    def ask(query, *values, url=database):
        # It holds up the event loop: a lock of the queue's own connections would never come free.
        options = f"-c search_path={SCHEMA} -c lock_timeout=5s"
        with psycopg.connect(url, autocommit=True, options=options) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    return ask


@pytest.fixture
def within(database, ask):
    """Run a coroutine with an open and empty queue."""

    def run(work, timing=TIMING):
        async def inside():
            async with ProcrastinateQueue(database, "acme", timing) as queue, asyncio.timeout(20):
                for table in ("procrastinate_periodic_defers", "procrastinate_jobs", "procrastinate_workers"):
                    ask(f"TRUNCATE {SCHEMA}.{table} CASCADE")
                return await work(queue)

        return asyncio.run(inside())

    return run


def jobs(ask, columns="task_name, status::text"):
    return ask(f"SELECT {columns} FROM {SCHEMA}.procrastinate_jobs ORDER BY id")  # noqa: S608


@pytest.mark.parametrize("one", [DUE, RUN], ids=["due", "run"])
def test_a_job_holds_the_whole_errand(one):
    assert errand(**one.as_json()) == one


def test_of_workers_that_start_together_one_makes_the_tables(empty_database):
    url = empty_database

    async def start():
        async with ProcrastinateQueue(url, "acme") as queue:
            return await queue.workers()

    async def together():
        return await asyncio.gather(*(start() for _ in range(4)))

    assert asyncio.run(together()) == [1, 1, 1, 1]
    asyncio.run(start())  # and again later
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'procrastinate%'")
        assert found.fetchall() == [(SCHEMA,)]


def test_tables_of_an_older_procrastinate_are_brought_up_to_date(empty_database, ask):
    url = empty_database
    scripts = sorted((files("procrastinate.sql") / "migrations").iterdir(), key=lambda script: script.name)
    names = [script.name.removesuffix(".sql") for script in scripts if script.name.endswith(".sql")]
    older = names.index("03.00.00_50_post_cancel_notification")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"SET search_path TO {SCHEMA}")
        for name in names[: older + 1]:
            connection.execute((files("procrastinate.sql") / "migrations" / f"{name}.sql").read_text())
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{names[older]}'")

    async def use():
        async with ProcrastinateQueue(url, "acme", TIMING) as queue:
            await queue.put(DUE, 3)
            done = Jobs(queue, until=3)
            await queue.work(done, at_once=1)
            return done.checked

    assert asyncio.run(use()) == [DUE] * 3
    assert ask("SELECT obj_description(%s::regnamespace)", SCHEMA, url=url) == [(names[-1],)]


def test_tables_of_a_newer_procrastinate_are_left_alone(empty_database):
    url = empty_database
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '99.00.00_01_later'")

    async def start():
        async with ProcrastinateQueue(url, "acme"):
            raise AssertionError("it began all the same")

    with pytest.raises(StoreError, match=r"made by a newer procrastinate: they are at '99\.00\.00_01_later'"):
        asyncio.run(start())


def test_a_schema_of_that_name_that_is_not_ours_loses_nothing(empty_database):
    url = empty_database
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"CREATE TABLE {SCHEMA}.procrastinate_jobs (own text)")

    async def start():
        async with ProcrastinateQueue(url, "acme"):
            raise AssertionError("it began all the same")

    with pytest.raises(StoreError, match="cannot open the queue"):
        asyncio.run(start())
    with psycopg.connect(url) as connection:
        assert connection.execute(f"SELECT count(own) FROM {SCHEMA}.procrastinate_jobs").fetchall() == [(0,)]  # noqa: S608


def test_tickets_are_counted_by_errand_and_done(within):
    async def work(queue):
        await queue.put(DUE, 250)
        await queue.put(RUN, 2)
        waiting = await queue.waiting(DUE), await queue.waiting(RUN)
        done = Jobs(queue, until=252)
        await queue.work(done, at_once=8)
        return waiting, done.checked, await queue.waiting(DUE)

    waiting, checked, left = within(work)
    assert waiting == (250, 2)
    assert sorted(one.run for one in checked) == [""] * 250 + ["acme/failed"] * 2
    assert left == 0


def test_what_is_done_leaves_no_row(within, ask):
    async def work(queue):
        await queue.put(RUN, 1)
        await queue.work(Jobs(queue), at_once=1)

    within(work)
    assert [name for name, _ in jobs(ask) if name == "check"] == []


def test_a_run_waits_for_its_plan_once_and_is_planned_until_that_says_so(within):
    async def work(queue):
        begun = await queue.begin(RUN), await queue.begin(RUN)
        done = Jobs(queue, again=2)
        await queue.work(done, at_once=1)
        return begun, [one for one in done.planned if one.run]

    assert within(work) == ((True, False), [RUN] * 3)


def test_what_is_due_is_planned_by_itself(within):
    async def work(queue):
        done = Jobs(queue)
        working = asyncio.create_task(queue.work(done, at_once=1))
        while not done.planned:
            await asyncio.sleep(0.02)
        queue.stop()
        await working
        return done.planned[0]

    assert within(work) == DUE


def test_a_job_that_fails_ends_the_worker_with_its_error(within, ask):
    async def work(queue):
        await queue.put(DUE, 1)
        await queue.work(Jobs(queue, error=BadCredentials("the token has expired")), at_once=1)

    with pytest.raises(BadCredentials, match="the token has expired"):
        within(work)
    assert ask(f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers") == [(0,)]  # noqa: S608


def test_stopped_before_it_began_it_does_nothing(within):
    async def work(queue):
        queue.stop()
        done = Jobs(queue)
        await queue.work(done, at_once=1)
        return done.checked

    assert within(work) == []


def take_as_the_dead_do(ask, *, gone):
    """Make all jobs those of a worker that has stopped breathing, and of which the row may be gone already."""
    ask(f"INSERT INTO {SCHEMA}.procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")  # noqa: S608
    (dead,) = ask(f"SELECT max(id) FROM {SCHEMA}.procrastinate_workers")[0]  # noqa: S608
    ask(f"UPDATE {SCHEMA}.procrastinate_jobs SET status = 'doing', worker_id = %s", None if gone else dead)  # noqa: S608


@pytest.mark.parametrize("gone", [False, True], ids=["silent", "pruned"])
def test_jobs_of_a_dead_worker_are_done_by_another(within, ask, gone):
    async def work(queue):
        await queue.put(RUN, 2)
        take_as_the_dead_do(ask, gone=gone)
        assert await queue.workers() == 1
        done = Jobs(queue, until=2)
        await queue.work(done, at_once=2)
        return done.checked

    assert within(work) == [RUN, RUN]


def test_a_dead_plan_gives_way_to_the_one_that_waits(within, ask):
    async def work(queue):
        await queue.begin(RUN)
        take_as_the_dead_do(ask, gone=True)
        await queue.begin(RUN)
        await queue._rescue(0)
        return jobs(ask)

    assert within(work) == [("plan", "todo")]


def test_workers_are_counted_while_they_live(within, database):
    async def work(queue):
        async with ProcrastinateQueue(database, "acme", TIMING) as other:
            working = asyncio.create_task(other.work(Jobs(other), at_once=1))
            while (alive := await queue.workers()) == 1:
                await asyncio.sleep(0.02)
            other.stop()
            await working
        return alive, await queue.workers()

    assert within(work) == (2, 1)


def test_nobody_there_is_told_without_the_password(tmp_path, monkeypatch):
    monkeypatch.setattr("psycopg_pool.AsyncConnectionPool.open", _never)

    async def start():
        async with ProcrastinateQueue(f"postgresql://byoaws:hunter2@/nowhere?host={tmp_path}", "acme"):
            raise AssertionError("it began all the same")

    with pytest.raises(StoreError, match="cannot open the queue") as caught:
        asyncio.run(start())
    assert "hunter2" not in str(caught.value)


async def _never(self, *, wait):
    raise psycopg.OperationalError("connection refused")


def goes_away(postgres, url):
    """As when a server is moved: who was connected is cut off, and nobody gets in again."""
    name = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def test_a_database_that_goes_away_ends_the_worker(postgres):
    url = postgres.new_database()

    async def work():
        async with ProcrastinateQueue(url, "acme", replace(TIMING, connect=1)) as queue, asyncio.timeout(20):
            done = Jobs(queue, until=None)
            working = asyncio.create_task(queue.work(done, at_once=1))
            while not done.planned:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(goes_away, postgres, url)
            await working

    with pytest.raises(StoreError, match="the queue"):
        asyncio.run(work())
