"""Where a file is, as other programs want to be told."""

import os
from pathlib import PurePath
from urllib.parse import quote


def relative(path: str, folder: str) -> str:
    """Return the path from `folder`, with `/`; as it is, absolute, where it lies elsewhere."""
    whole = os.path.normpath(os.path.join(folder, path))
    inside = whole == folder or whole.startswith(folder.rstrip(os.sep) + os.sep)
    return PurePath(os.path.relpath(whole, folder) if inside else whole).as_posix()


def uri(path: str, folder: str) -> str:
    """Return the path as a URI reference (RFC 3986): relative to `folder`, or `file:` where it lies elsewhere."""
    place = relative(path, folder)
    name = quote(os.fsencode(place), safe="/")
    if PurePath(place).is_absolute():
        return "file://" + (name if name.startswith("/") else f"/{name}")
    return name
