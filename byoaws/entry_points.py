"""What other distributions add to our tables, by entry points of groups that begin with `byoaws.`.

`importlib.metadata` knows, and costs 40 ms each time: itself, and the entry points of every distribution there is. Most
people have nothing that adds anything, so we look first, which costs 2 ms, and ask it only if there may be something.
"""

import functools
import os
import sys
from importlib.machinery import PathFinder

_SIGN = b"[byoaws."


def added(group: str) -> dict[str, str]:
    """Return name to value of the entry points in `group`; the same as `importlib.metadata` says."""
    if not _anything_there(tuple(sys.path)):
        return {}
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=group)}


@functools.cache
def _anything_there(path: tuple[str, ...]) -> bool:
    """True unless it is certain that nobody adds anything."""
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in sys.meta_path):
        return True
    return any(_folder_may_add(folder) for folder in path)


def _folder_may_add(folder: str) -> bool:
    if folder.lower().endswith(".egg"):
        return True
    try:
        with os.scandir(folder or ".") as entries:
            described = [entry.path for entry in entries if entry.name.lower().endswith((".dist-info", ".egg-info"))]
    except FileNotFoundError:
        return False
    except OSError:  # an archive, for one
        return True
    return any(_names_our_groups(os.path.join(place, "entry_points.txt")) for place in described)


def _names_our_groups(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            return _SIGN in opened.read()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
