"""Whom https connections trust where nothing else was said."""

import ssl
from functools import cache


@cache
def system_trust() -> ssl.SSLContext:
    """Return the system's authorities, which are read once, as that takes some 20 ms; threads may share them."""
    return ssl.create_default_context()
