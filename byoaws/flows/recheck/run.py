"""Verify the stored connections again, all of them or some, as fast as AWS lets us; and go on doing so."""

import asyncio
import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from byoaws.errors import ConnectionConflict, KeyMissing
from byoaws.fleet.delivery import Delivered
from byoaws.fleet.engine import Engine, Source
from byoaws.fleet.held import Found
from byoaws.fleet.schedule import Policy, next_check
from byoaws.fleet.summary import Summary
from byoaws.fleet.threads import in_thread
from byoaws.flows.recheck.feed import Feed
from byoaws.flows.recheck.judging import refusal, result_of, target_of
from byoaws.flows.recheck.means import Means, Request
from byoaws.flows.recheck.telling import keep_telling, tell
from byoaws.model import Connection, VerificationReport
from byoaws.store.interface import Claim, FleetStore, Result, Selection

_SAY_EVERY = 60.0
_AT_ONCE = 500
"""Leases ended in one statement."""


async def recheck(request: Request, means: Means) -> Summary:
    """Check what was asked for, once, record what is found, and tell of what changed.

    Raises:
        AwsError: a fault of the vendor's own; what was found before is recorded, and nothing after.
        StoreError: the store cannot be read or written.
    """
    now, started = means.now(), means.monotonic()
    selection, began = await in_thread(lambda: begin(request, means.store, means.vendor.name, now))
    run = Run(request.policy, means, Summary(began_at=began, resumed=began < now))
    run.postponed = []
    feed = run.feed(selection, endless=False)
    planning = asyncio.create_task(run.plan(selection))
    try:
        await run.engine(feed).run()
        await planning
        run.summary.interrupted = feed.stopped
        run.summary.elsewhere = await run.elsewhere(selection)
    finally:
        await planning
        run.summary.seconds = means.monotonic() - started
        run.summary.throttles = means.pace.throttles
        await run.let_go()
    if not feed.stopped and not request.only_due:
        await in_thread(lambda: means.store.end_run(run_key(request, means.vendor.name)))
    run.summary.delivered.add(await tell(means, lambda: feed.stopped))
    return run.summary


async def keep_checking(policy: Policy, means: Means, *, say: Callable[[Summary], None]) -> None:
    """Check whatever falls due, until it is stopped; `say` is told what came of it, at most once a minute.

    Raises:
        AwsError, StoreError: as `recheck`.
    """
    run = Run(policy, means, Summary(began_at=means.now()))
    quiet_until = means.monotonic()

    def say_now_and_then() -> None:
        nonlocal quiet_until
        if means.monotonic() >= quiet_until and (run.summary.checked or run.summary.refused_count):
            quiet_until = means.monotonic() + _SAY_EVERY
            said, run.summary = run.summary, Summary(began_at=means.now())
            say(said)

    def count(told: Delivered) -> None:
        run.summary.delivered.add(told)
        say_now_and_then()  # here as well: a fleet that is overdue leaves the feed no moment to wait

    feed = run.feed(Selection(vendor=means.vendor.name), endless=True, idle=say_now_and_then)
    engine, ended = run.engine(feed), asyncio.Event()
    telling = asyncio.create_task(keep_telling(means, engine, ended, count))
    try:
        await engine.run()
    finally:
        ended.set()
        await telling
        run.summary.delivered.add(await tell(means, ended.is_set))
        quiet_until = means.monotonic()
        say_now_and_then()


def run_key(request: Request, vendor: str) -> str:
    """Return by what the store knows the run."""
    return f"{vendor}/{request.key}"


def begin(request: Request, store: FleetStore, vendor: str, now: datetime) -> tuple[Selection, datetime]:
    """Return what is to be checked, and since when the run is under way."""
    if request.only_due:
        return Selection(vendor=vendor), now
    began = store.begin_run(run_key(request, vendor), now, fresh=request.fresh)
    since = began - (request.older_than or timedelta())
    selection = Selection(vendor=vendor, unchecked_since=since)
    if request.statuses:
        selection = Selection(vendor=vendor, unchecked_since=since, statuses=request.statuses)
    return selection, began


class Run:
    """The parts of one run."""

    def __init__(self, policy: Policy, means: Means, summary: Summary) -> None:
        self.summary = summary
        self._policy = policy
        self._means = means
        self.owner = f"{socket.gethostname()}-{secrets.token_hex(6)}"
        self.postponed: list[str] | None = None
        """Ids of what the run holds on to, so as not to come back to it; only of a run that ends."""

    def feed(self, selection: Selection, *, endless: bool, idle: Callable[[], None] = lambda: None) -> Feed:
        """Return the stream of what is to be checked."""
        means = self._means
        return Feed(
            means.store,
            selection,
            self.owner,
            now=means.now,
            limits=means.limits,
            endless=endless,
            room=self.room,
            waiting=means.progress.waiting,
            idle=idle,
        )

    def engine(self, feed: Source) -> Engine:
        """Return the engine that checks what a source has."""
        means = self._means
        engine = Engine(
            feed,
            self._check,
            self._record,
            breaker=means.breaker,
            now=means.now,
            limits=means.limits,
            room=self.room,
        )
        means.on_start(engine)
        return engine

    async def plan(self, selection: Selection) -> None:
        """Count while the first checks are under way: nobody waits for it."""
        at = self._means.now()
        self.summary.counts = counts = await in_thread(lambda: self._means.store.count(selection, at))
        self._means.progress.planned(counts.selected)

    async def elsewhere(self, selection: Selection) -> int:
        """How many of what was planned another process has checked meanwhile, or is checking.

        What this run did not come to is left when it is interrupted; else the feed waited for all others.
        """
        at, done = self._means.now(), self.summary
        asked = done.checked + done.overtaken + done.refused_count
        planned = done.counts.selected if done.counts else 0
        if not done.interrupted:
            return max(0, planned - asked)
        now = await in_thread(lambda: self._means.store.count(selection, at))
        return max(0, planned - asked - (now.selected - now.leased))

    def room(self) -> float:
        """A check asks STS three times and takes about a second: more under way would only wait for their turn."""
        return min(self._means.limits.concurrency, max(8.0, self._means.pace.rate))

    async def _check(self, claim: Claim) -> VerificationReport:
        breaker = self._means.breaker
        since = breaker.openings
        report = await self._means.check(target_of(claim, self._means.vendor))
        if (said := refusal(claim, report)) is not None:
            breaker.refused(claim.role_arn, said, since=since)
        return report

    async def let_go(self) -> None:
        """End the leases of what was postponed: the next run must not wait for this one, which is over."""
        held, store = self.postponed or [], self._means.store
        for first in range(0, len(held), _AT_ONCE):
            await in_thread(partial(store.release, self.owner, held[first : first + _AT_ONCE]))

    async def _record(self, found: Sequence[Found]) -> None:
        means = self._means
        results = [
            result_of(one.claim, one.report, self._policy, tuple(means.channels))
            for one in found
            if one.report is not None
        ]
        kept = await in_thread(lambda: means.store.record_many(self.owner, results)) if results else ()
        unfinished = await in_thread(lambda: self._promote([one for one in results if one.connection.id in kept]))
        # Whichever is the present one after all that waiting: one that was said already is told nothing more.
        self.summary.add(results, kept)
        for connection, reason in unfinished:
            self.summary.refuse(connection, reason)
        await self._postpone([one for one in found if one.report is None])
        means.progress.checked(len(found))

    async def _postpone(self, refused: Sequence[Found]) -> None:
        """What cannot be asked comes to the same the next time: it must not be in the way of all others."""
        at, moments = self._means.now(), dict[str, datetime]()
        for one in refused:
            claim = one.claim
            self.summary.refuse(claim.connection, one.refusal)
            standing = replace(claim.standing, unknown_count=claim.standing.unknown_count + 1)
            moments[claim.connection.id] = next_check(claim.connection.id, standing, at, self._policy)
        if self.postponed is not None:
            self.postponed += moments
        if moments:
            await in_thread(lambda: self._means.store.postpone(self.owner, moments))

    def _promote(self, results: Sequence[Result]) -> list[tuple[Connection, str]]:
        """Return those whose new ExternalId is proven, and cannot be made the present one without the store's key."""
        unfinished = []
        for result in results:
            if result.connection.pending_external_id is not None:
                # ConnectionConflict: another command changed it at this moment; the next verification does it.
                try:
                    with suppress(ConnectionConflict):
                        self._means.promote(result.connection.id, result.report)
                except KeyMissing as error:
                    unfinished.append((result.connection, error.message))
        return unfinished
