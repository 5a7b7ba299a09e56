"""Keeps credentials and secrets out of botocore's debug log, which shows every request and every answer as it is."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_secret: ContextVar[bool] = ContextVar("byoaws_answer_is_secret", default=False)
# As a header of a request, in the text that is signed, and in a URL.
_TOKEN = re.compile(r"(x-amz-security-token['\"]?\s*[:=]\s*b?['\"]?)[^\s'\",&]+", re.IGNORECASE)


class _Drop(logging.Filter):
    """Lets nothing through of a call whose request or answer is secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _secret.get()


class _WithoutToken(logging.Filter):
    """Takes session tokens out of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        cleaned = _TOKEN.sub(r"\1[removed]", said)
        if cleaned != said:
            record.msg, record.args = cleaned, ()
        return True


for _name in ("botocore.parsers", "botocore.endpoint"):
    logging.getLogger(_name).addFilter(_Drop())
for _name in ("botocore.auth", "botocore.endpoint"):
    logging.getLogger(_name).addFilter(_WithoutToken())


@contextmanager
def unlogged() -> Iterator[None]:
    """Have botocore log nothing of the requests and answers of calls that are made inside."""
    before = _secret.set(True)
    try:
        yield
    finally:
        _secret.reset(before)
