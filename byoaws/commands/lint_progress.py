"""How many files are linted, on a terminal; silent where there is none.

It has a module of its own since a lint whose results are known takes no longer than its imports.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from byoaws.lint.interface import Progress

_PATIENCE = 1.0
"""Seconds that nobody needs to be told of."""


@contextmanager
def lint_progress(clock: Callable[[], float] = time.monotonic) -> Iterator[Progress | None]:
    """Yield what counts files on stderr once it has taken a second, and clears the count at the end.

    No thread draws it, since the linter forks.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    started, shown = clock(), ""

    def show(text: str) -> None:
        nonlocal shown
        sys.stderr.write("\r" + text.ljust(len(shown)) + ("" if text else "\r"))
        sys.stderr.flush()
        shown = text

    def tell(done: int, total: int) -> None:
        if clock() - started > _PATIENCE and done < total:
            show(f"linting: {done} of {total} files")

    try:
        yield tell
    finally:
        if shown:
            show("")
