"""One finding per mistake: what stock rules say of an object of which a rule of ours says all there is to say.

A condition with two keys in it, say, is to the schema ten mistakes: it fits none of ten forms. Ours names the one.
Only what the schema says of form (E3xxx) is left out, and W2010, which tells half of what ours tell of secrets; only
for a finding that is told, at that: one that is ignored folds nothing.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

_OURS = re.compile(r"[EWI]91\d\d")
_FOLDABLE = re.compile(r"E3\d{3}|W2010")


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
