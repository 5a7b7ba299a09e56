"""`byoaws.fleet.queue.Queue` by Procrastinate, on the store's own PostgreSQL: no further service to run.

Any worker plans what is due, every few seconds, and only one of them each time. Jobs of a worker that died are given to
another as soon as its heart has not beaten for a while; Procrastinate does that only if it is told to.
"""

import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.worker import Worker

from byoaws.errors import StoreError
from byoaws.fleet.queue import Errand, Jobs, Queue, Timing, errand
from byoaws.fleet.queue_schema import SCHEMA, prepare
from byoaws.store.interface import Selection

_AT_ONCE = 100
"""Tickets put in one statement: the first are taken while the others are still being written."""
_PLAN_FIRST = 10
"""Priority of planning over checking."""


class ProcrastinateQueue(Queue):
    """The queue of one vendor; an async context manager."""

    def __init__(self, conninfo: str, vendor: str, timing: Timing | None = None) -> None:
        """Open nothing yet; `conninfo` is libpq's, and may hold a password."""
        self._timing = timing or Timing()
        self._vendor = vendor
        self._queue = f"byoaws {vendor}"
        self._connector = PsycopgConnector(
            conninfo=conninfo,
            kwargs={"application_name": "byoaws"},
            configure=_in_our_schema,
            min_size=1,
            max_size=4,
            timeout=self._timing.connect,
        )
        self._app = App(connector=self._connector)
        self._exits = AsyncExitStack()
        self._jobs: Jobs
        self._worker: Any = None
        self._stopped = False
        self._error: BaseException | None = None
        self._check = self._app.task(name="check", queue=self._queue)(self._check_one)
        self._plan = self._app.task(name="plan", queue=self._queue, priority=_PLAN_FIRST)(self._plan_one)
        # What it has to say of its own accord is said by what it raises, or by nobody.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL + 1)
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL + 1)

    async def __aenter__(self) -> Self:
        """Connect, and make the tables where they are missing; raises StoreError."""
        async with AsyncExitStack() as stack, _told("open"):
            await self._connector.open_async()
            stack.push_async_callback(self._connector.close_async)
            async with self._connector.pool.connection() as connection:
                await prepare(connection)
            self._exits = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._exits.aclose()

    async def begin(self, errand: Errand) -> bool:
        """Have it planned at once; False if it waits for that already."""
        return await self._plan_in(0, errand)

    async def put(self, errand: Errand, tickets: int) -> None:
        """Add tickets."""
        async with _told("write to"):
            for done in range(0, tickets, _AT_ONCE):
                await self._check.batch_defer_async(*[errand.as_json()] * min(_AT_ONCE, tickets - done))

    async def waiting(self, errand: Errand) -> int:
        """How many tickets of an errand nobody has taken yet."""
        query = (
            "SELECT count(*) AS count FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'check'"
            " AND queue_name = %(queue)s AND args ->> 'run' = %(run)s"
        )
        async with _told("read"):
            row = await self._connector.execute_query_one_async(query, queue=self._queue, run=errand.run)
        return int(row["count"])

    async def workers(self) -> int:
        """How many workers live, this one included."""
        query = (
            "SELECT count(*) AS count FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %(dead)s) AND id <> %(own)s"
        )
        own = self._worker.worker_id if self._worker else None
        async with _told("read"):
            row = await self._connector.execute_query_one_async(query, dead=float(self._timing.dead), own=own or 0)
        return 1 + int(row["count"])

    async def work(self, jobs: Jobs, *, at_once: int) -> None:
        """Do jobs until it is told to stop."""
        self._jobs = jobs
        self._every(self._timing.plan, "plan what is due", self._plan_due)
        self._every(self._timing.plan, "rescue", self._rescue)
        if self._stopped:
            return
        self._worker = _Worker(
            self._app,
            told=self._fail,
            queues=[self._queue],
            concurrency=at_once,
            fetch_job_polling_interval=self._timing.poll,
            abort_job_polling_interval=60.0,
            update_heartbeat_interval=self._timing.heartbeat,
            stalled_worker_timeout=self._timing.dead,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
        )
        async with _told("read"):
            await self._worker.run()
            if self._error is not None:
                raise self._error
        if not self._stopped:
            raise StoreError("the queue's database does not answer any more", hint="start the worker again")

    def stop(self) -> None:
        """Begin no more jobs."""
        self._stopped = True
        if self._worker is not None:
            self._worker.stop()

    def _every(self, seconds: int, name: str, task: Callable[..., Awaitable[None]]) -> None:
        # The same job is put once, whichever worker's clock comes first.
        made = self._app.task(
            name=name, queue=self._queue, priority=_PLAN_FIRST, queueing_lock=f"{name} {self._vendor}"
        )(task)
        self._app.periodic(cron=f"* * * * * */{seconds}", periodic_id=self._vendor)(made)

    async def _check_one(self, **job: Any) -> None:
        async with self._judged():
            await self._jobs.check(errand(**job))

    async def _plan_one(self, **job: Any) -> None:
        async with self._judged():
            again = errand(**job)
            if await self._jobs.plan(again):
                await self._plan_in(self._timing.replan, again)

    async def _plan_due(self, timestamp: int) -> None:
        async with self._judged():
            await self._jobs.plan(Errand(selection=Selection(vendor=self._vendor)))

    async def _plan_in(self, seconds: int, errand: Errand) -> bool:
        waits = f"plan {errand.run} {errand.began_at}"
        job = self._plan.configure(queueing_lock=waits)
        if seconds:
            job = self._plan.configure(queueing_lock=waits, schedule_in={"seconds": seconds})
        async with _told("write to"):
            try:
                await job.defer_async(**errand.as_json())
            except AlreadyEnqueued:
                return False
        return True

    async def _rescue(self, timestamp: int) -> None:
        """Give the jobs of dead workers to others."""
        manager = self._app.job_manager
        async with self._judged(), _told("write to"):
            await manager.prune_stalled_workers(self._timing.dead)
            for job in await manager.get_stalled_jobs(queue=self._queue, seconds_since_heartbeat=self._timing.dead):
                try:
                    await manager.retry_job(job)
                except UniqueViolation:
                    # Of what is planned again and again, the next waits already.
                    with suppress(ConnectorException):  # another worker may be rescuing it, too
                        await manager.finish_job(job, Status.FAILED, delete_job=True)

    @asynccontextmanager
    async def _judged(self) -> AsyncIterator[None]:
        """A job that fails ends the worker, and whoever started that is told why."""
        ended = False
        try:
            yield
            ended = True
        finally:
            if not ended:
                self._fail(sys.exception())

    def _fail(self, error: BaseException | None) -> None:
        self._error = self._error or error
        self.stop()


class _Worker(Worker):
    """Tells of a job that was done and could not be marked so: Procrastinate leaves that to asyncio's log."""

    def __init__(self, app: App, *, told: Callable[[BaseException], None], **options: Any) -> None:
        super().__init__(app, **options)
        self._told = told

    async def _process_job(self, context: JobContext) -> None:
        try:
            await super()._process_job(context)
        except ConnectorException as error:
            self._told(error)


async def _in_our_schema(connection: Any) -> None:
    await connection.execute(f"SET search_path TO {SCHEMA}")
    await connection.commit()


@asynccontextmanager
async def _told(doing: str) -> AsyncIterator[None]:
    """Say what the database says as StoreError. Its URL is in none of it."""
    try:
        yield
    except (ConnectorException, psycopg.Error) as error:
        cause = error.__cause__ or error
        said = str(cause).strip().partition("\n")[0]
        raise StoreError(f"cannot {doing} the queue: {said}", hint="is the store's PostgreSQL running?") from error
