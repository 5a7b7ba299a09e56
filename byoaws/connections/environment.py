"""What `byoaws.connections.client` works with: store, vendor and profile as the commands find them."""

import os
from pathlib import Path
from threading import Lock

from byoaws.connections.access import Connections
from byoaws.settings import Settings, read_settings

_lock = Lock()
_made: list[Connections] = []
"""At most one; and what a process had before it forked, kept so that nothing closes the parent's database."""
_before_fork: list[Connections] = []


def settings(vendor: str | None = None, store: str | None = None, profile: str | None = None) -> Settings:
    """Read the settings from this process's environment; what is given wins."""
    return read_settings(dict(os.environ), cwd=Path.cwd(), vendor=vendor, store=store, profile=profile)


def default() -> Connections:
    """Return this process's own, made when it is first needed."""
    with _lock:
        if not _made:
            _made.append(Connections())
        return _made[0]


def _forked() -> None:
    """Neither database connections nor threads outlive a fork."""
    global _lock
    _lock = Lock()  # another thread may have held it
    _before_fork.extend(_made)
    _made.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
