"""Lint templates and policies with cfn-lint's own rules and ours."""

import contextlib
import gc
import re
import textwrap
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from byoaws.errors import UsageError
from byoaws.lint.files import Flaw, find_templates, flaw
from byoaws.lint.interface import LinkFacts
from byoaws.model import Finding

_SEVERITIES = {"E": "error", "W": "warning", "I": "info"}
_PARSE_ERROR = "E0000"
_RULE_ERROR = "E0002"
_MEND_FILE = "make the file one YAML or JSON document that CloudFormation can read"
_MEND_SHAPE = "check that Metadata and every top-level section are mappings, as CloudFormation wants them"
_YAML_PLACE = re.compile(r"line (\d+), column (\d+)")
# cfn-lint lists every action of a service where one is misspelt.
_LONGEST_MESSAGE = 500
# With the collector off, each file leaves its garbage behind.
_FILES_PER_COLLECTION = 16

# Rules keep state while they run, and the garbage collector is the whole process's.
_LOCK = threading.Lock()


def lint(
    paths: Sequence[str | Path], *, link: LinkFacts | None = None, asked: frozenset[str] = frozenset()
) -> list[Finding]:
    """Lint templates and bare IAM policies, and every template in the folders named.

    cfn-lint's own settings hold: a `.cfnlintrc`, `Metadata` in a template, `AWS_REGION`. The first call imports
    cfn-lint, which takes about half a second.

    Args:
        paths: Files, always linted, and folders, searched for templates.
        link: What the vendor's link pre-fills; without it the rules about links are silent.
        asked: The IAM actions that the vendor's packs ask for; without them SES API v2 is taken to be called.

    Returns:
        Findings sorted by path, line and code. What is no template is a finding (E0000), not an error.

    Raises:
        UsageError: a path is missing or unreadable, a folder holds no template, or cfn-lint's settings are wrong.
    """
    templates = find_templates(paths)
    found: set[Finding] = set()
    with _LOCK, _no_collector():
        from byoaws.lint import stock

        configuration = stock.Configuration(link, asked)
        rules = stock.load_rules(configuration)
        for number, template in enumerate(templates, 1):
            found.update(_lint_one(template, lambda path: stock.run(path, configuration, rules)))
            if number % _FILES_PER_COLLECTION == 0:
                gc.collect()
    return sorted(found, key=lambda one: (one.path, one.line, one.code, one.column, one.message))


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Hold back the garbage collector, which costs a sixth of a lint and finds next to nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _lint_one(template: Path, run: Any) -> Iterable[Finding]:
    broken = flaw(template)
    if broken:
        return [_broken(template, broken)]
    try:
        return [_finding(template, match) for match in run(template)]
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001  cfn-lint's own crash on an odd template must be seen, not fatal
        reason = str(error) or type(error).__name__
        crashed = Flaw(message=f"cfn-lint could not judge the template: {reason}")
        return [_broken(template, crashed, code=_RULE_ERROR, fix=_MEND_SHAPE)]


def _finding(template: Path, match: Any) -> Finding:
    code = match.rule.id
    message = textwrap.shorten(getattr(match, "what", match.message), _LONGEST_MESSAGE, placeholder=" ...")
    if code == _PARSE_ERROR:
        return _broken(template, _flaw_of(match, message), fix=getattr(match, "fix", "") or _MEND_FILE)
    return Finding(
        code=code,
        severity=getattr(match, "severity", None) or _SEVERITIES.get(code[0], "error"),
        message=message,
        fix=getattr(match, "fix", "") or f"see {match.rule.source_url}",
        path=str(template),
        line=match.linenumber,
        column=match.columnnumber,
    )


def _flaw_of(match: Any, message: str) -> Flaw:
    """cfn-lint gives some syntax errors no place but in their text."""
    places = _YAML_PLACE.findall(message)
    if (match.linenumber, match.columnnumber) != (1, 1) or not places:
        return Flaw(message=message, line=match.linenumber, column=match.columnnumber)
    line, column = places[-1]
    return Flaw(message=message, line=int(line), column=int(column))


def _broken(template: Path, broken: Flaw, *, code: str = _PARSE_ERROR, fix: str = _MEND_FILE) -> Finding:
    return Finding(
        code=code,
        severity="error",
        message=broken.message,
        fix=fix,
        path=str(template),
        line=broken.line,
        column=broken.column,
    )
