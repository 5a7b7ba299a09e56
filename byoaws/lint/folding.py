"""One finding per mistake: what stock rules say of an object of which a rule of ours says all there is to say.

A condition with two keys in it, say, is to the schema ten mistakes: it fits none of ten forms. Ours names the one.
Only what the schema says of form (E3xxx) is left out, and W2010, which tells half of what ours tell of secrets; only
for a finding that is told, at that: one that is ignored folds nothing. A key that is given twice is told once as well.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from byoaws.lint.interface import NOT_A_TEMPLATE
from byoaws.model import Finding

_OURS = re.compile(r"[EWI]91\d\d")
_FOLDABLE = re.compile(r"E3\d{3}|W2010")
_TWICE = re.compile(r"Duplicate found (?P<quote>['\"])(?P<key>.*)(?P=quote) \(line (?P<line>\d+)\)", re.DOTALL)
_MEND_TWICE = "take one of them out, or give it another name: CloudFormation reads one of them only"


def is_ours(code: str) -> bool:
    """True for the id of a rule of ours."""
    return _OURS.fullmatch(code) is not None


def folded(matches: Iterable[Any]) -> list[Any]:
    """Return one file's matches without those that others of them stand for.

    Args:
        matches: cfn-lint's; each has `rule.id`, may have `path`, and one of ours may have `folds`, a path.
    """
    found = list(matches)
    told = [list(match.folds) for match in found if is_ours(match.rule.id) and getattr(match, "folds", None)]
    return [match for match in found if not _is_told(match, told)]


def _is_told(match: Any, told: Sequence[Sequence[str | int]]) -> bool:
    path = list(getattr(match, "path", None) or ())
    return bool(_FOLDABLE.fullmatch(match.rule.id)) and any(path[: len(folds)] == folds for folds in told)


def keys_told_once(findings: Sequence[Finding]) -> list[Finding]:
    """Return one file's findings, each key that is given again with one, where that is.

    cfn-lint tells of the first mapping that has such keys, and has a finding also where the first of them stands.
    """
    told = [_TWICE.fullmatch(finding.message) if finding.code == NOT_A_TEMPLATE else None for finding in findings]
    first = next((said for said in told if said), None)
    if first is None or sum(said is not None for said in told) == 1:
        return list(findings)
    return [
        _given_again(finding, said["key"], first) if said else finding
        for finding, said in zip(findings, told, strict=True)
        if said is not first
    ]


def _given_again(finding: Finding, key: str, first: re.Match[str]) -> Finding:
    where = f", first on line {first['line']}" if key == first["key"] else ""
    return replace(finding, message=f"'{key}' is given twice{where}", fix=_MEND_TWICE)
