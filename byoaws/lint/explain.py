"""What a rule is about: the page of one of ours, and what cfn-lint says of one of its own."""

import difflib
import re
import textwrap

from byoaws.errors import UsageError
from byoaws.lint.catalogue import page, rule_files
from byoaws.lint.interface import COULD_NOT_TELL, NOT_A_TEMPLATE

_CODE = re.compile(r"[A-Z]\d{4}")
_WIDTH = 80
_NEAR = 5


def explain(code: str) -> str:
    """Return what there is to read of a rule, in markdown. cfn-lint is imported only for a rule that is not ours.

    Raises:
        UsageError: there is no such rule.
    """
    wanted = code.strip().upper()
    if wanted in rule_files():
        return page(wanted).rstrip("\n") + "\n"
    from byoaws.lint import stock

    configuration = stock.Configuration()
    rules = stock.load_rules(configuration)
    rule = rules.get(wanted) if _CODE.fullmatch(wanted) else None
    if rule is None:
        raise _unknown(code, {*rules, *rule_files()})
    parts = [f"# {wanted}: {rule.shortdesc}", _wrapped(rule.description)]
    if wanted in _OURS:
        parts.append(_wrapped(_OURS[wanted]))
    if rule.source_url:
        parts.append(f"Source: {rule.source_url}")
    return "\n\n".join(parts) + "\n"


_OURS = {
    NOT_A_TEMPLATE: "byoaws also says so of what cfn-lint could not bear: a file that is too large, nested too deep, "
    "or that its aliases make too large.",
    COULD_NOT_TELL: "byoaws also says so where a process that linted the file died. Such a file has neither passed "
    "nor failed: the exit code is 3, unless another finding makes it 1.",
}


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _unknown(code: str, known: set[str]) -> UsageError:
    wanted = code.strip().upper()
    # Most often it is the letter that is wrong.
    same_number = sorted(one for one in known if one[1:] == wanted[1:])
    near = list(dict.fromkeys([*same_number, *difflib.get_close_matches(wanted, sorted(known), n=_NEAR)]))[:_NEAR]
    hint = (
        f"near: {', '.join(near)}"
        if near
        else "a code is a letter and four digits, such as E9101; docs/rules.md has ours"
    )
    return UsageError(f"no rule '{code[:40]}'", hint=hint)
