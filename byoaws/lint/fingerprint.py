"""Everything besides a file's content that its findings depend on, as one hash. cfn-lint is not imported for it.

Source of what cfn-lint looks at: its `config.py` (settings, `AWS_REGION`, `AWS_DEFAULT_REGION`), `schema/manager.py`
(schemas that were downloaded), and the rules about Lambda runtimes (today's date, in local time).
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import byoaws
from byoaws.lint.interface import Facts

_SETTINGS = (".cfnlintrc", ".cfnlintrc.yaml", ".cfnlintrc.yml")
_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
_DOWNLOADED = "aws/cfn-lint/schemas/version.json"
_SOURCES = (".py", ".yaml", ".json", ".txt")
# Its schemas are many, and are replaced together with their list.
_NOT_WALKED = frozenset({"__pycache__", "schemas"})


def fingerprint(facts: Facts, env: Mapping[str, str]) -> str | None:
    """Return the hash; None where something that counts cannot be read.

    Args:
        facts: What the files are held against.
        env: The environment.
    """
    whole = hashlib.sha256()
    try:
        for part in _parts(facts, env):
            whole.update(len(part).to_bytes(8, "big") + part)
    except (OSError, RuntimeError, ValueError):  # RuntimeError: no home directory
        return None
    return whole.hexdigest()


def _parts(facts: Facts, env: Mapping[str, str]) -> Iterator[bytes]:
    told = [facts.link is not None, facts.settings()]
    date = time.strftime("%Y-%m-%d")
    yield json.dumps([byoaws.__version__, sys.version, sys.platform, date, told, os.getcwd()]).encode()
    yield json.dumps([env.get(name) for name in _VARIABLES]).encode()
    for folder in (Path.home(), Path.cwd()):
        for name in _SETTINGS:
            yield _content(folder / name)
    for cache in (
        env.get("XDG_CACHE_HOME"),
        Path.home() / ".cache",
        Path.home() / "Library/Caches",
        env.get("LOCALAPPDATA"),
    ):
        yield _content(Path(cache, _DOWNLOADED)) if cache else b""
    yield from _stock()
    for path in sorted(_walk(os.path.dirname(byoaws.__file__))):
        yield os.fsencode(path)
        yield _content(path)
    yield _distributions()


def _content(path: str | Path) -> bytes:
    """What is in the file, told apart from no file at all."""
    try:
        with open(path, "rb") as file:  # five hundred times: pathlib would take half of it all
            return b"+" + file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return b"-"


def _stock() -> Iterator[bytes]:
    """cfn-lint's own files by size and time: it is large, and nobody edits it without either changing."""
    spec = find_spec("cfnlint")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("cfnlint")
    root = spec.submodule_search_locations[0]
    for path in sorted(_walk(root)):
        status = os.stat(path)
        yield f"{path} {status.st_size} {status.st_mtime_ns}".encode("utf-8", "surrogateescape")
    yield _content(Path(root, "data/schemas/version.json"))


def _distributions() -> bytes:
    """Name and version of all that is installed: cfn-lint reads templates with libraries of others."""
    names = {name for folder in sys.path if os.path.isdir(folder) for name in os.listdir(folder)}
    return os.fsencode("\n".join(sorted(name for name in names if name.endswith("-info"))))


def _walk(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name not in _NOT_WALKED:
                    yield from _walk(entry.path)
            elif entry.name.endswith(_SOURCES):
                yield entry.path
