"""What came of files that have not changed since, kept on disk. It only ever saves time.

Whatever is odd about it counts as if it were not there: it cannot be written, is broken, or is not ours alone. Somebody
who can write there could make us call a template sound.
"""

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from byoaws.errors import UsageError
from byoaws.lint.files import MAX_BYTES, read
from byoaws.lint.fingerprint import fingerprint
from byoaws.lint.interface import Facts
from byoaws.model import Finding

MAX_ENTRIES = 2_000
MAX_TOTAL = 20_000_000
"""Bytes of all entries."""
_LONGEST = 1_000_000
"""Bytes of one entry; a file with more to say of it than that can be linted again."""
_SUFFIX = ".json"
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_FIELDS = tuple(field.name for field in fields(Finding) if field.name != "path")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """A folder of results."""

    folder: Path
    """Made where it is not there; nobody else can read it."""
    env: Mapping[str, str]
    """The environment, which has a say in what cfn-lint finds."""

    def recall(self, templates: Sequence[Path], facts: Facts) -> "Known | None":
        """Return what is known of these files; None where nothing can be kept.

        Raises:
            UsageError: a file cannot be read.
        """
        rest = fingerprint(facts, self.env)
        if rest is None:
            return None
        keys = {template: key for template in templates if (key := _key(template, rest))}
        found = {
            template: findings
            for template, key in (keys if _is_ours_alone(self.folder) else {}).items()
            if (findings := _load(self.folder / f"{key}{_SUFFIX}", key, template)) is not None
        }
        return Known(cache=self, facts=facts, rest=rest, keys=keys, found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of some files, and where it is kept."""

    cache: Cache
    facts: Facts
    rest: str
    """What findings depend on besides the file, when this was looked up."""
    keys: Mapping[Path, str]
    """Of the files that can be kept."""
    found: Mapping[Path, tuple[Finding, ...]]

    def remember(self, new: Mapping[Path, tuple[Finding, ...]]) -> None:
        """Keep results, unless something that they rest on has changed while they were made."""
        if not new or fingerprint(self.facts, self.cache.env) != self.rest:
            return
        with contextlib.suppress(OSError, UsageError):
            _make(self.cache.folder)
            if not _is_ours_alone(self.cache.folder):
                return
            for template, findings in new.items():
                key = self.keys.get(template)
                if key and key == _key(template, self.rest):
                    _save(self.cache.folder, key, findings)
            _make_room(self.cache.folder)


def _key(template: Path, rest: str) -> str | None:
    """Where the file's results are kept; its name counts, as `ignore_templates` and messages hold it."""
    data = read(template)
    if len(data) > MAX_BYTES:
        return None
    parts = (rest, os.fsencode(template).hex(), hashlib.sha256(data).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _is_ours_alone(folder: Path) -> bool:
    """True if the folder is there, and nobody else may write in it."""
    try:
        return _ours(folder.lstat(), stat.S_IFDIR) and _ours(folder.parent.stat(), stat.S_IFDIR)
    except OSError:
        return False


def _make(folder: Path) -> None:
    for made in (folder.parent, folder):  # a mode is only that of the last folder made
        made.mkdir(mode=0o700, parents=True, exist_ok=True)


def _ours(status: os.stat_result, kind: int) -> bool:
    """True if it is of that kind, this user's, and nobody else may write in it. Windows has other ways."""
    mine = not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_MAY_WRITE)
    return mine and stat.S_IFMT(status.st_mode) == kind


def _load(path: Path, key: str, template: Path) -> tuple[Finding, ...] | None:
    try:
        # No link is followed, and no pipe waited for.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:
            if not _ours(os.fstat(number), stat.S_IFREG):
                return None
            data = file.read(_LONGEST + 1)
    except OSError:
        return None
    checksum, _, body = data.partition(b"\n")
    if checksum != _checksum(key, body):
        return None
    return tuple(Finding(path=str(template), **item) for item in json.loads(body))


def _checksum(key: str, body: bytes) -> bytes:
    """Half a file does not have it, and neither has one that was moved to another's place."""
    return hashlib.sha256(key.encode() + b"\n" + body).hexdigest().encode()


def _save(folder: Path, key: str, findings: Sequence[Finding]) -> None:
    items: list[dict[str, Any]] = [{name: getattr(finding, name) for name in _FIELDS} for finding in findings]
    body = json.dumps(items).encode()
    if len(body) > _LONGEST - 100:
        return
    made = folder / f"{key}.{os.getpid()}.new"
    number = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(_checksum(key, body) + b"\n" + body)
        made.replace(folder / f"{key}{_SUFFIX}")
    except OSError:
        made.unlink(missing_ok=True)
        raise


def _make_room(folder: Path) -> None:
    """Take the oldest out while there are too many; a day that has passed has made them useless."""
    entries = sorted(_entries(folder), reverse=True)
    total = 0
    for number, (_, size, path) in enumerate(entries, 1):
        total += size
        if number > MAX_ENTRIES or total > MAX_TOTAL:
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                os.unlink(path)


def _entries(folder: Path) -> Iterator[tuple[int, int, str]]:
    """When it was written, its bytes, and its path; what was left behind half-written counts, too."""
    with os.scandir(folder) as found:
        for entry in found:
            status = entry.stat(follow_symlinks=False)
            yield status.st_mtime_ns, status.st_size, entry.path
