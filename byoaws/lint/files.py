"""Which files are linted."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from byoaws.errors import UsageError

MAX_BYTES = 2_000_000
"""CloudFormation refuses templates over 1 MB (cfn-lint's E1002 says so); twice that is no template."""

_HINT = "check the path; a folder is searched for templates"
_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template"})
_SKIPPED = frozenset({"node_modules", "__pycache__"})
_RESOURCES = re.compile(r"""^\s*["']?Resources["']?\s*:|[{,]\s*["']?Resources["']?\s*:""", re.MULTILINE)


def find_templates(paths: Sequence[str | Path], *, only_templates: bool = False) -> list[Path]:
    """Return the files to lint, each once: those named, and the templates in the folders named.

    Hidden folders and `node_modules` are not entered, and links to folders are not followed.

    Args:
        paths: Files and folders.
        only_templates: Leave out what is no template also where it is named; nothing at all may remain.

    Raises:
        UsageError: nothing is named, a path does not exist or is not readable, or a folder holds no template.
    """
    if not paths:
        raise UsageError("no template to lint", hint="name a template file, or a folder that holds some")
    found: dict[str, Path] = {}
    try:
        for path in map(Path, paths):
            for template in _templates_at(path, only_templates):
                _require_readable(template)
                found.setdefault(os.path.realpath(template), template)
    except OSError as error:  # a folder on the way is closed to us, or the name is too long
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"'{error.filename}' cannot be read: {reason}", hint=_HINT) from None
    return list(found.values())


def read(path: Path) -> bytes:
    """Return what is in the file, cut one byte over MAX_BYTES.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(
            f"template '{path}' cannot be read: {reason}", hint="check the path and its permissions"
        ) from None


def _templates_at(path: Path, only_templates: bool) -> Iterator[Path]:
    if path.is_dir():
        found = [candidate for candidate in _candidates(path) if _is_template(candidate)]
        if not found and not only_templates:
            raise _none_in(path)
        yield from found
    elif not only_templates or not path.is_file() or _is_template(path):
        yield path


def _none_in(folder: Path) -> UsageError:
    suffixes = ", ".join(f"*{suffix}" for suffix in sorted(_SUFFIXES))
    return UsageError(
        f"folder '{folder}' holds no CloudFormation template",
        hint=f"looked for {suffixes} with a 'Resources' section; a file that you name is always linted",
    )


def _require_readable(path: Path) -> None:
    if not path.exists():
        if path.is_symlink():
            raise UsageError(f"'{path}' is a link that leads nowhere, or in a circle", hint=_HINT)
        raise UsageError(f"no such template: '{path}'", hint=_HINT)
    if not path.is_file():
        raise UsageError(f"'{path}' is not a regular file", hint="write the template to a file first")
    if not os.access(path, os.R_OK):
        raise UsageError(f"template '{path}' cannot be read: permission denied", hint="check the file's permissions")


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
    content = read(path).decode("utf-8", errors="replace")
    if not _RESOURCES.search(content):
        return False
    from byoaws.lint.outline import has_resources  # and with it PyYAML, which a file that is named does not need

    return has_resources(content)
