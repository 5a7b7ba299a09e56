"""Which files are linted, what each is, and whether cfn-lint can be given them at all.

cfn-lint crashes the interpreter on deeply nested YAML and shows a traceback for some malformed files; what it cannot
bear is refused here, with the place in the file.
"""

import contextlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from byoaws.errors import UsageError

# CloudFormation refuses templates over 1 MB (cfn-lint's E1002 says so); twice that is no template.
MAX_BYTES = 2_000_000
# Deeper than any real template; cfn-lint itself gives up at about 100.
MAX_DEPTH = 100

_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template"})
_SKIPPED = frozenset({"node_modules", "__pycache__"})
_RESOURCES = re.compile(r"""^\s*["']?Resources["']?\s*:|[{,]\s*["']?Resources["']?\s*:""", re.MULTILINE)
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why a file cannot be linted, and where."""

    message: str
    line: int = 1
    """1-based."""
    column: int = 1
    """1-based."""


def find_templates(paths: Sequence[str | Path]) -> list[Path]:
    """Return the files to lint, each once: those named, and the templates in the folders named.

    Hidden folders and `node_modules` are not entered, and links to folders are not followed.

    Raises:
        UsageError: nothing is named, a path does not exist or is not readable, or a folder holds no template.
    """
    if not paths:
        raise UsageError("no template to lint", hint="name a template file, or a folder that holds some")
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        for template in _templates_under(path) if path.is_dir() else [path]:
            _require_readable(template)
            found.setdefault(os.path.realpath(template), template)
    return list(found.values())


def flaw(path: Path) -> Flaw | None:
    """Say what keeps cfn-lint from reading `path`, if anything does.

    Raises:
        UsageError: the file cannot be read.
    """
    data = _read(path)
    if len(data) > MAX_BYTES:
        return Flaw(message=f"the file is larger than {MAX_BYTES:,} bytes; CloudFormation takes templates up to 1 MB")
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        return Flaw(message="the file is not UTF-8 text", **_place(before))
    if "\0" in content:
        before = content[: content.index("\0")].encode()
        return Flaw(message="the file is binary, not a YAML or JSON template", **_place(before))
    if not content.strip():
        return Flaw(message="the file is empty")
    return _too_deep(content)


def is_policy(path: Path) -> bool:
    """True if the file is an IAM policy by itself: a top-level `Statement`, and no `Resources`.

    Raises:
        UsageError: the file cannot be read.
    """
    content = _read(path).decode("utf-8", errors="replace")
    if "Statement" not in content:
        return False
    keys = _top_level_keys(content)
    if keys is None:  # JSON may have tabs, which YAML does not bear
        with contextlib.suppress(ValueError, RecursionError):
            document = json.loads(content)
            keys = list(document) if isinstance(document, dict) else []
    return keys is not None and "Statement" in keys and "Resources" not in keys


def _place(before: bytes) -> dict[str, int]:
    return {"line": before.count(b"\n") + 1, "column": len(before) - (before.rfind(b"\n") + 1) + 1}


def _require_readable(path: Path) -> None:
    hint = "check the path; a folder is searched for templates"
    if not path.exists():
        raise UsageError(f"no such template: '{path}'", hint=hint)
    if not path.is_file():
        raise UsageError(f"'{path}' is not a regular file", hint="write the template to a file first")
    if not os.access(path, os.R_OK):
        raise UsageError(f"template '{path}' cannot be read: permission denied", hint="check the file's permissions")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(
            f"template '{path}' cannot be read: {reason}", hint="check the path and its permissions"
        ) from None


def _templates_under(folder: Path) -> list[Path]:
    found = [path for path in _candidates(folder) if _is_template(path)]
    if not found:
        suffixes = ", ".join(f"*{suffix}" for suffix in sorted(_SUFFIXES))
        raise UsageError(
            f"folder '{folder}' holds no CloudFormation template",
            hint=f"looked for {suffixes} with a 'Resources' section; a file that you name is always linted",
        )
    return found


def _candidates(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"folder '{error.filename}' cannot be read: {reason}", hint="check its permissions") from None

    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(names):
            path = Path(root, name)
            if path.suffix.lower() in _SUFFIXES and path.is_file():
                yield path


def _is_template(path: Path) -> bool:
    """True if the file has a top-level `Resources`, or has the word and cannot be parsed: a broken template counts."""
    content = _read(path).decode("utf-8", errors="replace")
    if not _RESOURCES.search(content):
        return False
    keys = _top_level_keys(content)
    return keys is None or "Resources" in keys


def _top_level_keys(content: str) -> list[str] | None:
    """Keys of the outermost mapping; none where it is a list, and None where that cannot be told."""
    keys: list[str] = []
    key_next = True
    try:
        for event, depth in _events(content):
            if depth > MAX_DEPTH:
                return None
            if depth == 1 and isinstance(event, yaml.SequenceStartEvent):
                return []
            if depth == 1 and isinstance(event, yaml.ScalarEvent | yaml.CollectionEndEvent | yaml.AliasEvent):
                if key_next and isinstance(event, yaml.ScalarEvent):
                    keys.append(event.value)
                key_next = not key_next
    except yaml.YAMLError:
        return None
    return keys


def _too_deep(content: str) -> Flaw | None:
    message = f"the template is nested more than {MAX_DEPTH} levels deep"
    try:
        for event, depth in _events(content):
            if depth > MAX_DEPTH:
                mark = event.start_mark
                if mark is None:  # only events that were not read from text have none
                    return Flaw(message=message, line=1, column=1)
                return Flaw(message=message, line=mark.line + 1, column=mark.column + 1)
    except yaml.YAMLError:
        # cfn-lint says what is wrong with it, after trying it as JSON (which allows tabs).
        return _too_deep_json(content, message)
    return None


def _events(content: str) -> Iterator[tuple[yaml.Event, int]]:
    """YAML's events, each with the number of collections open after it. Never recurses."""
    depth = 0
    for event in yaml.parse(content, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        yield event, depth


def _too_deep_json(content: str, message: str) -> Flaw | None:
    depth = 0
    for token in _JSON_TOKEN.finditer(content):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        if depth > MAX_DEPTH:
            return Flaw(message=message, **_place(content[: token.start()].encode()))
    return None
