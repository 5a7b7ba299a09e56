"""Private files that come into being whole: nobody ever sees half a file, and of two makers one wins."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def private_directory(path: Path) -> None:
    """Make `path` and what is missing above it, each for its owner only; leave alone what is there."""
    if path.is_dir():
        return
    private_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def publish(path: Path, fill: Callable[[Path], None]) -> bool:
    """Make `path` with mode 0600 and what `fill` writes; False if another was first, whose file then stays.

    Raises:
        OSError: no permission, no space, or a file system without hard links.
    """
    # mkstemp opens with O_CREAT | O_EXCL and mode 0600. Creating `path` itself that way would let others read it empty.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        fill(temporary)
        os.fsync(handle)
        # Unlike rename, link never replaces a file.
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        os.close(handle)
        temporary.unlink()
    _sync_directory(path.parent)
    return True


def _sync_directory(path: Path) -> None:
    """Let a new name survive a power cut: a key that is lost after its first use loses what it encrypted."""
    if os.name != "posix":  # elsewhere a directory cannot be opened
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
