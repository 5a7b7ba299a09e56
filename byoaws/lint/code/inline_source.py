"""What can be told of a Lambda function's source without running it: what it defines, and why it does not load."""

import ast
import contextlib
import difflib
import functools
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from byoaws.lint.worlds.expand import OPAQUE

# Syntax that Pythons since 3.12 know; an older one that runs the linter must not call it wrong.
_NEWER_SYNTAX = re.compile(
    r"""(?:^|[^\w])(?:[rR]?[fFtT][rR]?)["']|^\s*type\s+\w+|^\s*(?:async\s+)?(?:def|class)\s+\w+\s*\[|^\s*except\b[^:]*,"""
)
_PYTHON = re.compile(r"python3\.(\d+)")
_STAND_IN = "byoaws_"
# Longer sources would take Python seconds.
_LONGEST = 200_000
_CALLS_THAT_DEFINE = ("exec", "globals", "setattr", "vars")
_NODE_EXPORT = re.compile(r"\bexports\s*(?:\.\s*(\w+)|\[\s*[\"'](\w+)[\"']\s*\])\s*=")
_NODE_OTHER_EXPORT = re.compile(
    r"\bmodule\.exports\s*=|\bexport\b|\(\s*(?:module\.)?exports\b|=\s*(?:module\.)?exports\b"
)
# Lambda puts AWS's module beside a ZipFile under one name for each language.
_PYTHON_MISNOMER = re.compile(r"^(?:import|from)\s+(cfn_response)\b", re.MULTILINE)
_NODE_MISNOMER = re.compile(r"\b(?:require\(|from)\s*[\"'](cfnresponse|cfn_response)[\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What keeps a function's source from being loaded."""

    line: int
    """In the source, from 1."""
    message: str
    fix: str = ""
    is_module: bool = False
    """True if a module is missing, which a layer of the function could bring."""


@functools.lru_cache(maxsize=64)
def python_flaw(source: str, runtime: str) -> Flaw | None:
    """Return what keeps Python from loading the source; None if nothing does, or nobody can tell.

    Args:
        source: The source, with opaque stand-ins for what only a deployed stack knows.
        runtime: As Lambda calls it, such as `python3.13`.
    """
    if not _PYTHON.fullmatch(runtime) or len(source) > _LONGEST:
        return None
    try:
        with _without_warnings():
            # Compiling finds what parsing lets pass, such as a `return` outside of a function. Nothing is run.
            compile(source, "index.py", "exec", dont_inherit=True)
    except SyntaxError as error:
        return None if OPAQUE.search(source) or _is_newer(source, error, runtime) else _syntax_flaw(source, error)
    except (ValueError, RecursionError, MemoryError):
        return None
    found = _PYTHON_MISNOMER.search(source)
    return _misnomer(source, found, "import cfnresponse") if found else None


def node_flaw(source: str, runtime: str) -> Flaw | None:
    """Return what keeps Node.js from loading the source, as far as that can be told without its parser."""
    found = _NODE_MISNOMER.search(source)
    if not runtime.startswith("nodejs") or found is None:
        return None
    return _misnomer(source, found, 'require("cfn-response")')


def _misnomer(source: str, found: re.Match[str], statement: str) -> Flaw:
    return Flaw(
        line=source.count("\n", 0, found.start(1)) + 1,
        message=f"there is no module '{found[1]}'",
        fix=f"write '{statement}'",
        is_module=True,
    )


def _syntax_flaw(source: str, error: SyntaxError) -> Flaw:
    last = len(source.splitlines())
    return Flaw(line=min(error.lineno or 1, last), message=f"syntax error: {error.msg}")


def _is_newer(source: str, error: SyntaxError, runtime: str) -> bool:
    """True if the line may be right in the function's Python, which is newer than the one that runs the linter."""
    found = _PYTHON.fullmatch(runtime)
    if found is None or int(found[1]) <= sys.version_info.minor:
        return False
    lines = source.splitlines()
    first, last = error.lineno or 1, error.end_lineno or error.lineno or 1
    return any(_NEWER_SYNTAX.search(line) for line in lines[max(first - 2, 0) : last])


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Python warns of escape sequences that it does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def plainly_defines(source: str, name: str) -> bool:
    """True if the source has `def NAME` or `exports.NAME`: then it need not be read any further."""
    return bool(re.search(rf"^(?:async\s+)?def\s+{name}\s*\(|\bexports\.{name}\s*=", source, re.MULTILINE))


@functools.lru_cache(maxsize=64)
def python_names(source: str) -> frozenset[str] | None:
    """Return what a Python module defines; None where that cannot be told."""
    if len(source) > _LONGEST:
        return None
    try:
        with _without_warnings():
            tree = ast.parse(OPAQUE.sub(lambda found: _STAND_IN + found.group()[7:], source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: set[str] = set()
    for node in ast.walk(tree):
        if _is_unreadable(node):
            return None
        found.update(_defined_by(node))
    return frozenset(found)


def _is_unreadable(node: ast.AST) -> bool:
    names = [getattr(node, field, None) for field in ("id", "attr", "arg", "name", "module")]
    if any(isinstance(name, str) and _STAND_IN in name for name in names):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS_THAT_DEFINE:
        return True
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def _defined_by(node: ast.AST) -> list[str]:
    """Names that a node binds, at whatever depth: too many rather than too few."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    return []


def node_names(source: str) -> frozenset[str] | None:
    """Return what a Node.js module exports; None where that cannot be told."""
    if OPAQUE.search(source) or _NODE_OTHER_EXPORT.search(source):
        return None
    return frozenset(first or second for first, second in _NODE_EXPORT.findall(source))


def nearest(name: str, names: frozenset[str]) -> str | None:
    """Return the name that was probably meant."""
    handlers = [one for one in sorted(names) if "handler" in one.lower()]
    return next(iter(difflib.get_close_matches(name, sorted(names), 1, 0.7)), handlers[0] if handlers else None)
