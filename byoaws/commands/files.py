"""Files that a command is told to read or to write: bounded, and written whole or not at all."""

import os
import shutil
from pathlib import Path

from byoaws.errors import UsageError

MAX_BYTES = 2_000_000
"""CloudFormation takes templates up to 1 MB."""


def read_text(path: Path, *, what: str = "a CloudFormation template") -> str:
    """Return the content of a text file, which should be `what`; line ends as `\\n`.

    Raises:
        UsageError: it cannot be read, is larger than any template, or is not UTF-8.
    """
    data = read_bytes(path, MAX_BYTES, what=what)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"'{path}' is not UTF-8 text", hint=f"name {what}") from None
    return text.replace("\r\n", "\n")


def read_bytes(path: Path, limit: int, *, what: str = "a smaller one") -> bytes:
    """Return the content of a file, which should be `what`.

    Raises:
        UsageError: it cannot be read, or has more than `limit` bytes.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"cannot read '{path}': {_reason(error)}", hint="check the path and its permissions") from None
    if len(data) > limit:
        raise UsageError(f"'{path}' is larger than {limit:,} bytes", hint=f"name {what}")
    return data


def write_text(path: Path, text: str, *, new: bool = False) -> None:
    """Write a file. What was there stays until the new content is complete, so a killed run leaves the old file.

    Args:
        new: Write only where nothing is, also if something comes there meanwhile.

    Raises:
        UsageError: it cannot be written; nothing is left half-written.
    """
    try:
        if new:
            _create(path, text)
        elif path.exists() and not path.is_file():
            # /dev/stdout or a pipe is written to: to replace it would take it away from everybody.
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise UsageError(
            f"cannot write '{path}': {_reason(error)}", hint="name a file in a directory that you may write to"
        ) from None


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read, from its first byte on.

    Raises:
        UsageError: it is there already, or cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"cannot write '{path}': {_reason(error)}", hint="name a new file in a directory that you may write to"
        ) from None


def _create(target: Path, text: str) -> None:
    part = _part(target)
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.link(part, target)  # unlike a rename, it replaces nothing
    finally:
        part.unlink(missing_ok=True)


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def _replace(target: Path, text: str) -> None:
    there = target.exists()
    if there and not os.access(target, os.W_OK):
        raise PermissionError("the file is read-only")
    part = _part(target)
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        if there:
            shutil.copymode(target, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
