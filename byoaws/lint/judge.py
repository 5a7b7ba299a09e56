"""One file at a time: what cfn-lint and our rules say of it, in our words."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from byoaws.errors import UsageError
from byoaws.lint.files import read
from byoaws.lint.flaws import Flaw, flaw
from byoaws.lint.folding import folded, is_ours, keys_told_once
from byoaws.lint.interface import COULD_NOT_TELL, NOT_A_TEMPLATE, Facts
from byoaws.lint.shape import misshapen
from byoaws.model import Finding

_SEVERITIES = {"E": "error", "W": "warning", "I": "info"}
_MEND_FILE = "make the file one YAML or JSON document that CloudFormation can read"
_MEND_SHAPE = "make it what CloudFormation, or cfn-lint in its Metadata, wants there"
_MEND_CRASH = (
    "look for what is written in an unusual way; if cfn-lint alone is fine with the file, it is ours: report it"
)
_TITLES = {NOT_A_TEMPLATE: "Not a template", COULD_NOT_TELL: "Could not be judged"}
_YAML_PLACE = re.compile(r"line (\d+), column (\d+)")
_CRASHED = re.compile(r"Unknown exception while processing rule (?P<rule>\w+): (?P<why>.*)", re.DOTALL)
# Other files that cfn-lint reads: templates of nested stacks, modules, and what a transform includes. An escape could
# write the same in other letters.
_POINTS_ELSEWHERE = re.compile(rb"AWS::CloudFormation::Stack\b|AWS::Serverless|::MODULE|Transform|\\[xuU\r\n]")
# cfn-lint lists every action of a service where one is misspelt.
_LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came of one file."""

    findings: tuple[Finding, ...]
    lasting: bool
    """True if the file gets the same findings as long as byoaws, cfn-lint, the settings and the day are the same."""


class Judge:
    """cfn-lint with all rules, loaded, which takes most of a second.

    Raises:
        UsageError: cfn-lint's settings are wrong, or name rules that cannot be loaded.
    """

    def __init__(self, facts: Facts) -> None:
        from byoaws.lint import stock

        self._run = stock.run
        self._configuration = stock.Configuration()
        self._rules = stock.load_rules(self._configuration)
        self._configuration.tell(self._rules, facts.settings())

    def __call__(self, template: Path) -> Judgement:
        """Say what is wrong in one file.

        Raises:
            UsageError: the file cannot be read, or cfn-lint's settings name a region that there is not.
        """
        if self._configuration.leaves_out(template):
            return Judgement(findings=(), lasting=not self._configuration.names_files)
        data = read(template)
        findings = tuple(keys_told_once(_with_shape(template, list(self._findings(template, flaw(data))))))
        told = all(finding.code != COULD_NOT_TELL for finding in findings)
        return Judgement(
            findings=findings,
            lasting=told and not self._configuration.names_files and not _POINTS_ELSEWHERE.search(data),
        )

    def _findings(self, template: Path, broken: Flaw | None) -> Iterator[Finding]:
        if broken:
            if self._configuration.wants_broken_files_told():
                yield _broken(template, broken)
            return
        try:
            for match in folded(self._run(template, self._configuration, self._rules)):
                yield _finding(template, match)
        except UsageError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  a crash on an odd template must be seen, not fatal
            reason = str(error) or type(error).__name__
            yield could_not_tell(template, f"cfn-lint could not judge the template: {reason}", fix=_MEND_CRASH)


def _with_shape(template: Path, found: list[Finding]) -> list[Finding]:
    """Say where the file has the wrong form in place of what crashed over it."""
    certain = [finding for finding in found if finding.code != COULD_NOT_TELL]
    if len(certain) == len(found):
        return found
    from cfnlint.decode import decode  # type: ignore[import-untyped]

    flaws = misshapen(decode(str(template))[0])
    return [*certain, *(_broken(template, one, fix=_MEND_SHAPE) for one in flaws)] if flaws else found


def could_not_tell(template: Path, why: str, *, fix: str) -> Finding:
    """Return what is said of a file that has not been judged: it has neither passed nor failed."""
    return _broken(template, Flaw(message=_short(why)), code=COULD_NOT_TELL, fix=fix)


def _finding(template: Path, match: Any) -> Finding:
    code = str(match.rule.id)
    message = _short(getattr(match, "what", match.message))
    fix = str(getattr(match, "fix", ""))
    if code == NOT_A_TEMPLATE:
        return _broken(template, _flaw_of(match, message), fix=fix or _MEND_FILE)
    if code == COULD_NOT_TELL:
        return could_not_tell(template, _crash(match.message), fix=_MEND_CRASH)
    return Finding(
        code=code,
        severity=getattr(match, "severity", None) or _SEVERITIES.get(code[0], "error"),
        message=message,
        fix=fix or (f"see {match.rule.source_url}" if match.rule.source_url else ""),
        path=str(template),
        line=match.linenumber,
        column=match.columnnumber,
        title=str(match.rule.shortdesc),
        source=str(match.rule.source_url),
        **_end(match),
    )


def _short(message: str) -> str:
    return textwrap.shorten(message, _LONGEST_MESSAGE, placeholder=" ...")


def _crash(message: str) -> str:
    crashed = _CRASHED.match(message)
    if not crashed:
        return message
    whose = "of byoaws " if is_ours(crashed["rule"]) else ""
    return f"rule {crashed['rule']} {whose}crashed, so what it looks for is not known: {crashed['why']}"


def _end(match: Any) -> Mapping[str, int]:
    """Where it ends; cfn-lint says line 1, column 1 where it does not know, and some rules a place before the start."""
    end = (match.linenumberend, match.columnnumberend)
    if end <= (match.linenumber, match.columnnumber):
        return {}
    return {"end_line": end[0], "end_column": end[1]}


def _flaw_of(match: Any, message: str) -> Flaw:
    """cfn-lint gives some syntax errors no place but in their text."""
    places: Sequence[tuple[str, str]] = _YAML_PLACE.findall(message)
    if (match.linenumber, match.columnnumber) != (1, 1) or not places:
        return Flaw(message=message, line=match.linenumber, column=match.columnnumber)
    line, column = places[-1]
    return Flaw(message=message, line=int(line), column=int(column))


def _broken(template: Path, broken: Flaw, *, code: str = NOT_A_TEMPLATE, fix: str = _MEND_FILE) -> Finding:
    return Finding(
        code=code,
        severity="error",
        message=broken.message,
        fix=fix,
        path=str(template),
        line=broken.line,
        column=broken.column,
        title=_TITLES[code],
    )
