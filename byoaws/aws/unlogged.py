"""Keeps answers that are credentials out of botocore's debug log, which shows every answer as it came."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_secret: ContextVar[bool] = ContextVar("byoaws_answer_is_secret", default=False)


class _Drop(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _secret.get()


logging.getLogger("botocore.parsers").addFilter(_Drop())


@contextmanager
def unlogged() -> Iterator[None]:
    """Have botocore log nothing of the answers to calls that are made inside."""
    before = _secret.set(True)
    try:
        yield
    finally:
        _secret.reset(before)
