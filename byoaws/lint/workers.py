"""Many files on every core: processes that each judge one file at a time.

cfn-lint and its rules are loaded once, before the processes fork off. Where a process cannot fork they are started
anew, and only for many files: each then loads them itself. A process that dies, as of memory, costs the one file that
it was at.
"""

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal

from byoaws.errors import UsageError
from byoaws.lint.judge import Judge, Judgement, could_not_tell

Start = Literal["fork", "spawn"]

_FILES_PER_COLLECTION = 16
# A process that is started anew takes as long to load cfn-lint as five files take to lint.
_FILES_PER_SPAWN = 10
_GRACE = 2.0
"""Seconds in which a process that was asked to end must end."""


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def judge_all(
    templates: Sequence[Path], make: Callable[[], Judge], jobs: int, *, start: Start | None = None
) -> Generator[tuple[Path, Judgement], None, None]:
    """Yield each file with what came of it, in the order in which they are done.

    Args:
        templates: What to judge.
        make: Loads cfn-lint and its rules; picklable, as a process that is started anew calls it as well.
        jobs: How many processes to work with at most; 1 works in this one.
        start: How processes are started; by default as the system and the number of threads allow.

    Raises:
        UsageError: see `Judge`; the first one ends all.
    """
    start = start or _start()
    count = min(jobs, len(templates) if start == "fork" else len(templates) // _FILES_PER_SPAWN)
    if count < 2 or start is None:
        judge = make()
        for template in templates:
            yield template, judge(template)
        return
    yield from _Pool(make, start).run(templates, count)


def _start() -> Start | None:
    if threading.active_count() > 1:
        return None  # a fork copies locks that other threads hold, and spawning is not worth it in a server
    if "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin":
        return "fork"
    return "spawn"  # macOS can fork, but its own libraries then crash


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits: what Python calls around a fork would swallow it, and nobody would end."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """One process."""

    def __init__(self, make: Callable[[], Judge], start: Start) -> None:
        context: Any = multiprocessing.get_context(start)
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self.connection, make), daemon=True)
        with _uninterrupted():
            self._process.start()
        theirs.close()  # ours would keep the pipe open when the process is dead

    def take(self, template: Path) -> None:
        """Begin with a file."""
        with contextlib.suppress(OSError):  # it is dead, as `answer` will find
            self.connection.send(template)

    def answer(self) -> Judgement | None:
        """What came of the file; None if the process died over it.

        Raises:
            UsageError: the process found that nothing can be judged.
        """
        try:
            answer = self.connection.recv()
        except (EOFError, OSError):
            return None
        if isinstance(answer, tuple):
            message, hint = answer
            raise UsageError(message, hint=hint)
        judgement: Judgement = answer
        return judgement

    def end(self) -> int | None:
        """Let an idle process end, and see a dead one off; returns its exit code, which is negative for a signal."""
        with contextlib.suppress(OSError):
            self.connection.send(None)
        self._process.join(_GRACE)
        return self.kill()

    def kill(self) -> int | None:
        """End it now, whatever it is at, and return its exit code."""
        self.connection.close()
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        code: int | None = self._process.exitcode
        return code


class _Pool:
    def __init__(self, make: Callable[[], Judge], start: Start) -> None:
        self._start = start
        if start == "fork":
            judge = make()  # here and now: every process has it then
            self._make = lambda: judge
        else:
            self._make = make
        self._at: dict[_Worker, Path] = {}
        """What each process is at."""

    def run(self, templates: Sequence[Path], count: int) -> Iterator[tuple[Path, Judgement]]:
        waiting = deque(templates)
        try:
            for _ in range(count):
                self._add(waiting)
            while self._at:
                ready = wait([worker.connection for worker in self._at])
                for worker in [one for one in self._at if one.connection in ready]:
                    yield self._done(worker, waiting)
        finally:
            for worker in self._at:
                worker.kill()

    def _add(self, waiting: deque[Path]) -> None:
        if waiting:
            self._give(_Worker(self._make, self._start), waiting)

    def _give(self, worker: _Worker, waiting: deque[Path]) -> None:
        self._at[worker] = waiting.popleft()
        worker.take(self._at[worker])

    def _done(self, worker: _Worker, waiting: deque[Path]) -> tuple[Path, Judgement]:
        judgement = worker.answer()
        template = self._at.pop(worker)
        if judgement is None:
            judgement = _died(template, worker.end())
            self._add(waiting)
        elif waiting:
            self._give(worker, waiting)
        else:
            worker.end()
        return template, judgement


def _serve(connection: "Connection[Any, Any]", theirs: "Connection[Any, Any]", make: Callable[[], Judge]) -> None:
    """Judge what comes in, until nobody is there to ask."""
    theirs.close()  # else this process itself would keep its line open when the other has ended
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches every process; the first one ends the others
    gc.disable()
    try:
        judge, number = make(), 0
        while template := connection.recv():
            connection.send(judge(template))
            number += 1
            if number % _FILES_PER_COLLECTION == 0:
                gc.collect()
    except UsageError as error:
        connection.send((error.message, error.hint))
    except (EOFError, OSError):
        return


def _died(template: Path, code: int | None) -> Judgement:
    how = f"ended with {code}"
    if code is not None and code < 0:
        try:
            how = f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            how = f"was killed by signal {-code}"
    finding = could_not_tell(
        template,
        f"the process that linted the file {how}, so nothing is known of it",
        fix="lint the file alone, with --jobs 1; SIGKILL is most often the system, which has no memory left",
    )
    return Judgement(findings=(finding,), lasting=False)
