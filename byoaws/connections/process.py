"""What `byoaws.connections.client` works with: one for each process."""

import os
from threading import Lock

from byoaws.connections.access import Connections

_lock = Lock()
_made: list[Connections] = []
"""At most one; and what a process had before it forked, kept so that nothing closes the parent's database."""
_before_fork: list[Connections] = []


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
