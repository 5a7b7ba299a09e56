"""What AWS can refuse or leave unanswered, and what to make of it: the catalogue in `failures.yaml`.

AWS's words are matched, never its silence: what no entry matches stays as AWS said it.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from byoaws import shipped
from byoaws.facts import reader
from byoaws.facts.reader import Reader
from byoaws.vendors.document import parse

_WHOSE = ("customer", "operator", "aws")
_VERDICTS = ("failed", "unknown")
_CODE = re.compile(r"F\d{3}", re.ASCII)
_LONGEST = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One way in which AWS does not give what was asked."""

    code: str
    """Stable, for example `F103`; listed in docs/failures.md."""
    title: str
    operations: tuple[str, ...]
    """Patterns such as `sts:AssumeRole`, `ses:*`; `credentials` is the fetching of our own."""
    aws_codes: frozenset[str]
    kinds: tuple[str, ...]
    """Names of classes in `byoaws.errors`, for what has no code of AWS's, or too many."""
    says: re.Pattern[str] | None
    """What AWS's message must contain."""
    example: str
    """As AWS words it."""
    whose: str
    """Who mends it: customer, operator or aws."""
    verdict: str
    """The worst that it may make of an account: `failed` only where the customer's side is to blame for certain."""
    sees: str
    """What the customer sees."""
    causes: tuple[str, ...]
    """Most likely first."""
    tell_apart: str
    fix: str
    section: str
    """`RUNBOOK` or `RUNBOOK#ANCHOR`."""
    source: str

    def matches(self, operation: str, aws_code: str, message: str, kinds: Iterable[str]) -> bool:
        """Tell whether this is what AWS said."""
        if not any(fnmatchcase(operation, pattern) for pattern in self.operations):
            return False
        if aws_code not in self.aws_codes and not set(kinds) & set(self.kinds):
            return False
        return self.says is None or self.says.search(message) is not None


def find(*, operation: str, aws_code: str, message: str, kinds: Iterable[str]) -> Failure | None:
    """Return the first entry that matches what AWS said.

    Args:
        operation: `service:Operation`.
        aws_code: AWS's error code; empty where there was no answer.
        message: AWS's own words.
        kinds: Names of the error's classes in `byoaws.errors`.
    """
    named = frozenset(kinds)
    return next((one for one in failures() if one.matches(operation, aws_code, message, named)), None)


@functools.cache
def failures() -> tuple[Failure, ...]:
    """Return the catalogue, in the order in which its entries are tried.

    Raises:
        ValueError: the file that was shipped has mistakes.
    """
    document = parse(shipped.folder("byoaws.facts").joinpath("failures.yaml").read_text(encoding="utf-8"))
    top = Reader(document)
    found = tuple(_failure(item) for item in top.groups("failures"))
    top.end()
    if document.problems:
        raise ValueError(f"byoaws/facts/failures.yaml: {document.problems[0].where}: {document.problems[0].message}")
    return found


def _failure(item: Reader) -> Failure:
    says = item.maybe("says", _pattern)
    failure = Failure(
        code=item.get("code", _code, ""),
        title=item.get("title", reader.text, ""),
        operations=tuple(item.get("on", reader.text, "").split()),
        aws_codes=frozenset((item.maybe("aws_codes", _long) or "").split()),
        kinds=tuple((item.maybe("kinds", reader.text) or "").split()),
        says=says,
        example=item.get("example", _long, ""),
        whose=item.get("whose", _one_of(_WHOSE), ""),
        verdict=item.get("verdict", _one_of(_VERDICTS), ""),
        sees=item.get("sees", reader.text, ""),
        causes=item.texts("causes", reader.text),
        tell_apart=item.get("tell_apart", _long, ""),
        fix=item.get("fix", reader.text, ""),
        section=item.get("section", reader.text, ""),
        source=item.get("source", reader.url, ""),
    )
    item.end()
    return failure


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError("is not F and three digits")
    return text


def _long(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST:
        raise ValueError(f"is not printable text of at most {_LONGEST} characters")
    return text


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"is no regular expression ({error})") from None


def _one_of(words: tuple[str, ...]) -> "reader.Check[str]":
    def check(text: str) -> str:
        if text not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return text

    return check
